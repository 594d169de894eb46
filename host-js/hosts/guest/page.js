// The guest in a browser, as unbundled modules: the pack is fetched from the page's own server.

import { answer } from "./main.js";

const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

globalThis.answered = (async () => {
  const module = await WebAssembly.compile(await bytes("/node_modules/gait-js/dist/gait_core.wasm"));
  return answer(await bytes("/pack"), module);
})();
