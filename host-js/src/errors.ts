//! What the package throws when something went wrong. A negative answer, such as `ok: false`, is not thrown.

import { type Code, FAULTS, type Fault, type SourceErrorKind } from "./contract.js";

/** The error envelope as an Error. Branch on `code`; the wording of `message` may improve. */
export class GaitError extends Error {
  override readonly name = "GaitError";
  /** The envelope, as the core wrote it. */
  readonly fault: Fault;

  constructor(fault: Fault, options?: { cause?: unknown }) {
    super(fault.error, options);
    this.fault = fault;
  }

  /** Stable name of the cause. */
  get code(): Code {
    return this.fault.error_code;
  }
}

/** An error that the host found, with the category and hint that belong to its code. */
export function hostError(code: Code, error: string, cause?: unknown, hint?: string): GaitError {
  const usual = { error, error_code: code, ...FAULTS[code] };
  return new GaitError(hint === undefined ? usual : { ...usual, hint }, cause === undefined ? {} : { cause });
}

/** Something the caller did that cannot be meant. */
export function misuse(error: string, hint: string, cause?: unknown): GaitError {
  return hostError("invalid_input", error, cause, hint);
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Thrown by a {@link World} or a source that cannot do what it was asked for; the core makes a fault of it. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  /** What kind of failure it was. */
  readonly kind: SourceErrorKind;

  constructor(kind: SourceErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
