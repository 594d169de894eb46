// Serves the built site for looking at it and for tests: `npm run serve [-- --port 8080] [--base /some/folder/]`.
// A static host does the same: files, index.html for folders, 404.html for what is missing.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { dist } from "./src/site.mjs";

const types = {
  ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".json": "application/json", ".md": "text/markdown; charset=utf-8", ".png": "image/png", ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
  ".xml": "application/xml", ".zip": "application/zip",
};

/** Starts a server on this machine only. Returns `{ url, close }`. */
export async function serve({ folder = dist, port = 0, base = "/" } = {}) {
  const server = createServer((request, response) => answer(folder, base, request, response));
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

function answer(folder, base, request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = pathname.startsWith(base) ? fileFor(folder, pathname.slice(base.length)) : null;
  if (file?.folder) return response.writeHead(301, { location: `${pathname}/` }).end();
  if (!file) {
    // Only the server knows where the site begins; a page built without an address takes it from here.
    const page = readFileSync(join(folder, "404.html"), "utf8").replace("<meta charset=\"utf-8\">", `$&<base href="${base}">`);
    return response.writeHead(404, { "content-type": types[".html"] }).end(page);
  }
  response.writeHead(200, { "content-type": types[extname(file.path)] ?? "application/octet-stream",
    "content-length": statSync(file.path).size, "cache-control": "no-cache" });
  if (request.method === "HEAD") return response.end();
  return createReadStream(file.path).pipe(response);
}

function fileFor(folder, path) {
  let name;
  try {
    name = normalize(join(folder, decodeURIComponent(path)));
  } catch {
    return null;
  }
  if (name !== folder && !name.startsWith(folder + sep)) return null;
  const wanted = path === "" || path.endsWith("/") ? join(name, "index.html") : name;
  if (!existsSync(wanted)) return null;
  return { path: wanted, folder: statSync(wanted).isDirectory() };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" }, base: { type: "string", default: "/" } } });
  if (!existsSync(join(dist, "index.html"))) {
    console.error("error: www/dist is missing\nhint: npm run build");
    process.exitCode = 1;
  } else {
    const { url } = await serve({ port: Number(values.port), base: `/${values.base.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/") });
    console.log(`${url}  (Ctrl-C ends)`);
  }
}
