//! The one layout of a policy file: blocks indented by two blanks, short lists of scalars between brackets, keys in the
//! order of [`gait_contract::policy_keys`], one blank line between rules, quotes only where they are needed.
//!
//! Comments, anchors, aliases, merge keys and the order of lists and rules stay. `comments` finds the comments,
//! `outline` ties them to the entries they belong to, `write` lays everything out, `quote` writes scalars. Formatting
//! never changes what a policy means, and formatting twice changes nothing.

mod comments;
mod outline;
mod quote;
mod write;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::policy::{Problem, ProblemCode};

use crate::yaml::{self, Kind};

/// The text in the one layout.
///
/// # Errors
/// What is wrong with the text as YAML, and an outermost value that is no mapping. Whether it is a policy otherwise is
/// not looked at.
pub(crate) fn format(text: &str) -> Result<String, Vec<Problem>> {
    let written = yaml::read_as_written(text)?;
    if let Some(root) = written.root().and_then(|root| written.piece(root))
        && !matches!(root.kind, Kind::Map)
    {
        let document = yaml::read(text.as_bytes())?;
        let help = "write `key: value` lines";
        return Err(vec![document.problem(ProblemCode::WrongType, root.at, "a mapping is expected", help)]);
    }
    let outline = outline::Outline::of(&written);
    Ok(write::layout(&written, &outline))
}

#[cfg(test)]
mod tests;
