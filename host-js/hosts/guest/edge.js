// The guest in the edge runtime: the pack is the request, the answer the response.

import module from "gait-js/gait_core.wasm";

import { answer } from "./main.js";

addEventListener("fetch", (event) => {
  const reply = event.request.arrayBuffer().then((pack) => answer(new Uint8Array(pack), module));
  event.respondWith(reply.then((text) => new Response(text)));
});
