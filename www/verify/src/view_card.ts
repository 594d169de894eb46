//! One card for each file: the verdict first, then why, who, and what to do; what is inside comes below.

import { button, digest, el, facts, plain, pre, size } from "./dom.js";
import { icon } from "./icons.js";
import type { Item, Outcome } from "./items.js";
import type { Session } from "./session.js";
import type { SignerLine, Verdict } from "./verdict.js";
import { contentsOf } from "./view_contents.js";
import { explanationOf } from "./view_explanation.js";
import { insidePack } from "./view_pack.js";
import { faultOf, longList, problemOf, progressBar } from "./view_parts.js";

/** What the reader calls the kinds. */
const NOUNS: Readonly<Record<Outcome["kind"], string>> = {
  runpack: "Runpack",
  pack: "Evidence pack",
  trace: "Trace",
  token: "Approval token",
  registry: "Registry pack",
  attestation: "Attestation",
  policy: "Policy",
  intent: "Intent",
  unknown: "File",
};

/** Fills the card of an item. */
export function fillCard(card: HTMLElement, item: Item, session: Session): void {
  const { outcome, state } = item;
  const verdict = outcome?.verdict;
  const tone = state !== "done" ? "busy" : verdict === undefined ? "plain" : toneOf(verdict);
  card.className = `card ${tone === "open" ? "unjudged" : tone}`;
  const heading = el("h3", { id: `title-${item.id}`, tabindex: "-1" }, titleOf(item));
  const what = el("p", { class: "what" }, nounOf(outcome), " ", el("bdi", {}, item.name), ` · ${size(item.blob.size)}`);
  const sign = tone === "busy" || tone === "plain" ? "file" : tone;
  const head = el("header", {}, icon(sign), el("div", {}, what, heading, leadOf(item)));
  const parts: HTMLElement[] = [head];
  if (state === "working" || item.reading) {
    parts.push(progressOf(item, session));
  }
  if (state === "done" && outcome !== undefined) {
    if (verdict !== undefined) {
      parts.push(...verdictParts(verdict));
    }
    parts.push(...detailsOf(item, outcome, session));
  }
  const foot = el("p", { class: "card-foot" });
  if (state === "stopped") {
    foot.append(button("Check it again", () => session.retry(item), { class: "main-action" }));
  }
  const remove = button("Remove", () => session.remove(item), { "aria-label": `Remove ${plain(item.name)}` });
  foot.append(remove);
  card.replaceChildren(...parts, foot);
}

/** The verdict in one line, for announcements. */
export function spoken(item: Item): string {
  return `${titleOf(item)}: ${item.name}. ${item.outcome?.verdict?.lead ?? ""}`;
}

/** Updates the bar without touching anything else. */
export function showProgress(card: HTMLElement, progress: { done: number; total: number }): void {
  const bar = card.querySelector("progress");
  const text = card.querySelector(".progress-text");
  if (bar !== null && text !== null && progress.total > 0) {
    bar.max = progress.total;
    bar.value = progress.done;
    text.textContent = `${size(progress.done)} of ${size(progress.total)}`;
  }
}

/** What could not be read is only an archive, whatever it calls itself. */
function nounOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) {
    return "File";
  }
  return outcome.kind === "runpack" && outcome.report === undefined ? "Archive" : NOUNS[outcome.kind];
}

function toneOf(verdict: Verdict): "sound" | "partial" | "unsound" | "open" {
  return verdict.standing === "sound" && !verdict.assured ? "partial" : verdict.standing;
}

function titleOf({ state, outcome }: Item): string {
  if (state === "stopped") {
    return "Cannot be judged: you stopped the check";
  }
  if (state !== "done" || outcome === undefined) {
    return "Checking…";
  }
  if (outcome.verdict !== undefined) {
    return outcome.verdict.title;
  }
  return outcome.kind === "policy" ? "A policy to judge by" : "A call to judge";
}

function leadOf({ state, outcome }: Item): HTMLElement {
  const lead = (text: string) => el("p", { class: "say" }, text);
  if (state === "stopped") {
    return lead("Nothing was decided, for or against it.");
  }
  if (state !== "done" || outcome === undefined) {
    return lead("Nothing is known about it yet.");
  }
  if (outcome.verdict !== undefined) {
    return lead(outcome.verdict.lead);
  }
  return outcome.kind === "policy"
    ? lead("It is in order. Drop an intent to see what it says, and a trace to see whether the recorded verdict follows.")
    : lead("Drop a policy to see what it says about this call, and a trace to see whether the recorded verdict follows.");
}

function progressOf(item: Item, session: Session): HTMLElement {
  const label = item.reading ? `Reading what is in ${plain(item.name)}` : `Checking ${plain(item.name)}`;
  const bar = progressBar(label, () => session.stop(item));
  bar.prepend(el("span", {}, item.reading ? "Reading what happened…" : "Reading…"));
  return bar;
}

