//! The page as one file: the worker's script is a text in this one, the core is base64 in a data block of the page.

import { main } from "./main.js";
import { scriptUrl } from "./trusted.js";

declare const GAIT_VERSION: string;
/** The worker's script, whole. The hash of this script in the page's policy covers it, too. */
declare const GAIT_WORKER: string;

void main({
  version: GAIT_VERSION,
  moduleBytes: async () => {
    const text = document.getElementById("gait-core")?.textContent ?? "";
    const bytes = atob(text.trim());
    return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
  },
  startWorker: () => {
    const url = URL.createObjectURL(new Blob([GAIT_WORKER], { type: "text/javascript" }));
    const worker = new Worker(scriptUrl(url));
    // The worker has fetched its script once it sends or receives; revoking earlier is a race in some browsers.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    return worker;
  },
});
