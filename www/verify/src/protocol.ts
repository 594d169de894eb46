//! What the page and its worker say to each other. The worker holds the core and the files; the page holds the view.

import type { Fault } from "../../../host-js/src/contract.js";
import type { Look } from "./look.js";

/** What the page tells the worker. The first message hands over the compiled core. */
export type ToWorker =
  | { module: WebAssembly.Module }
  | { id: number; look: { name: string; blob: Blob } }
  | { id: number; ask: Ask };

/** One operation of the core, and what it may read. */
export interface Ask {
  op: string;
  request: unknown;
  /** By the names that the request uses. */
  sources: ReadonlyMap<string, Blob>;
}

/** What the worker tells the page. */
export type FromWorker =
  | { id: number; progress: Progress }
  | { id: number; looked: Look }
  | { id: number; reply: unknown }
  | { id: number; fault: Fault };

/** How far an operation has come. */
export interface Progress {
  /** Bytes read so far; some are read twice, so this may stop at `total`. */
  done: number;
  total: number;
}
