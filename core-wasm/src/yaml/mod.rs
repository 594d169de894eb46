//! YAML as policies use it: read once, strictly, into a tree that knows where everything stands.
//!
//! `encoding` decides whether bytes are text at all, `events` drives the parser over it, `written` keeps the document
//! as it is written, `resolve` says what it means: aliases and merge keys expanded, every key once. `scalar` reads
//! single values as the types policies ask for. What a policy may say is not decided here.

mod cursor;
mod encoding;
mod events;
mod input;
mod places;
mod resolve;
mod scalar;
mod syntax;
mod tabs;
mod written;

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cell::OnceCell;

use gait_contract::policy::Problem;

use events::Manner;
pub(crate) use scalar::{Mistake, Scalar, Spelling, spelling};
pub(crate) use written::{Kind, Piece, Style, Written};

/// A document and the text it was read from.
pub(crate) struct Document<'t> {
    /// What the document holds; `None` when it is empty or holds nothing but comments.
    pub(crate) root: Option<Node<'t>>,
    text: &'t str,
    /// Where lines begin; found when the first place is asked for.
    lines: OnceCell<Vec<usize>>,
}

/// A range of bytes in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first byte.
    pub(crate) start: usize,
    /// The byte after the last one.
    pub(crate) end: usize,
}

/// A value and its place. What an alias stands for has the place of the alias.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pub(crate) at: Span,
    pub(crate) value: Value<'t>,
}

/// What can stand in a policy.
#[derive(Clone, Debug)]
pub(crate) enum Value<'t> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// An unquoted scalar that is not null: text, or a boolean or number by its spelling.
    Plain(Cow<'t, str>),
    /// Text that cannot be anything else: quoted, a block scalar, or tagged `!!str`.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Node<'t>>),
    /// A mapping. Its keys differ from each other.
    Map(Vec<Entry<'t>>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) key_at: Span,
    pub(crate) value: Node<'t>,
}

/// Reads one document.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text, at most [`gait_contract::limits::POLICY_PROBLEMS`]. An
/// error of syntax is the last one, since nobody knows what was meant by the rest.
pub(crate) fn read(text: &[u8]) -> Result<Document<'_>, Vec<Problem>> {
    document(text, Manner::Policy)
}

/// Reads the first document of another program's file: tags say nothing, keys may be numbers.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_any(text: &[u8]) -> Result<Document<'_>, Vec<Problem>> {
    document(text, Manner::Foreign)
}

fn document(text: &[u8], manner: Manner) -> Result<Document<'_>, Vec<Problem>> {
    let text = encoding::text(text)?;
    let mut document = Document::new(text);
    let mut problems = places::Problems::new(text);
    let written = events::written(text, manner, &mut problems);
    let root = resolve::root(&written, &mut problems);
    let problems = problems.sorted();
    if !problems.is_empty() {
        return Err(problems);
    }
    document.root = root;
    Ok(document)
}

/// Takes the quoted lines out of problems with a text that has none of some keys: whoever names a wrong file must not
/// see its content repeated in a log, least of all a key's.
pub(crate) fn quote_only_if(text: &[u8], keys: &[&str], problems: &mut [Problem]) {
    let text = core::str::from_utf8(text).unwrap_or_default();
    let has = |key: &&str| {
        text.match_indices(*key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or_default();
            after.trim_start_matches(['"', '\'', ' ']).starts_with(':')
        })
    };
    if !keys.iter().any(has) {
        problems.iter_mut().for_each(|problem| problem.source.clear());
    }
}

/// Reads one document as it is written, for a reader that wants its layout. It has been found to be one that [`read`]
/// accepts.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_as_written(text: &str) -> Result<Written<'_>, Vec<Problem>> {
    let text = encoding::text(text.as_bytes())?;
    let mut problems = places::Problems::new(text);
    let written = events::written(text, Manner::Policy, &mut problems);
    resolve::root(&written, &mut problems);
    let problems = problems.sorted();
    if problems.is_empty() { Ok(written) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
