//! Inside an evidence pack: the runpacks and traces it holds, each verified for itself, and every member with its digests.

import type { PackMember, PackReport } from "../../../host-js/src/contract.js";
import { type Child, digest, el, facts } from "./dom.js";
import type { Inside } from "./verdict.js";
import { memberRow, rows, section } from "./view_parts.js";

/** Everything below the verdict of an evidence pack. */
export function insidePack(report: PackReport, inside: readonly Inside[], sound: boolean): HTMLElement[] {
  const listed = report.members ?? [];
  const strays = (report.undeclared_files ?? []).map((path): PackMember => ({ path }));
  const missing = new Set(report.missing_files ?? []);
  const members = [...listed, ...strays];
  return [
    facts(["Pack", report.pack_id], ["Run", report.run_id], ["Files checked", `${report.files_checked ?? 0}`]),
    section(
      `Runpacks and traces in it (${inside.length})`,
      true,
      rows(inside, "It holds no runpack and no trace, so nothing in it proves more than its digest.", insideRow, ["Member", "Is it sound?", "Who signed"]),
    ),
    section(`Members (${members.length})`, !sound, rows(members, "", (member) => packRow(member, missing), ["Member", "Is it as listed?", "Digests"])),
  ];
}

function insideRow({ contained, key }: Inside): Child[] {
  const what = [contained.kind, contained.name].filter(Boolean).join(" · ");
  const name = el("span", {}, el("bdi", {}, contained.path), el("span", { class: "bytes" }, what));
  const verdict = contained.ok
    ? el("span", { class: "good" }, "Sound")
    : el("span", {}, el("strong", { class: "bad" }, "Not sound"), ` ${contained.error}`);
  return [name, verdict, signedBy(contained.signature_status, key)];
}

function signedBy(status: Inside["contained"]["signature_status"], key: Inside["key"]): Child {
  switch (status) {
    case "verified":
      return key === undefined ? "Verified" : el("span", {}, `Your key “${key.from}” `, digest(key.id));
    case "failed":
      return el("strong", { class: "bad" }, "The signature does not verify");
    case "skipped":
      return "A key you have not supplied: not checked";
    default:
      return "Nobody: it is not signed";
  }
}

function packRow(member: PackMember, missing: ReadonlySet<string>): Child[] {
  const { path, type, expected = "", found = "" } = member;
  const name = el("span", {}, el("bdi", {}, path), type ? el("span", { class: "bytes" }, type) : undefined);
  return memberRow(name, expected, found, expected !== "" && found === "" && !missing.has(path));
}
