//! Reading the project configuration (gate contract, 4.6). What its values stand in for, hosts know.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::config::{ConfigReadRequest, McpServeDefaults, ProjectConfig};
use gait_contract::policy::{Problem, ProblemCode};
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::task::Host;
use crate::yaml::{self, Document, Entry, Node, Value};

/// Answers op `config.read`.
pub(crate) async fn read(host: &Host, request: ConfigReadRequest) -> Result<ProjectConfig, Fault> {
    let text = document::read_within(host, &request.config, limits::POLICY_BYTES).await?;
    project(&text).map_err(|mut problems| {
        yaml::quote_only_if(&text, &["gate", "mcp_serve", "retention"], &mut problems);
        invalid(&request.config, problems)
    })
}

fn project(text: &[u8]) -> Result<ProjectConfig, Vec<Problem>> {
    let document = yaml::read(text)?;
    let mut config = ProjectConfig::default();
    let mut problems = Vec::new();
    let root = document.root.as_ref().map(|root| entries(&document, root, "the configuration", &mut problems));
    for entry in root.unwrap_or_default() {
        let section = &entry.value;
        match &*entry.key {
            "gate" => {
                let gate = &mut config.gate;
                texts(&document, section, "`gate`", &mut |key, text| put(gate.place(key), text), &mut problems);
            }
            "mcp_serve" => {
                let serve = config.mcp_serve.insert(McpServeDefaults::default());
                texts(&document, section, "`mcp_serve`", &mut |key, text| put(serve.place(key), text), &mut problems);
            }
            "retention" => {
                let kept = &mut config.retention;
                texts(&document, section, "`retention`", &mut |key, text| put(kept.place(key), text), &mut problems);
            }
            _ => {}
        }
    }
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

/// Puts a value where its key belongs; false for a key that gait does not know. Without a value it only tells that.
fn put(place: Option<&mut String>, text: Option<String>) -> bool {
    match (place, text) {
        (Some(place), Some(text)) => {
            *place = text;
            true
        }
        (place, _) => place.is_some(),
    }
}

/// Reads the keys of a section that are known; all of them take text.
fn texts(
    document: &Document<'_>,
    node: &Node<'_>,
    what: &str,
    put: &mut dyn FnMut(&str, Option<String>) -> bool,
    problems: &mut Vec<Problem>,
) {
    for entry in entries(document, node, what, problems) {
        if !put(&entry.key, None) {
            continue;
        }
        match entry.value.text() {
            Ok(text) => {
                put(&entry.key, Some(text.map(|text| text.trim().to_string()).unwrap_or_default()));
            }
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
        .hint("keys below `gate`, `mcp_serve` and `retention` take text; `--no-config` does without a configuration");
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
    fn services_and_retention_are_read_as_they_are_spelled() {
        let text = "mcp_serve:\n  enabled: true\n  max_request_bytes: 1048576\nretention:\n  trace_ttl: 168h\n";
        let config = project(text.as_bytes()).unwrap();
        let serve = config.mcp_serve.unwrap();
        assert_eq!((&*serve.enabled, &*serve.max_request_bytes, &*serve.listen), ("true", "1048576", ""));
        assert_eq!((&*config.retention.trace_ttl, config.gate.is_empty()), ("168h", true));
        assert!(project(b"mcp_serve:\n").unwrap().mcp_serve.is_some_and(|serve| serve.is_empty()));
        assert_eq!(codes("mcp_serve: {listen: [a]}\nretention: {trace_ttl: {a: b}}\n"), [ProblemCode::WrongType; 2]);
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
