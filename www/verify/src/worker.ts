//! The worker: one core, the files as they are needed, and nothing of the page.

import { create } from "../../../core-wasm/dist/gait_core.js";
import { run } from "../../../host-js/src/core.js";
import type { Operations } from "../../../host-js/src/contract.js";
import { GaitError, hostError } from "../../../host-js/src/errors.js";
import { BlobWorld } from "./blob_world.js";
import { look } from "./look.js";
import type { Ask, FromWorker, Progress, ToWorker } from "./protocol.js";

/** The part of the worker's global object that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}

const scope = globalThis as unknown as Scope;
/** Progress is told at most this often, in milliseconds. */
const TELL_EVERY = 50;

let core: WebAssembly.Module | undefined;

scope.onmessage = ({ data }) => {
  if ("module" in data) {
    core = data.module;
  } else if ("look" in data) {
    void look(data.look.name, data.look.blob).then(
      (looked) => scope.postMessage({ id: data.id, looked }),
      (error: unknown) => scope.postMessage({ id: data.id, fault: unreadable(error) }),
    );
  } else {
    void answer(data.id, data.ask);
  }
};

async function answer(id: number, ask: Ask): Promise<void> {
  try {
    if (core === undefined) {
      throw new Error("there is no core yet");
    }
    const world = new BlobWorld(ask.sources, teller(id));
    // What is asked is the page's business; the core refuses what it does not know.
    const op = ask.op as keyof Operations;
    const request = ask.request as Operations[typeof op]["request"];
    scope.postMessage({ id, reply: await run(create(core), op, request, world) });
  } catch (error) {
    const told = error instanceof GaitError ? error : hostError("internal_failure", words(error), error);
    scope.postMessage({ id, fault: told.fault });
  }
}

function teller(id: number): (progress: Progress) => void {
  let last = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - last >= TELL_EVERY) {
      last = now;
      scope.postMessage({ id, progress });
    }
  };
}

function unreadable(error: unknown) {
  return hostError("file_unreadable", `the browser cannot read the file: ${words(error)}`, error).fault;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
