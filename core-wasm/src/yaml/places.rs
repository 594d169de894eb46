//! From byte ranges to what an author sees: line, column, and the line itself.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;

use gait_contract::limits::POLICY_PROBLEMS;
use gait_contract::policy::{Problem, ProblemCode};

use super::{Document, Span};
use crate::order;

/// Longer lines are not quoted: nobody could find the place in them, and a hundred problems would quote a hundred.
const QUOTED_BYTES: usize = 1_000;

/// Problems of one text, as they are found.
pub(super) struct Problems<'t> {
    document: Document<'t>,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { document: Document::new(text), found: Vec::new() }
    }

    /// Notes a problem, unless there are enough.
    pub(super) fn add(&mut self, code: ProblemCode, at: Span, message: impl Into<String>, help: impl Into<String>) {
        if self.found.len() < POLICY_PROBLEMS {
            self.found.push(self.document.problem(code, at, message, help));
        }
    }

    /// Line and column of a place, as messages name it.
    pub(super) fn place(&self, at: Span) -> (usize, usize) {
        self.document.place(at.start)
    }

    /// All of them, in the order of the text.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        order::sort(&mut self.found, &mut |a, b| (a.line, a.column).cmp(&(b.line, b.column)));
        self.found
    }
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { root: None, text, lines: OnceCell::new() }
    }

    /// Something about a place in the text. A line of more than 1,000 bytes is not quoted: its `source` is empty.
    pub(crate) fn problem(
        &self,
        code: ProblemCode,
        at: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Problem {
        let (line, column) = self.place(at.start);
        let start = self.lines().get(line.saturating_sub(1)).copied().unwrap_or_default();
        let end = self.lines().get(line).copied().unwrap_or(self.text.len());
        let source = self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let meant = self.text.get(at.start..at.end.min(start + source.len())).unwrap_or_default();
        Problem {
            code,
            message: message.into(),
            help: help.into(),
            line: number(line),
            column: number(column),
            length: number(meant.chars().count().max(1)),
            source: if source.len() > QUOTED_BYTES { String::new() } else { source.to_string() },
        }
    }

    /// Line and column, both counted from 1, the column in characters.
    fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.lines().partition_point(|start| *start <= offset).max(1);
        let start = self.lines().get(line - 1).copied().unwrap_or_default();
        (line, self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            let mut lines: Vec<usize> = core::iter::once(0).chain(ends.map(|end| end + 1)).collect();
            // After the last line end there is no further line to point at, unless there is no other.
            if lines.len() > 1 && lines.last() == Some(&self.text.len()) {
                lines.pop();
            }
            lines
        })
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
