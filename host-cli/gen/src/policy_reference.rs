//! The policy reference: every key of a policy, from the table that its reader knows the keys by.

use std::fmt::Write;

use gait_contract::policy_keys::{PolicyKey, keys_below};

/// Title, path of the mapping, and what to know before reading its keys.
const SECTIONS: &[(&str, &str, &str)] = &[
    ("The policy", "", "Keys of the policy itself that begin with `x-` are free: a place for anchors."),
    ("`fail_closed`", "fail_closed", "What says too little is blocked, and no rule is asked."),
    (
        "`mcp_trust`",
        "mcp_trust",
        "Looked at for every call, after the rules; [the contract](../contracts/mcp.md#server-trust) has the reason codes.",
    ),
    ("A rule", "rules[]", ""),
    ("`match`", "rules[].match", "Each target selector may be satisfied by another target."),
    (
        "Conditions in `match.args`",
        "rules[].match.args.<pointer>",
        "`/amount: 49` is short for `/amount: { equals: 49 }`. Strings are compared as they are after trimming, like the\n\
         args. A `/` inside a key is written `~1` in a pointer, a `~` is written `~0`.",
    ),
    ("`rate_limit`", "rules[].rate_limit", ""),
    ("`dataflow`", "rules[].dataflow", "A constraint never makes a verdict milder."),
    (
        "`endpoint`",
        "rules[].endpoint",
        "Looked at for every target; a declared `endpoint_domain` or `endpoint_class` is judged, and the one that follows\n\
         from the value as well.",
    ),
];

/// `docs/reference/policy.md`: every key with what it takes, its default, its meaning and what is refused.
pub fn policy() -> String {
    let mut page = String::from(
        "<!-- Written by `make gen` from core-wasm/contract/src/policy_keys.rs. -->\n\
         # Policy reference\n\n\
         A policy is one YAML document. Every key is optional unless its row says otherwise; `null` is the same as leaving\n\
         it out. A key that is not on this page is refused, with the nearest one that is.\n\n\
         A *text* is trimmed and keeps its case, a *word* is trimmed and lower-cased. A list is a set: its order means\n\
         nothing, and what stands twice counts once. How YAML itself is read, and what enters the digest, stands in\n\
         [the gate contract](../contracts/gate.md#policies); how to write a policy, in [the guide](../policy_guide.md).\n",
    );
    for (title, parent, preface) in SECTIONS {
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {title}\n\n");
        if !preface.is_empty() {
            let _ = write!(page, "{preface}\n\n");
        }
        page.push_str("| Key | Takes | Without it | Meaning | Refused |\n|---|---|---|---|---|\n");
        for key in keys_below(parent) {
            let cells =
                [format!("`{}`", key.name()), takes(key), key.default.into(), key.meaning.into(), key.refused.into()];
            let cells = cells.map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    page
}

fn takes(key: &PolicyKey) -> String {
    let values: Vec<String> = key.values.iter().map(|value| format!("`{value}`")).collect();
    if values.is_empty() { key.kind.into() } else { format!("{}: {}", key.kind, values.join(", ")) }
}

#[cfg(test)]
mod tests {
    use gait_contract::policy_keys::POLICY_KEYS;

    #[test]
    fn every_key_has_its_line_in_one_section() {
        let page = super::policy();
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, POLICY_KEYS.len());
        assert!(page.contains("| `default_verdict` | word: `allow`, `dry_run`, `require_approval`, `block` |"));
    }
}
