//! Cards about more than one file: what a policy says about an intent, and what two runpacks do not share.

import type { DiffSummary } from "../../../host-js/src/contract.js";
import { button, el, plain, pre } from "./dom.js";
import { icon } from "./icons.js";
import { type Answer, type Comparison, type Item, ofKind } from "./items.js";
import type { Session } from "./session.js";
import { explanationOf, MEANINGS } from "./view_explanation.js";
import { faultOf, progressBar } from "./view_parts.js";

/** What a policy says about an intent: an answer, and no judgement on the files. */
export function answerCard(answer: Answer): HTMLElement {
  const { explanation, fault } = answer;
  const title = explanation === undefined ? "Cannot be judged" : `The policy says: ${explanation.verdict}`;
  const what = el("p", { class: "what" }, "Policy ", el("bdi", {}, answer.policy), " about intent ", el("bdi", {}, answer.intent));
  const lead = explanation && el("p", { class: "say" }, MEANINGS[explanation.verdict]);
  const head = el("header", {}, icon("file"), el("div", {}, what, el("h3", {}, title), lead));
  const caution = el("p", {}, "From policy and intent alone: approvals, rate limits and credentials are not looked at.");
  return el("article", { class: "card plain answer" }, head, explanation && explanationOf(explanation), fault && faultOf(fault), caution);
}

/** The comparison of two runpacks; `undefined` while there are fewer than two. */
export function comparisonCard(session: Session): HTMLElement | undefined {
  const runpacks = ofKind(session.items, "runpack").filter(({ outcome }) => outcome.report !== undefined);
  const { comparison } = session;
  if (runpacks.length < 2) {
    return undefined;
  }
  const card = el("article", { class: "card plain comparison", id: "comparison" });
  const title = comparison?.state === "done" ? titleOf(comparison) : comparison?.state === "working" ? "Comparing…" : "Compare two runpacks";
  const what = comparison && el("p", { class: "what" }, el("bdi", {}, comparison.left.name), " and ", el("bdi", {}, comparison.right.name));
  card.append(el("header", {}, icon("file"), el("div", {}, what, el("h3", { tabindex: "-1" }, title))));
  if (comparison?.state === "working") {
    card.append(progressBar("Comparing", () => session.stop(comparison)));
  }
  if (comparison?.diff !== undefined) {
    card.append(summaryOf(comparison.diff.summary, comparison));
  }
  if (comparison?.fault !== undefined) {
    card.append(faultOf(comparison.fault));
  }
  card.append(chooser(runpacks, session));
  return card;
}

function titleOf({ diff }: Comparison): string {
  return diff === undefined ? "Cannot be compared" : diff.ok ? "The same calls, results and receipts" : "They differ";
}

function summaryOf(summary: DiffSummary, { left, right }: Comparison): HTMLElement {
  const lines: [boolean, string][] = [
    [summary.manifest_changed, "Schema, capture mode or the list of members differ."],
    [summary.intents_changed, "The calls differ."],
    [summary.results_changed, "The results differ."],
    [summary.refs_changed, "The receipts differ."],
  ];
  const changed = lines.filter(([is]) => is).map(([, text]) => el("li", {}, text));
  const box = el("div", {}, el("ul", { class: "reasons" }, ...(changed.length > 0 ? changed : [el("li", {}, "Nothing that counts differs. Names, times and producers may.")])));
  const only: [string, string[] | undefined][] = [
    [`Members on one side only`, summary.files_changed],
    [`Calls only in ${left.name}`, summary.left_only_intents],
    [`Calls only in ${right.name}`, summary.right_only_intents],
    [`Results only in ${left.name}`, summary.left_only_results],
    [`Results only in ${right.name}`, summary.right_only_results],
  ];
  for (const [head, ids = []] of only) {
    if (ids.length > 0) {
      box.append(el("details", { open: ids.length <= 10 }, el("summary", {}, `${head} (${ids.length})`), pre(ids.join("\n"))));
    }
  }
  const pairs = differingCalls(left, right);
  if (pairs.length > 0) {
    box.append(el("details", { open: true }, el("summary", {}, "Calls on both sides that are not alike"), el("ul", {}, ...pairs)));
  }
  return box;
}

/** What differs in calls that both sides show. The core says that there is a difference; this says where to look. */
function differingCalls(left: Item, right: Item): HTMLElement[] {
  const shown = (item: Item) => (item.outcome?.kind === "runpack" ? item.outcome.contents?.inspection : undefined);
  const [one, other] = [shown(left), shown(right)];
  if (one === undefined || other === undefined) {
    return [];
  }
  const lines: HTMLElement[] = [];
  for (const intent of one.intents) {
    const twin = other.intents.find(({ intent_id }) => intent_id === intent.intent_id);
    const answers = [one, other].map(({ results }) => results.find(({ intent_id }) => intent_id === intent.intent_id));
    const differs: string[] = [];
    if (twin !== undefined && twin.tool_name !== intent.tool_name) {
      differs.push(`tool “${intent.tool_name}” and “${twin.tool_name}”`);
    }
    if (twin !== undefined && twin.args_digest !== intent.args_digest) {
      differs.push("arguments");
    }
    if (answers[0] && answers[1] && answers[0].status !== answers[1].status) {
      differs.push(`status “${answers[0].status}” and “${answers[1].status}”`);
    }
    if (answers[0] && answers[1] && answers[0].result_digest !== answers[1].result_digest) {
      differs.push("result");
    }
    if (differs.length > 0) {
      lines.push(el("li", {}, el("strong", {}, intent.intent_id), ` ${intent.tool_name}: ${differs.join(", ")}`));
    }
  }
  return lines;
}

function chooser(runpacks: readonly Item[], session: Session): HTMLElement {
  const select = (id: string, label: string, side: 0 | 1, otherwise: Item | undefined) => {
    const chosen = runpacks.find((item) => item.id === session.chosen[side]) ?? otherwise;
    const list = el("select", { id }, ...runpacks.map((item) => {
      const option = el("option", { value: `${item.id}` }, plain(item.name));
      option.selected = item === chosen;
      return option;
    }));
    // The card is built anew whenever something changes; what was chosen stays chosen.
    list.addEventListener("change", () => {
      session.chosen[side] = Number(list.value);
    });
    return { list, whole: el("span", {}, el("label", { for: id }, label), " ", list) };
  };
  const left = select("compare-left", "Compare", 0, session.comparison?.left ?? runpacks[0]);
  const right = select("compare-right", "with", 1, session.comparison?.right ?? runpacks[1]);
  const of = (list: HTMLSelectElement) => runpacks.find((item) => `${item.id}` === list.value);
  const compare = button("Compare", () => {
    const [one, other] = [of(left.list), of(right.list)];
    if (one && other) {
      session.compare(one, other);
    }
  });
  return el("p", { class: "chooser" }, left.whole, " ", right.whole, " ", compare);
}
