//! Inside a runpack: the ticket footer, what happened, the calls, the receipts, and every member with its digests.

import type {
  InspectedMember,
  Inspection,
  Intent,
  Receipt,
  ResultRecord,
  TimelineEvent,
  VerifyReport,
} from "../../../host-js/src/contract.js";
import { copyButton } from "./copy.js";
import { button, type Child, count, digest, el, facts, pre, size } from "./dom.js";
import type { Contents, Item, Outcome } from "./items.js";
import type { Session } from "./session.js";
import { faultOf, memberRow, rows, section } from "./view_parts.js";

/** Everything below the verdict of a runpack. */
export function contentsOf(
  item: Item,
  outcome: Extract<Outcome, { kind: "runpack" }>,
  report: VerifyReport,
  session: Session,
): HTMLElement[] {
  const { contents, verdict } = outcome;
  const sound = verdict.standing === "sound";
  const parts: HTMLElement[] = [];
  if (sound && contents?.footer !== undefined) {
    parts.push(footerOf(contents.footer));
  }
  const inspection = contents?.inspection;
  parts.push(
    facts(
      ["Run", report.run_id],
      ["Manifest digest", digest(report.manifest_digest)],
      ["Files checked", `${report.files_checked ?? 0}`],
      ["Recorded", inspection?.run?.created_at],
      ["Recorded by", inspection?.producer_version],
      ["Where", inspection?.run && [inspection.run.env.os, inspection.run.env.arch, inspection.run.env.runtime].filter(Boolean).join(" · ")],
      ["Capture", inspection?.capture_mode],
    ),
  );
  if (inspection !== undefined) {
    parts.push(...inside(inspection, report, sound));
  } else if (!item.reading) {
    parts.push(...notInside(item, contents, session));
  }
  return parts;
}

function footerOf(footer: string): HTMLElement {
  const line = el("code", { class: "footer-line" }, footer);
  return el("div", { class: "footer" }, el("h4", {}, "For the ticket"), line, copyButton("Copy the line", footer));
}

function notInside(item: Item, contents: Contents | undefined, session: Session): HTMLElement[] {
  if (contents?.fault !== undefined) {
    return [el("p", {}, "What is inside cannot be shown."), faultOf(contents.fault)];
  }
  const show = button("Show what happened", () => session.read(item));
  return [el("p", { class: "aside" }, show, " Reads the archive once more.")];
}

function inside(inspection: Inspection, report: VerifyReport, sound: boolean): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (!sound) {
    parts.push(el("p", { class: "caution" }, "This is what the file says. It is not sound, so do not take it for what happened."));
  }
  for (const problem of inspection.unreadable ?? []) {
    parts.push(el("p", { class: "caution" }, problem));
  }
  const receipts = inspection.refs?.receipts ?? [];
  const timeline = inspection.run?.timeline ?? [];
  const few = inspection.intents_total <= 20;
  parts.push(
    section(`What happened (${count(inspection.intents_total, "call")})`, few, calls(inspection)),
    section(`Timeline (${count(timeline.length, "event")})`, false, rows(timeline, "No events were recorded.", eventRow, ["Time", "What", "Call"])),
    section(`Receipts (${receipts.length})`, false, rows(receipts, "No receipts were recorded.", receiptRow, ["What", "Where", "Digests", "When"])),
    section(`Members (${inspection.members.length + 1})`, !sound, members(inspection, report)),
  );
  return parts;
}

function calls({ intents, intents_total, results, results_total }: Inspection): HTMLElement {
  const answers = new Map<string, ResultRecord[]>();
  for (const result of results) {
    answers.set(result.intent_id, [...(answers.get(result.intent_id) ?? []), result]);
  }
  const all = results.length === results_total;
  const list = el("ol", { class: "calls" }, ...intents.map((intent) => call(intent, answers.get(intent.intent_id) ?? [], all)));
  const left = intents_total - intents.length;
  return el("div", {}, list, left > 0 && el("p", {}, `${count(left, "more call")} ${left === 1 ? "is" : "are"} in the archive and not shown here.`));
}

function call(intent: Intent, results: ResultRecord[], all: boolean): HTMLElement {
  const first = results[0];
  const status = first?.status ?? (all ? "no result" : "result not shown");
  const item = el(
    "li",
    {},
    el("p", { class: "call-head" }, el("strong", {}, intent.tool_name), " ", el("span", { class: "status" }, status)),
    facts(["Call", intent.intent_id], ["Time", intent.created_at], ["Arguments", digest(intent.args_digest)], ["Result", digest(first?.result_digest)]),
  );
  if (intent.args !== undefined && intent.args !== null) {
    item.append(captured("Arguments as captured", intent.args));
  }
  for (const result of results) {
    if (result.result !== undefined && result.result !== null) {
      item.append(captured("Result as captured", result.result));
    }
  }
  if (results.length > 1) {
    item.append(el("p", { class: "caution" }, `${results.length} results answer this call.`));
  }
  return item;
}

function captured(title: string, value: unknown): HTMLElement {
  return el("details", {}, el("summary", {}, title), pre(JSON.stringify(value, null, 2), 20_000));
}

function eventRow(event: TimelineEvent): Child[] {
  return [event.ts, event.event, event.ref ?? ""];
}

function receiptRow(receipt: Receipt): Child[] {
  const digests = facts(["Query", digest(receipt.query_digest)], ["Content", digest(receipt.content_digest)]);
  const what = [receipt.ref_id, receipt.source_type, receipt.sensitivity_label].filter(Boolean).join(" · ");
  return [what, receipt.source_locator, digests, `${receipt.retrieved_at} (${receipt.redaction_mode})`];
}

/** The manifest is a member, too; what it should be follows from itself. */
function members(inspection: Inspection, report: VerifyReport): HTMLElement {
  const broken = report.hash_mismatches?.find(({ path }) => path === "manifest.json");
  const manifest: InspectedMember = {
    path: "manifest.json",
    bytes: -1,
    expected: broken?.expected ?? inspection.manifest_digest,
    found: broken?.actual ?? inspection.manifest_digest,
  };
  return rows([manifest, ...inspection.members], "", inspectedRow, ["Member", "Is it as listed?", "Digests"]);
}

function inspectedRow({ path, bytes, expected = "", found = "" }: InspectedMember): Child[] {
  const name = el("span", {}, el("bdi", {}, path), bytes < 0 ? undefined : el("span", { class: "bytes" }, size(bytes)));
  return memberRow(name, expected, found);
}
