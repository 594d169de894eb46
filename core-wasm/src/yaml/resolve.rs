//! From a document as it is written to what it means: aliases stand for what they name, merge keys bring their
//! mapping's keys, and no key stands twice.

use alloc::format;
use alloc::vec::Vec;

use gait_contract::limits::{POLICY_ALIAS_NODES, POLICY_DEPTH, POLICY_PROBLEMS};
use gait_contract::policy::ProblemCode;

use super::places::Problems;
use super::scalar::{Spelling, spelling};
use super::written::{Kind, Style, Written};
use super::{Entry, Node, Span, Value};
use crate::order;

/// Mappings up to this size are searched for equal keys one by one.
const SMALL: usize = 16;

/// The value of the whole document.
pub(super) fn root<'t>(written: &Written<'t>, problems: &mut Problems) -> Option<Node<'t>> {
    let root = written.root()?;
    Some(Resolver { written, problems, expanded: 0, inside: 0, outermost: Span::default() }.node(root, 0))
}

struct Resolver<'w, 't, 'p, 'd> {
    written: &'w Written<'t>,
    problems: &'p mut Problems<'d>,
    /// Pieces that aliases have stood for so far.
    expanded: usize,
    /// How many aliases stand around the piece looked at.
    inside: usize,
    /// Place of the outermost of them.
    outermost: Span,
}

impl<'t> Resolver<'_, 't, '_, '_> {
    /// The value of a piece; `depth` lists and mappings stand around it.
    fn node(&mut self, at: usize, depth: usize) -> Node<'t> {
        let Some(piece) = self.written.piece(at) else { return Node { at: Span::default(), value: Value::Null } };
        let null = Node { at: piece.at, value: Value::Null };
        if self.inside > 0 && !self.affords(depth) {
            return null;
        }
        let value = match &piece.kind {
            Kind::Scalar(text, Style::Plain) if spelling(text) == Spelling::Null => Value::Null,
            Kind::Scalar(text, Style::Plain) => Value::Plain(text.clone()),
            Kind::Scalar(text, _) => Value::Text(text.clone()),
            Kind::Alias(None) => Value::Null,
            Kind::Alias(Some(target)) => {
                if self.inside == 0 {
                    self.outermost = piece.at;
                }
                self.inside += 1;
                let value = self.node(*target, depth).value;
                self.inside -= 1;
                value
            }
            Kind::List => {
                let parts = self.written.parts(at);
                Value::List(parts.map(|part| self.node(part, depth + 1)).collect())
            }
            Kind::Map => Value::Map(self.entries(at, depth)),
        };
        Node { value, ..null }
    }

    /// Whether what aliases stand for stays within the limits; says so where it stops doing that.
    fn affords(&mut self, depth: usize) -> bool {
        if self.expanded > POLICY_ALIAS_NODES {
            return false;
        }
        self.expanded += 1;
        if self.expanded > POLICY_ALIAS_NODES || depth > POLICY_DEPTH {
            // Nothing else is expanded: one such problem says it all.
            self.expanded = POLICY_ALIAS_NODES + 1;
            let message = format!("aliases that stand for more than {POLICY_ALIAS_NODES} values, or too deep ones");
            let help = "write out what the anchors stand for";
            self.problems.add(ProblemCode::YamlTooLarge, self.outermost, message, help);
            return false;
        }
        true
    }

    fn entries(&mut self, at: usize, depth: usize) -> Vec<Entry<'t>> {
        let written = self.written;
        let mut entries: Vec<Entry> = Vec::new();
        // The entries that a merge key brought: from here, up to there, and the key's place.
        let mut merged: Vec<(usize, usize, Span)> = Vec::new();
        let mut parts = written.parts(at);
        while let Some(piece) = parts.next().and_then(|key| written.piece(key)) {
            let value = parts.next();
            let Kind::Scalar(key, style) = &piece.kind else { continue };
            let value = match value {
                Some(value) => self.node(value, depth + 1),
                None => Node { at: piece.at, value: Value::Null },
            };
            if *style == Style::Plain && key == "<<" {
                let start = entries.len();
                match value.value {
                    Value::Map(brought) => entries.extend(brought),
                    _ => self.no_mapping(value.at),
                }
                if merged.last().is_some() {
                    self.problems.add(ProblemCode::DuplicateKey, piece.at, "a second `<<` in one mapping", "keep one");
                }
                merged.push((start, entries.len(), piece.at));
            } else {
                entries.push(Entry { key: key.clone(), key_at: piece.at, value });
            }
        }
        // What an alias stands for was looked at where it is written.
        if self.inside == 0 {
            self.equal_keys(&entries, &merged);
        }
        entries
    }

    fn no_mapping(&mut self, at: Span) {
        let help = "write `<<: *anchor` with the anchor of one mapping";
        self.problems.add(ProblemCode::YamlAlias, at, "`<<` takes one mapping", help);
    }

    fn equal_keys(&mut self, entries: &[Entry], merged: &[(usize, usize, Span)]) {
        if entries.len() <= SMALL {
            for (second, entry) in entries.iter().enumerate() {
                let first = entries.iter().take(second).position(|before| before.key == entry.key);
                if let Some(first) = first {
                    self.equal(entries, first, second, merged);
                }
            }
            return;
        }
        let mut keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_ref()).collect();
        order::by_text(&mut keys, |key| key);
        let mut doubles: Vec<&str> =
            keys.iter().zip(keys.iter().skip(1)).filter(|(one, other)| one == other).map(|(one, _)| *one).collect();
        doubles.dedup();
        // More would not be reported, and looking for each takes time.
        doubles.truncate(POLICY_PROBLEMS);
        for double in doubles {
            let mut places = (0..entries.len()).filter(|at| entries.get(*at).is_some_and(|entry| entry.key == *double));
            let first = places.next().unwrap_or_default();
            for second in places.take(POLICY_PROBLEMS) {
                self.equal(entries, first, second, merged);
            }
        }
    }

    fn equal(&mut self, entries: &[Entry], first: usize, second: usize, merged: &[(usize, usize, Span)]) {
        let (Some(one), Some(other)) = (entries.get(first), entries.get(second)) else { return };
        let merge =
            |place: usize| merged.iter().find(|(from, to, _)| (*from..*to).contains(&place)).map(|(.., at)| *at);
        if let Some(at) = merge(first).or(merge(second)) {
            let own = if merge(first).is_some() { other } else { one };
            let (line, column) = self.problems.place(own.key_at);
            let message = format!("`<<` brings `{}`, which also stands in line {line}, column {column}", own.key);
            self.problems.add(ProblemCode::YamlAlias, at, message, "keep one of them; a merge replaces nothing");
            return;
        }
        let (line, column) = self.problems.place(one.key_at);
        let message = format!("the key `{}` stands here and in line {line}, column {column}", one.key);
        self.problems.add(ProblemCode::DuplicateKey, other.key_at, message, "keep one of them");
    }
}
