//! A warm instance: it keeps what an operation left there (a compiled policy), and answers small questions at once.
//!
//! Every question is asked and answered without leaving the task, so questions of one instance never meet.

import type { Operations, Step } from "./contract.js";
import { type Core, call, encode, failed, framed, replyOf, type Signature } from "./core.js";
import { hostError, SourceFailure } from "./errors.js";

/** What a question can ask for: documents at hand, and a signature that was made before. */
export interface Desk {
  /** Documents by name. */
  readonly documents?: ReadonlyMap<string, Uint8Array>;
  /** A digest and its signature. */
  readonly signature?: { readonly digest: string; readonly made: Signature };
}

const ENCODER = new TextEncoder();
const NOTHING = new Uint8Array();
/** More steps than any question on documents of the allowed size takes. */
const STEPS = 1_000;

/** An instance, made anew after it failed: what a trap leaves behind is not known, and no verdict may rest on it. */
export class Session {
  readonly #start: () => Core;
  #core: Core | undefined;

  /** `start` makes an instance and prepares it. */
  constructor(start: () => Core) {
    this.#start = start;
    this.#core = start();
  }

  /** Asks the instance; a fault is thrown as a GaitError, and so is a trap, after which the instance is not used again. */
  ask<Op extends keyof Operations>(
    op: Op,
    request: Operations[Op]["request"],
    attached: string | Uint8Array | undefined,
    desk: Desk = {},
  ): Operations[Op]["reply"] {
    const core = this.#core ?? this.#start();
    // Only an instance that came to the end of its operation is used again.
    this.#core = undefined;
    const step = settle(core, op, withAttached(request, attached), desk);
    this.#core = core;
    return replyOf<Op>(step);
  }
}

/** A request, and after a zero byte the document that goes with it. */
export function withAttached(request: unknown, attached: string | Uint8Array | undefined): Uint8Array {
  if (attached === undefined) {
    return encode(request);
  }
  if (typeof attached === "string") {
    return ENCODER.encode(`${JSON.stringify(request)}\0${attached}`);
  }
  const head = ENCODER.encode(`${JSON.stringify(request)}\0`);
  const bytes = new Uint8Array(head.length + attached.length);
  bytes.set(head);
  bytes.set(attached, head.length);
  return bytes;
}

/** Runs an operation to its end with what lies on the desk; the last step. */
export function settle(core: Core, op: string, request: Uint8Array, desk: Desk): unknown {
  let frame = call(core, op, request);
  for (let steps = 0; steps < STEPS; steps += 1) {
    const { json } = framed(frame);
    const step = json as Step<unknown>;
    if ("reply" in step || "fault" in step) {
      return step;
    }
    const answer = served(step, desk);
    frame = answer instanceof Uint8Array ? call(core, "continue", answer) : call(core, "answer", encode(answer));
  }
  throw hostError("core_trap", "the core asks without end");
}

function served(step: Step<unknown>, desk: Desk): ReturnType<typeof failed> | Uint8Array {
  try {
    if ("open" in step) {
      return { size: documentOf(desk, step.open.source).length };
    }
    if ("read" in step) {
      const { source, offset, length } = step.read;
      return documentOf(desk, source).subarray(offset, offset + length);
    }
    if ("write" in step) {
      return NOTHING;
    }
    if ("sign" in step) {
      if (step.sign.digest !== desk.signature?.digest) {
        throw new SourceFailure("signing", "the core wants another digest signed than the one it named");
      }
      return { signature: desk.signature.made };
    }
  } catch (error) {
    return failed(error);
  }
  throw hostError("unknown_op", "the core asked for something this package does not know");
}

function documentOf(desk: Desk, name: string): Uint8Array {
  const document = desk.documents?.get(name);
  if (document === undefined) {
    throw new SourceFailure("not_found", "there is no such source");
  }
  return document;
}
