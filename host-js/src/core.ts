//! The conversation with the core: start an operation, do what its steps ask for, until there is a reply.
//!
//! The core does no I/O; all it gets comes from a {@link World}, and all it gives goes there.

import type { Answer, Operations, Step } from "./contract.js";
import { GaitError, hostError, SourceFailure } from "./errors.js";
import { readFrame } from "./frame.js";

/** One instance of the core: one conversation. The module's glue makes these. */
export interface Core {
  /** Starts an operation or goes on with the running one; the result is the frame of a {@link Step}. */
  call(op: string, request: Uint8Array): Uint8Array;
}

/** Everything an operation can ask of its host. Whatever cannot be done is thrown as {@link SourceFailure}. */
export interface World {
  /** Finds a source and tells its size in bytes. */
  open(source: string): number | Promise<number>;
  /** Exactly `length` bytes, at most 1 MiB, of a source that was opened or of a stream that was written. */
  read(source: string, offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Appends bytes to a stream: `archive` is the result, `scratch/…` is read back and then forgotten. */
  write(stream: string, bytes: Uint8Array): void | Promise<void>;
  /** Signs the 32 bytes that `digest` spells in hexadecimal. */
  sign(digest: string): Signature | Promise<Signature>;
}

/** Who signed, and the standard base64 of the signature. */
export type Signature = Extract<Answer, { signature: unknown }>["signature"];

/** How an operation ended. */
export interface Ending {
  /** The last step: the reply or the fault. */
  readonly step: unknown;
  /** Its frame, byte for byte as the core gave it. */
  readonly frame: Uint8Array;
  /** Number of steps, the last one included. */
  readonly steps: number;
}

const NOTHING = new Uint8Array();

/** Runs one operation and returns its reply; a fault is thrown as {@link GaitError}. */
export async function run<Op extends keyof Operations>(
  core: Core,
  op: Op,
  request: Operations[Op]["request"],
  world: World,
): Promise<Operations[Op]["reply"]> {
  const { step } = await converse(core, op, encode(request), world);
  const last = step as Step<Operations[Op]["reply"]>;
  if ("reply" in last) {
    return last.reply;
  }
  if ("fault" in last) {
    throw new GaitError(last.fault);
  }
  throw hostError("unknown_op", "the core asked for something this package does not know", undefined);
}

/** Serves the steps of one operation until one of them is no request to the world. */
export async function converse(core: Core, op: string, request: Uint8Array, world: World): Promise<Ending> {
  let frame = call(core, op, request);
  for (let steps = 1; ; steps += 1) {
    const { json, bytes } = readFrame(frame);
    const answer = await served(json as Step<unknown>, bytes, world);
    if (answer === undefined) {
      return { step: json, frame, steps };
    }
    frame = answer instanceof Uint8Array ? call(core, "continue", answer) : call(core, "answer", encode(answer));
  }
}

/** The answer to one step; `undefined` when the step wants none. */
async function served(step: Step<unknown>, bytes: Uint8Array, world: World): Promise<Uint8Array | Answer | undefined> {
  try {
    if ("open" in step) {
      return { size: await world.open(step.open.source) };
    }
    if ("read" in step) {
      return await world.read(step.read.source, step.read.offset, step.read.length);
    }
    if ("write" in step) {
      await world.write(step.write.stream, bytes);
      return NOTHING;
    }
    if ("sign" in step) {
      return { signature: await world.sign(step.sign.digest) };
    }
    return undefined;
  } catch (error) {
    // Anything else is a mistake in the world itself, and no answer to give the core.
    if (error instanceof SourceFailure) {
      return { failed: { kind: error.kind, message: error.message } };
    }
    throw error;
  }
}

function call(core: Core, op: string, request: Uint8Array): Uint8Array {
  try {
    return core.call(op, request);
  } catch (error) {
    // A trap, or a stack that ran out: nothing was decided.
    throw hostError("core_trap", `the core stopped: ${error instanceof Error ? error.message : error}`, error);
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