function verdictParts(verdict: Verdict): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (verdict.fault !== undefined) {
    parts.push(faultOf(verdict.fault));
  }
  if (verdict.reasons.length > 0) {
    parts.push(longList(verdict.reasons, (reason) => el("li", {}, reason), "reasons"));
  }
  if (verdict.signers.length > 0) {
    parts.push(el("h4", {}, "Who signed"), longList(verdict.signers, signerLine, "signers"));
  }
  return parts;
}

function signerLine({ keyId, key, good, text }: SignerLine): HTMLLIElement {
  const who = key === undefined ? "Unknown key" : `Your key “${key.from}”`;
  return el("li", { class: good ? "good" : "doubtful" }, el("strong", {}, who), " ", digest(keyId), el("span", {}, text));
}

function detailsOf(item: Item, outcome: Outcome, session: Session): HTMLElement[] {
  switch (outcome.kind) {
    case "runpack":
      return outcome.report === undefined ? [] : contentsOf(item, outcome, outcome.report, session);
    case "pack":
      return insidePack(outcome.report, outcome.inside, outcome.verdict.standing === "sound");
    case "trace": {
      const { facts: of } = item.look;
      const said = facts(
        ["Tool", of["tool_name"]],
        ["Recorded verdict", of["verdict"]],
        ["Trace", digest(of["trace_id"])],
        ["Time of the intent", of["created_at"]],
        ["Decided by", of["producer_version"]],
        ["Policy digest", digest(of["policy_digest"])],
        ["Intent digest", digest(of["intent_digest"])],
        ["Approval", of["approval_token_ref"]],
      );
      const { recheck } = outcome;
      if (recheck === undefined) {
        return [said, el("p", { class: "aside" }, "Drop the policy and the intent beside it, and it is judged again here.")];
      }
      const again = el("p", {}, "Judged again with ", el("bdi", {}, recheck.policy), " and ", el("bdi", {}, recheck.intent), coreRemark(recheck.report));
      const shown = recheck.explanation === undefined ? undefined : explanationOf(recheck.explanation);
      return [said, el("h4", {}, "Judged again"), again, ...(recheck.fault ? [faultOf(recheck.fault)] : []), ...(shown ? [shown] : [])];
    }
    case "token": {
      const { facts: of } = item.look;
      return [
        facts(
          ["Approver", of["approver_identity"]],
          ["Reason", of["reason_code"]],
          ["Good for", outcome.report?.entry.scope?.join(", ")],
          ["Given", of["created_at"]],
          ["Expires", of["expires_at"]],
          ["Intent digest", digest(of["intent_digest"])],
          ["Policy digest", digest(of["policy_digest"])],
        ),
      ];
    }
    case "registry": {
      const { report } = outcome;
      return [
        facts(
          ["Pack", report && `${report.pack_name} ${report.pack_version}`],
          ["Publisher", report?.publisher],
          ["Source", report?.pack_source],
          ["Published", item.look.facts["created_at"]],
          ["Digest", digest(report?.digest)],
        ),
      ];
    }
    case "attestation": {
      const { report } = outcome;
      const said = report?.predicate;
      const counts = Object.entries(said?.verdict_counts ?? {}).filter(([, count]) => count > 0);
      return [
        facts(
          ["Run", said?.run_id],
          ["Manifest digest", digest(said?.manifest_digest)],
          ["Evidence pack", said?.pack_id],
          ["Verdicts", counts.map(([verdict, count]) => `${count} ${verdict}`).join(", ")],
          ["Policies", (said?.policy_digests ?? []).map((policy) => digest(policy))],
          ["Core that packed", digest(said?.core_digest)],
          ["Made by", said?.producer_version],
        ),
        ...(report?.subjects ?? []).map(({ name, sha256 }) => facts([name, digest(sha256)])),
      ];
    }
    case "policy": {
      const { report } = outcome;
      if (report === undefined) {
        return [];
      }
      const said = facts(["Digest", digest(report.policy_digest)], ["Rules", `${report.rules}`], ["Where no rule matches", report.default_verdict]);
      return [said, ...(report.warnings ?? []).map(problemOf)];
    }
    case "intent": {
      const { digests } = outcome;
      if (digests === undefined) {
        return [];
      }
      const said = facts(
        ["Tool", text(digests.normalized["tool_name"])],
        ["Intent digest", digest(digests.intent_digest)],
        ["Arguments digest", digest(digests.args_digest)],
      );
      return [said, el("details", {}, el("summary", {}, "The call as it is judged"), pre(JSON.stringify(digests.normalized, null, 2)))];
    }
    default:
      return [];
  }
}

function coreRemark(report: { recorded_core?: string; same_core: boolean } | undefined): string {
  if (report === undefined || report.recorded_core === undefined) {
    return ".";
  }
  return report.same_core ? ", by the very core that decided." : `, by another core than the one that decided (${report.recorded_core}).`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
