// Keeps one whole version of the site, and serves it with or without a network. A new version is fetched whole beside
// the old one and takes over when the reader says so or has closed every page of the site: never half of each.
const version = __VERSION__;
const files = __FILES__;
const prefix = `gait:${self.registration.scope}:`;
const name = prefix + version;

self.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

async function fill() {
  const cache = await caches.open(name);
  // Past the browser's own cache: it may still hold files of an earlier version.
  await cache.addAll(files.map((file) => new Request(new URL(file, self.registration.scope), { cache: "reload" })));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

async function forget() {
  const names = await caches.keys();
  await Promise.all(names.filter((other) => other.startsWith(prefix) && other !== name).map((other) => caches.delete(other)));
}

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.href.startsWith(self.registration.scope);
  if (ours) event.respondWith(answer(event.request, url));
});

async function answer(request, url) {
  const cache = await caches.open(name);
  const address = url.origin + (url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname);
  const kept = await cache.match(address);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    const missing = request.mode === "navigate" && await cache.match(new URL("404.html", self.registration.scope));
    if (missing) return new Response(missing.body, { status: 404, headers: missing.headers });
    throw error;
  }
}
