//! `gait policy …`.

pub mod explain;
pub mod fmt;
pub mod init;
pub mod simulate;
pub mod test;
pub mod validate;

use gait_contract::policy::Problem;

use crate::render::Note;

/// What the author of a policy should know, in one line each.
fn remarks(warnings: &[Problem], path: &str) -> Vec<Note> {
    let remark = |one: &Problem| Note::Warning(format!("{path}:{}:{}: {}", one.line, one.column, one.message));
    warnings.iter().map(remark).collect()
}
