// Serves this folder to this machine, under a content policy that lets the page do nothing but verify: node serve.mjs [PORT]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:";

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://page/").pathname);
  try {
    const body = await readFile(join(".", path === "/" ? "index.html" : path));
    const type = TYPES[extname(path)] ?? "text/html";
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
const port = Number(process.argv[2] ?? 8080);
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
