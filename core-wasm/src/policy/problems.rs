//! Collecting everything that is wrong with a policy's text, so that its author learns it all at once.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::policy::{Problem, ProblemCode};

use crate::yaml::{Document, Mistake, Node, Span, Value};

/// Reads nodes and notes what is wrong with them; the values it returns for those are placeholders.
pub(crate) struct Reader<'d, 't> {
    pub(crate) document: &'d Document<'t>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// The values of a mapping, by the place of their keys in the list that was asked for.
pub(crate) type Fields<'d, 't> = Vec<Option<&'d Node<'t>>>;

/// One element of a list with its place.
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) at: Span,
}

impl<'d, 't> Reader<'d, 't> {
    /// Notes a problem.
    pub(crate) fn problem(&mut self, code: ProblemCode, at: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.document.problem(code, at, message, help));
    }

    /// Notes something the author should know.
    pub(crate) fn warn(&mut self, at: Span, message: impl Into<String>, help: impl Into<String>) {
        self.warnings.push(self.document.problem(ProblemCode::NoEffect, at, message, help));
    }

    fn mistake<T>(&mut self, key: &str, node: &Node, mistake: Mistake) -> Option<T> {
        self.problem(mistake.code, node.at, format!("`{key}`: {}", mistake.message), mistake.help);
        None
    }

    /// The fields of a mapping. Keys gait does not know are problems, unless they begin with `free`.
    pub(crate) fn fields(
        &mut self,
        node: Option<&'d Node<'t>>,
        name: &str,
        known: &[&str],
        free: Option<&str>,
    ) -> Option<Fields<'d, 't>> {
        let node = node?;
        match &node.value {
            Value::Null => None,
            Value::Map(entries) => {
                let mut fields = vec![None; known.len()];
                for entry in entries {
                    if let Some(field) =
                        known.iter().position(|key| *key == entry.key).and_then(|at| fields.get_mut(at))
                    {
                        *field = Some(&entry.value);
                    } else if !free.is_some_and(|free| entry.key.starts_with(free)) {
                        let place = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
                        self.problem(
                            ProblemCode::UnknownKey,
                            entry.key_at,
                            format!("unknown key `{}`{place}", entry.key),
                            suggestion(&entry.key, known),
                        );
                    }
                }
                Some(fields)
            }
            _ => {
                let name = if name.is_empty() { "a policy" } else { name };
                let message = format!("{name}: a mapping is expected, not {}", kind(node));
                self.problem(ProblemCode::WrongType, node.at, message, "write `key: value` lines");
                None
            }
        }
    }

    /// Text without the white space around it; absent is empty.
    pub(crate) fn text(&mut self, node: Option<&'d Node<'t>>, key: &str) -> String {
        let Some(node) = node else { return String::new() };
        match node.text() {
            Ok(text) => text.map(|text| text.trim().to_string()).unwrap_or_default(),
            Err(mistake) => self.mistake(key, node, mistake).unwrap_or_default(),
        }
    }

    /// True or false, if there is anything.
    pub(crate) fn boolean(&mut self, node: Option<&'d Node<'t>>, key: &str) -> Option<bool> {
        let node = node?;
        match node.boolean() {
            Ok(value) => value,
            Err(mistake) => self.mistake(key, node, mistake),
        }
    }

    /// A whole number, if there is anything.
    pub(crate) fn integer(&mut self, node: Option<&'d Node<'t>>, key: &str) -> Option<i64> {
        let node = node?;
        match node.integer() {
            Ok(value) => value,
            Err(mistake) => self.mistake(key, node, mistake),
        }
    }

    /// A whole number that is not negative; absent is 0.
    pub(crate) fn count(&mut self, node: Option<&'d Node<'t>>, key: &str) -> u64 {
        let value = self.integer(node, key).unwrap_or_default();
        match (u64::try_from(value), node) {
            (Err(_), Some(node)) => {
                self.problem(ProblemCode::OutOfRange, node.at, format!("`{key}` is negative"), "use 0 or more");
                0
            }
            (value, _) => value.unwrap_or_default(),
        }
    }

    /// The nodes of a list; absent is empty.
    pub(crate) fn nodes(&mut self, node: Option<&'d Node<'t>>, key: &str) -> &'d [Node<'t>] {
        let Some(node) = node else { return &[] };
        match &node.value {
            Value::Null => &[],
            Value::List(nodes) => nodes,
            _ => {
                let help = format!("write `{key}: [value, …]`, or one `- value` a line");
                let message = format!("`{key}`: a list is expected, not {}", kind(node));
                self.problem(ProblemCode::WrongType, node.at, message, help);
                &[]
            }
        }
    }

    /// The trimmed elements of a list of text, without empty ones.
    pub(crate) fn items(&mut self, node: Option<&'d Node<'t>>, key: &str) -> Vec<Item> {
        let mut items = Vec::new();
        for node in self.nodes(node, key) {
            let text = self.text(Some(node), key);
            if !text.is_empty() {
                items.push(Item { text, at: node.at });
            }
        }
        items
    }

    /// One of some words, in lower case; `None` when there is nothing, or something else.
    pub(crate) fn word(&mut self, node: Option<&'d Node<'t>>, key: &str, words: &[&str]) -> Option<usize> {
        let text = crate::text::lower(&self.text(node, key));
        if text.is_empty() {
            return None;
        }
        let found = words.iter().position(|word| *word == text);
        if let (None, Some(node)) = (found, node) {
            let message = format!("unknown value `{text}` of `{key}`");
            self.problem(ProblemCode::UnknownValue, node.at, message, suggestion(&text, words));
        }
        found
    }
}

/// "did you mean …", or the list of what there is.
pub(crate) fn suggestion(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// What a node is, in an author's words.
fn kind(node: &Node) -> &'static str {
    match &node.value {
        Value::Null => "nothing",
        Value::Plain(_) | Value::Text(_) => "a single value",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// The word that differs least from what was typed, if it is near enough to be meant.
fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    // Nobody mistypes a word into a paragraph, and the comparison costs the product of both lengths.
    if typed.len() > 64 {
        return None;
    }
    let near = known.iter().map(|word| (distance(typed, word), *word)).min_by_key(|(distance, _)| *distance)?;
    (near.0 <= 1 + near.1.len() / 4).then_some(near.1)
}

/// Number of single-letter insertions, removals and replacements between two words, letter case aside.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(right.chars()) {
            let replaced = diagonal + usize::from(!from.eq_ignore_ascii_case(&to));
            diagonal = *cell;
            before = replaced.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, suggestion};

    #[test]
    fn the_nearest_word_is_offered() {
        let keys = ["tool_names", "risk_classes", "args"];
        assert_eq!(suggestion("tool_name", &keys), "did you mean `tool_names`?");
        assert_eq!(suggestion("Tool_Names", &keys), "did you mean `tool_names`?");
        assert_eq!(suggestion("zebra", &keys), "known here: tool_names, risk_classes, args");
        assert_eq!(suggestion("", &["x"]), "did you mean `x`?");
    }

    #[test]
    fn distances_count_single_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
