//! What the package throws when something went wrong. A negative answer, such as `ok: false`, is not thrown.

import { type Code, FAULTS, type Fault, type SourceErrorKind } from "./contract.js";

/** The error envelope as an Error. Branch on `code`; the wording of `message` may improve. */
export class GaitError extends Error {
  override readonly name = "GaitError";
  /** The envelope, as the core wrote it. */
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.error, options);
    this.fault = fault;
  }

  /** Stable name of the cause. */
  get code(): Code {
    return this.fault.error_code;
  }
}

/** An error that the host found, with the category and hint that belong to its code. */
export function hostError(code: Code, error: string, cause: unknown): GaitError {
  return new GaitError({ error, error_code: code, ...FAULTS[code] }, { cause });
}

/** Thrown by a {@link World} or a source that cannot do what it was asked for; the core makes a fault of it. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  /** What kind of failure it was. */
  readonly kind: SourceErrorKind;

  constructor(kind: SourceErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
