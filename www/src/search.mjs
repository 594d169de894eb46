// The search index: pagefind reads the finished pages; only its index and its loader go out, not its widgets.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pagefind from "pagefind";

/** Indexes the given pages into search/; returns how many there are. */
export async function buildSearch(out, urls) {
  const { index, errors } = await pagefind.createIndex({ forceLanguage: "en" });
  check(errors);
  for (const url of urls) {
    const { errors: found } = await index.addHTMLFile({ url, content: readFileSync(join(out, url), "utf8") });
    check(found);
  }
  const { files, errors: failed } = await index.getFiles();
  check(failed);
  for (const { path, content } of files) {
    if (/(^|\/)pagefind-(ui|modular-ui|component-ui|highlight)/.test(path)) continue;
    const file = join(out, "search", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  await pagefind.close();
  return urls.length;
}

function check(errors) {
  if (errors?.length) throw new Error(`the search index: ${errors.join("; ")}`);
}
