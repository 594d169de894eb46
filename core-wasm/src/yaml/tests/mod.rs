//! The reader against documents: what they mean, what is refused and where, and what hostile ones cost.

mod hostile;
mod meaning;
mod refusals;
mod scalars;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::policy::{Problem, ProblemCode};

use super::{Node, Value, read};

/// A document's value on one line: quoted text in quotes, lists and mappings as in flow style.
pub(super) fn shape(text: &str) -> String {
    match read(text.as_bytes()) {
        Ok(document) => document.root.as_ref().map_or_else(|| "nothing".into(), shape_of),
        Err(problems) => panic!("{text:?} is refused: {problems:?}"),
    }
}

pub(super) fn shape_of(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Plain(text) => text.as_ref().into(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(nodes) => format!("[{}]", nodes.iter().map(shape_of).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entry = |entry: &super::Entry| format!("{}: {}", entry.key, shape_of(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What is wrong with a document.
pub(super) fn problems(text: &[u8]) -> Vec<Problem> {
    read(text).err().unwrap_or_default()
}

/// Code, line, column and length of everything that is wrong.
pub(super) fn places(text: &str) -> Vec<(ProblemCode, u32, u32, u32)> {
    problems(text.as_bytes()).iter().map(|found| (found.code, found.line, found.column, found.length)).collect()
}
