//! Reading the project configuration (gate contract, 4.6). What its values stand in for, hosts know.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use gait_contract::config::{ConfigReadRequest, GateDefaults, ProjectConfig};
use gait_contract::policy::{Problem, ProblemCode};
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::task::Host;
use crate::yaml::{self, Document, Entry, Node, Value};

/// Answers op `config.read`.
pub(crate) async fn read(host: &Host, request: ConfigReadRequest) -> Result<ProjectConfig, Fault> {
    let text = document::read_within(host, &request.config, limits::POLICY_BYTES).await?;
    project(&text).map_err(|mut problems| {
        yaml::quote_only_if(&text, &["gate"], &mut problems);
        invalid(&request.config, problems)
    })
}

fn project(text: &[u8]) -> Result<ProjectConfig, Vec<Problem>> {
    let document = yaml::read(text)?;
    let mut config = ProjectConfig::default();
    let mut problems = Vec::new();
    let root = document.root.as_ref().map(|root| entries(&document, root, "the configuration", &mut problems));
    for entry in root.unwrap_or_default() {
        if entry.key == "gate" {
            gate(&document, &entry.value, &mut config.gate, &mut problems);
        }
    }
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

fn gate(document: &Document<'_>, node: &Node<'_>, gate: &mut GateDefaults, problems: &mut Vec<Problem>) {
    for entry in entries(document, node, "`gate`", problems) {
        let Some(place) = gate.place(&entry.key) else { continue };
        match entry.value.text() {
            Ok(text) => *place = text.map(|text| text.trim().to_string()).unwrap_or_default(),
            Err(mistake) => {
                let message = format!("`{}`: {}", entry.key, mistake.message);
                problems.push(document.problem(mistake.code, entry.value.at, message, mistake.help));
            }
        }
    }
}

/// The keys of a mapping; nothing has none.
fn entries<'d, 't>(
    document: &Document<'t>,
    node: &'d Node<'t>,
    what: &str,
    problems: &mut Vec<Problem>,
) -> &'d [Entry<'t>] {
    match &node.value {
        Value::Map(entries) => return entries,
        Value::Null => {}
        Value::Plain(_) | Value::Text(_) | Value::List(_) => {
            let (message, help) = (format!("{what} is no mapping"), "write `key: value` lines below it");
            problems.push(document.problem(ProblemCode::WrongType, node.at, message, help));
        }
    }
    &[]
}

fn invalid(source: &str, problems: Vec<Problem>) -> Fault {
    let Some(first) = problems.first() else {
        return Fault::new(Code::ConfigInvalid, "the project configuration is not valid").at(source);
    };
    let what = format!("the project configuration is not valid: {}", first.message);
    let mut fault = Fault::new(Code::ConfigInvalid, what)
        .at(format!("{source}:{}:{}", first.line, first.column))
        .hint("keys below `gate` take text; `--no-config` does without a configuration");
    fault.problems = problems;
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<ProblemCode> {
        project(text.as_bytes()).map(|_| ()).unwrap_err().iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn known_keys_are_read_and_others_left_alone() {
        let text = "gate:\n  policy: \" p.yaml \"\n  key_mode: prod\n  unknown: [1]\n  profile:\nother: {a: b}\n";
        let gate = project(text.as_bytes()).unwrap().gate;
        assert_eq!((&*gate.policy, &*gate.key_mode, &*gate.profile), ("p.yaml", "prod", ""));
        for nothing in ["", "  \n", "# nothing\n", "gate:\n", "gate: {}\n", "null\n", "other: 1\n"] {
            assert_eq!(project(nothing.as_bytes()).unwrap(), ProjectConfig::default(), "{nothing:?}");
        }
    }

    #[test]
    fn whatever_is_no_text_is_refused() {
        use ProblemCode::{DuplicateKey, WrongType};
        assert_eq!(codes("gate:\n  policy: [a]\n  profile: {a: b}\n"), [WrongType, WrongType]);
        assert_eq!(codes("gate: text\n"), [WrongType]);
        assert_eq!(codes("- gate\n"), [WrongType]);
        assert_eq!(codes("gate:\n  policy: a\n  policy: b\n"), [DuplicateKey]);
        assert!(!codes("gate: [1\n").is_empty());
    }
}
