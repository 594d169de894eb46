//! How a verdict of a policy came about: reasons, rules in order, and the matchers that did not hold.

import type { Explanation, RuleLook, Verdict } from "../../../host-js/src/contract.js";
import { digest, el, facts } from "./dom.js";

/** What a verdict means for the call. */
export const MEANINGS: Readonly<Record<Verdict, string>> = {
  allow: "The call may be executed.",
  dry_run: "The call may be prepared, and is never executed.",
  require_approval: "The call waits until somebody approves it.",
  block: "The call is refused.",
};

/** An explanation, folded where it is long. */
export function explanationOf(explanation: Explanation): HTMLElement {
  const { verdict, rules, fail_closed = [], obligations = [], violations } = explanation;
  const box = el(
    "div",
    { class: "explanation" },
    facts(
      ["Verdict", [el("strong", { class: `verdict-${verdict}` }, verdict), ` ${MEANINGS[verdict]}`]],
      ["Reasons", explanation.reason_codes.join(", ")],
      ["Violations", violations.join(", ")],
      ["Decided by", explanation.matched_rule],
      ["No rule matches", explanation.default_verdict && `so the default holds: ${explanation.default_verdict}`],
      ["Also asked for", obligations.join("; ")],
      ["Policy digest", digest(explanation.policy_digest)],
      ["Intent digest", digest(explanation.intent_digest)],
    ),
  );
  if (fail_closed.length > 0) {
    box.append(el("p", { class: "caution" }, `Failing closed, before any rule: ${fail_closed.join("; ")}`));
  }
  if (rules.length > 0) {
    const left = explanation.rules_left_out ?? 0;
    const head = left > 0 ? `Rules, in order (${left.toLocaleString("en")} more before these did not match)` : "Rules, in order";
    box.append(el("details", { open: rules.length <= 8 }, el("summary", {}, head), el("ol", { class: "rules" }, ...rules.map(ruleOf))));
  }
  return box;
}

function ruleOf(rule: RuleLook): HTMLElement {
  const state = !rule.matched ? "does not match" : rule.outranked ? "matches, outranked by a more severe rule" : "matches";
  const item = el("li", { class: rule.matched ? "matched" : "" }, el("strong", {}, rule.name), ` (${rule.effect}) ${state}`);
  const failed = rule.failed ?? [];
  if (failed.length > 0) {
    item.append(
      el(
        "ul",
        { class: "matchers" },
        ...failed.map(({ matcher, wanted, found }) =>
          el("li", {}, el("code", {}, matcher), ` asks for ${list(wanted)}; the call has ${list(found)}`),
        ),
      ),
    );
  }
  for (const { constraint, codes, before, after } of rule.constraints ?? []) {
    item.append(el("p", {}, `${constraint}: ${codes.join(", ")} turns ${before} into ${after}`));
  }
  return item;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? "nothing" : values.map((value) => `“${value}”`).join(", ");
}
