//! Identifiers, and the lists of substrings that names and reasons are sorted by (scout contract, sections 1 to 3).
//! They are part of published digests, `budget` is a reader and all.

use alloc::string::{String, ToString};

use gait_contract::scout::Driver;

use crate::digest::sha256_hex;
use crate::text::lower;

/// The identifier of a text: letters and digits of ASCII, every other character as one `_`, none at the ends.
pub(super) fn identifier(text: &str) -> String {
    let text = lower(text.trim());
    let mapped: String =
        text.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect();
    let stripped = mapped.trim_matches('_');
    if stripped.is_empty() {
        return sha256_hex(text.as_bytes()).get(..16).unwrap_or_default().to_string();
    }
    stripped.to_string()
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// What a tool does, by its name. The order of the classes is that of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Destructive,
    Execute,
    Read,
    Write,
}

impl Class {
    pub(super) const ALL: [Self; 4] = [Self::Destructive, Self::Execute, Self::Read, Self::Write];

    /// Of a tool.
    pub(super) fn of(tool: &str) -> Self {
        let tool = lower(tool);
        if has(&tool, &["delete", "drop", "destroy", "remove", "purge"]) {
            Self::Destructive
        } else if has(&tool, &["write", "update", "save", "send", "export", "create"]) {
            Self::Write
        } else if has(&tool, &["read", "list", "get", "search", "fetch"]) {
            Self::Read
        } else {
            Self::Execute
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Destructive => "destructive",
            Self::Execute => "execute",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    const fn weight(self) -> u64 {
        match self {
            Self::Destructive => 4,
            Self::Write => 3,
            Self::Execute => 2,
            Self::Read => 1,
        }
    }
}

/// How severe a run is before the size of its family counts (section 2.3).
pub(super) fn severity(classes: &[String], targets: &[String], reasons: &[String]) -> u64 {
    let weight =
        |class: &String| Class::ALL.iter().find(|known| known.word() == class).map_or(1, |known| known.weight());
    let privilege = classes.iter().map(weight).max().unwrap_or(1);
    let any = |texts: &[String], words: &[&str]| texts.iter().any(|text| has(text, words));
    let sensitivity = if any(targets, &["prod", "payment", "finance", "customer", "pii", "db"]) {
        3
    } else if any(targets, &["internal", "staging", "queue"]) {
        2
    } else {
        1
    };
    let posture = if any(reasons, &["policy", "approval", "blocked", "credential"]) { 2 } else { 0 };
    30 * privilege + 15 * sensitivity + 10 * posture + (reasons.len() as u64).min(9)
}

/// What probably changed, by one reason; the first group counts (section 2.4).
pub(super) fn driver(reason: &str) -> Option<Driver> {
    const GROUPS: [(&[&str], Driver); 4] = [
        (&["policy", "approval", "blocked", "credential", "violation"], Driver::PolicyChange),
        (&["diff", "schema", "result_status", "grader", "unexpected_exit_code"], Driver::ToolResultShapeChange),
        (&["ref", "receipt", "retrieval", "source"], Driver::ReferenceSetChange),
        (&["config", "nondeterministic", "runtime", "timeout"], Driver::ConfigurationChange),
    ];
    GROUPS.iter().find(|(words, _)| has(reason, words)).map(|(_, driver)| *driver)
}

/// How risky a tool or server is, by its name (section 3).
pub(super) fn risk(name: &str) -> &'static str {
    let name = lower(name);
    if has(&name, &["delete", "drop", "destroy", "wire", "payment", "transfer"]) {
        "critical"
    } else if has(&name, &["write", "update", "export", "send", "email", "remove", "overwrite"]) {
        "high"
    } else {
        "low"
    }
}

/// The order of risks.
pub(super) fn risk_rank(risk: &str) -> u8 {
    match risk {
        "critical" => 4,
        "high" => 3,
        "medium" => 2,
        _ => 1,
    }
}

/// The id of a run that a text names first: `run_` and what follows of letters, digits, `_` and `-`.
pub(super) fn run_id_in(text: &str) -> Option<&str> {
    let named = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices("run_").find_map(|(start, prefix)| {
        let rest = text.get(start + prefix.len()..)?;
        let length = rest.find(|c| !named(c)).unwrap_or(rest.len());
        (length > 0).then(|| text.get(start..start + prefix.len() + length)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_never_empty() {
        for (text, id) in [
            ("policy: blocked", "policy__blocked"),
            (" Bad Thing! ", "bad_thing"),
            ("ü-x", "x"),
            ("aüb", "a_b"),
            ("", "e3b0c44298fc1c14"),
            ("  \u{a0}", "e3b0c44298fc1c14"),
        ] {
            assert_eq!(identifier(text), id, "{text:?}");
        }
        // What is hashed is the text in lower case, without white space around it.
        assert_eq!(identifier("Ü"), identifier(" ü "));
        assert_ne!(identifier("Ü"), identifier("ö"));
    }

    #[test]
    fn substrings_decide() {
        for (tool, class) in [
            ("spreadsheet.open", Class::Read),
            ("budget", Class::Read),
            ("sendgrid.list", Class::Write),
            ("DROP_everything_read", Class::Destructive),
            ("ping", Class::Execute),
        ] {
            assert_eq!(Class::of(tool), class, "{tool}");
        }
        assert_eq!(driver("result_status_policy"), Some(Driver::PolicyChange));
        assert_eq!(driver("sourcemap"), Some(Driver::ReferenceSetChange));
        assert_eq!(driver("unexpected"), None);
        assert_eq!((risk("Payment Hub"), risk("log-WRITER"), risk("x")), ("critical", "high", "low"));
    }

    #[test]
    fn runs_are_named_inside_texts() {
        for (text, run) in [
            ("job 7/run_p;x", Some("run_p")),
            ("trace_run_p", Some("run_p")),
            ("run_ run_;run_ä run_-", Some("run_-")),
            ("run_run_x!", Some("run_run_x")),
            ("running", None),
            ("run_", None),
        ] {
            assert_eq!(run_id_in(text), run, "{text}");
        }
    }
}
