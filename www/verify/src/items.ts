//! What the page knows of each file that was dropped, and of pairs of them.

import type {
  ApprovalReport,
  AttestationReport,
  Diff,
  Explanation,
  Fault,
  Inspection,
  IntentDigests,
  PackReport,
  PolicyReport,
  Recheck,
  RegistryReport,
  TraceReport,
  VerifyReport,
} from "../../../host-js/src/contract.js";
import type { Look } from "./look.js";
import type { Progress } from "./protocol.js";
import type { Inside, Verdict } from "./verdict.js";

/** One file. */
export interface Item {
  readonly id: number;
  /** Files that came together share a number. */
  readonly drop: number;
  /** What operations call it; unlike any other item's. */
  readonly name: string;
  readonly blob: Blob;
  readonly look: Look;
  /** `waiting` and `working` have no outcome yet, or one that is being renewed. */
  state: "waiting" | "working" | "done" | "stopped";
  /** Set while a second, slower look into the archive runs. */
  reading: boolean;
  progress?: Progress;
  outcome?: Outcome;
}

/** What came out. Artifacts have verdicts; a policy or an intent has one only when it was refused. */
export type Outcome =
  | { kind: "runpack"; verdict: Verdict; report?: VerifyReport; contents?: Contents }
  | { kind: "pack"; verdict: Verdict; report: PackReport; inside: Inside[] }
  | { kind: "trace"; verdict: Verdict; report?: TraceReport; recheck?: Rechecked }
  | { kind: "token"; verdict: Verdict; report?: ApprovalReport; against: string }
  | { kind: "registry"; verdict: Verdict; report?: RegistryReport }
  | { kind: "attestation"; verdict: Verdict; report?: AttestationReport }
  | { kind: "policy"; verdict?: Verdict; report?: PolicyReport }
  | { kind: "intent"; verdict?: Verdict; digests?: IntentDigests }
  | { kind: "unknown"; verdict: Verdict };

/** A look into a sound or unsound runpack. */
export interface Contents {
  inspection?: Inspection;
  /** The line for the ticket; only a sound runpack has one. */
  footer?: string;
  /** Why the look failed. */
  fault?: Fault;
}

/** A trace that was judged again. */
export interface Rechecked {
  policy: string;
  intent: string;
  /** Documents that are not the ones the trace names. */
  others: string[];
  report?: Recheck;
  explanation?: Explanation;
  fault?: Fault;
}

/** What a policy says about an intent. */
export interface Answer {
  policy: string;
  intent: string;
  explanation?: Explanation;
  fault?: Fault;
}

/** What two runpacks have in common, and what not. */
export interface Comparison {
  left: Item;
  right: Item;
  state: "waiting" | "working" | "done" | "stopped";
  progress?: Progress;
  diff?: Diff;
  fault?: Fault;
}

/** The items of one kind. */
export function ofKind<Kind extends Outcome["kind"]>(
  items: readonly Item[],
  kind: Kind,
): (Item & { outcome: Extract<Outcome, { kind: Kind }> })[] {
  type Wanted = Item & { outcome: Extract<Outcome, { kind: Kind }> };
  return items.filter((item): item is Wanted => item.outcome?.kind === kind);
}
