//! The page's side of the worker: questions in, answers out, progress on the way, and an end at any time.

import type { Fault, Operations } from "../../../host-js/src/contract.js";
import { GaitError } from "../../../host-js/src/errors.js";
import type { Look } from "./look.js";
import type { FromWorker, Progress, ToWorker } from "./protocol.js";

/** Thrown by everything that was under way when the worker was stopped. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** Where the page gets its parts from: files beside it, or itself. */
export interface Parts {
  /** Bytes of the core. */
  moduleBytes(): Promise<Uint8Array<ArrayBuffer>>;
  startWorker(): Worker;
  /** gait's version. */
  version: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  progress: (progress: Progress) => void;
}

/** The core behind a worker. */
export class CoreClient {
  /** SHA-256 of the core's bytes, lower-case hex. */
  readonly digest: string;
  /** What gait calls itself in traces. */
  readonly producer: string;
  readonly #parts: Parts;
  readonly #module: WebAssembly.Module;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker;
  #broken = false;
  #next = 1;

  private constructor(parts: Parts, module: WebAssembly.Module, digest: string) {
    this.#parts = parts;
    this.#module = module;
    this.digest = digest;
    this.producer = `${parts.version}+core.${digest.slice(0, 32)}`;
    this.#worker = this.#start();
  }

  /** Loads and compiles the core. */
  static async load(parts: Parts): Promise<CoreClient> {
    const bytes = await parts.moduleBytes();
    const [module, digest] = await Promise.all([WebAssembly.compile(bytes), sha256(bytes)]);
    return new CoreClient(parts, module, digest);
  }

  /** Recognizes a file. */
  look(name: string, blob: Blob): Promise<Look> {
    return this.#send((id) => ({ id, look: { name, blob } })) as Promise<Look>;
  }

  /** Runs one operation on the files named. A fault is thrown as {@link GaitError}. */
  ask<Op extends keyof Operations>(
    op: Op,
    request: Operations[Op]["request"],
    sources: ReadonlyMap<string, Blob>,
    progress: (progress: Progress) => void = () => undefined,
  ): Promise<Operations[Op]["reply"]> {
    return this.#send((id) => ({ id, ask: { op, request, sources } }), progress) as Promise<Operations[Op]["reply"]>;
  }

  /** Stops whatever runs, in the middle of it if need be, and starts anew. */
  cancel(): void {
    this.#worker.terminate();
    this.#fail(new Cancelled("stopped"));
    this.#broken = false;
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = this.#parts.startWorker();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#heard(data);
    // A worker that cannot start, or runs out of memory: nothing was decided.
    worker.onerror = (event) => {
      this.#broken = true;
      this.#fail(new GaitError(broken(event.message)));
    };
    const first: ToWorker = { module: this.#module };
    worker.postMessage(first);
    return worker;
  }

  #send(message: (id: number) => ToWorker, progress: (progress: Progress) => void = () => undefined): Promise<unknown> {
    if (this.#broken) {
      this.cancel();
    }
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage(message(id));
    });
  }

  #heard(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) {
      return;
    }
    if ("progress" in message) {
      waiting.progress(message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if ("fault" in message) {
      waiting.reject(new GaitError(message.fault));
    } else {
      waiting.resolve("reply" in message ? message.reply : message.looked);
    }
  }

  #fail(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) {
      reject(error);
    }
  }
}

/** Lower-case hex of the SHA-256 of some bytes. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function broken(message: string): Fault {
  return {
    error: `the browser stopped the work: ${message || "no reason given"}`,
    error_code: "core_trap",
    error_category: "internal_failure",
    retryable: false,
    hint: "nothing was decided; close other pages and try again, or use `gait verify`",
  };
}
