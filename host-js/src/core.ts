//! The conversation with the core: start an operation, do what its steps ask for, until there is a reply.
//!
//! The core does no I/O; all it gets comes from a {@link World}, and all it gives goes there.

import type { Signal } from "./api.js";
import type { Answer, Operations, Step } from "./contract.js";
import { GaitError, hostError, SourceFailure, wordsOf } from "./errors.js";
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

/** Milliseconds of work after which the host's other tasks get their turn: clicks, messages, timers. */
const PATIENCE = 40;

const NOTHING = new Uint8Array();
const ENCODER = new TextEncoder();

/** Runs one operation and returns its reply; a fault is thrown as {@link GaitError}. */
export async function run<Op extends keyof Operations>(
  core: Core,
  op: Op,
  request: Operations[Op]["request"],
  world: World,
  signal?: Signal,
): Promise<Operations[Op]["reply"]> {
  const { step } = await converse(core, op, encode(request), world, signal);
  return replyOf<Op>(step);
}

/** The reply in an operation's last step. */
export function replyOf<Op extends keyof Operations>(step: unknown): Operations[Op]["reply"] {
  const last = step as Step<Operations[Op]["reply"]>;
  if ("reply" in last) {
    return last.reply;
  }
  if ("fault" in last) {
    throw new GaitError(last.fault);
  }
  throw hostError("unknown_op", "the core asked for something this package does not know");
}

/** Serves the steps of one operation until one of them is no request to the world. */
export async function converse(
  core: Core,
  op: string,
  request: Uint8Array,
  world: World,
  signal?: Signal,
): Promise<Ending> {
  heed(signal);
  let frame = call(core, op, request);
  let rested = Date.now();
  for (let steps = 1; ; steps += 1) {
    const { json, bytes } = framed(frame);
    const answer = await served(json as Step<unknown>, bytes, world);
    if (answer === undefined) {
      return { step: json, frame, steps };
    }
    // Bytes at hand are served without ever leaving this task, so nobody else would get a word in.
    if (Date.now() - rested > PATIENCE) {
      await new Promise((resolve) => setTimeout(resolve));
      rested = Date.now();
    }
    heed(signal);
    frame = answer instanceof Uint8Array ? call(core, "continue", answer) : call(core, "answer", encode(answer));
  }
}

/** Throws the reason of a signal that was given. */
export function heed(signal: Signal | undefined): void {
  if (signal?.aborted) {
    throw signal.reason ?? hostError("internal_failure", "the operation was ended by its caller");
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
    return failed(error);
  }
}

/** What the core is told about a failure. Anything unforeseen is a mistake in the world, and no answer to give. */
export function failed(error: unknown): Answer {
  if (error instanceof SourceFailure) {
    return { failed: { kind: error.kind, message: error.message } };
  }
  throw error;
}

/** One call of the core. Whatever it throws leaves the instance in a state that nobody knows. */
export function call(core: Core, op: string, request: Uint8Array): Uint8Array {
  try {
    return core.call(op, request);
  } catch (error) {
    // A trap, or a stack that ran out: nothing was decided.
    throw hostError("core_trap", `the core stopped: ${wordsOf(error)}`, error);
  }
}

/** A frame taken apart; one that is none comes from a core that went wrong. */
export function framed(frame: Uint8Array): ReturnType<typeof readFrame> {
  try {
    return readFrame(frame);
  } catch (error) {
    throw hostError("core_trap", `the core said something unreadable: ${wordsOf(error)}`, error);
  }
}

/** A value as the bytes of its JSON. */
export function encode(value: unknown): Uint8Array {
  return ENCODER.encode(JSON.stringify(value));
}
