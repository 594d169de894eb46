//! The page on the site: core and worker are files beside the script.

import { main } from "./main.js";
import { scriptUrl } from "./trusted.js";

declare const GAIT_VERSION: string;

void main({
  version: GAIT_VERSION,
  moduleBytes: async () => {
    const response = await fetch(new URL("gait_core.wasm", import.meta.url));
    if (!response.ok) {
      throw new Error(`the core cannot be had: ${response.status}`);
    }
    return new Uint8Array(await response.arrayBuffer());
  },
  startWorker: () => new Worker(scriptUrl(new URL("worker.js", import.meta.url).href)),
});
