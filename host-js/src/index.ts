//! gait for JavaScript: the core that the command runs, answering from Node.

import type { VerifyReport, VerifyRequest } from "./contract.js";
import { type Core, run } from "./core.js";
import { create } from "./gait_core.js";
import { coreBytes } from "./node.js";
import { type Input, ReadingWorld, sourceOf } from "./sources.js";

export type * from "./contract.js";
export { GaitError, SourceFailure } from "./errors.js";
export { file } from "./node.js";
export type { Input, Opened, Source } from "./sources.js";

/** How a runpack is verified. */
export type VerifyOptions = Omit<VerifyRequest, "archive">;

/** The core, ready to answer. */
export interface Gait {
  /** SHA-256 of the core's bytes, lower-case hex: the digest that `gait version --json` and `core.lock` name. */
  readonly digest: string;
  /** Tells whether a runpack is what it claims to be. `ok: false` is an answer; what cannot be read is thrown. */
  verify(runpack: Input, options?: VerifyOptions): Promise<VerifyReport>;
}

/** Loads the core that came with this package. Load once and keep the result: every call gets an instance of its own. */
export async function loadGait(): Promise<Gait> {
  const bytes = await coreBytes();
  const module = await WebAssembly.compile(bytes);
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return { digest, verify: (runpack, options) => verify(create(module), runpack, options) };
}

async function verify(core: Core, runpack: Input, options: VerifyOptions = {}): Promise<VerifyReport> {
  const source = sourceOf(runpack);
  const archive = source.name ?? "runpack";
  const world = new ReadingWorld(archive, source);
  try {
    return await run(core, "verify", { ...options, archive }, world);
  } finally {
    await world.close();
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
