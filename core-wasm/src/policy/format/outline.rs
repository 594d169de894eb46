//! The entries of mappings and elements of lists as lines of the file, each with its comments.
//!
//! A comment on a line of its own belongs to what follows it, unless it is indented like what stands before it: then
//! it ends that mapping or list. A comment behind something belongs to that.

use alloc::vec;
use alloc::vec::Vec;

use super::comments::{self, Comment, comments};
use crate::yaml::{Kind, Piece, Written};

/// No line, no comment.
const NONE: usize = usize::MAX;

/// An entry of a mapping or an element of a list.
pub(super) struct Line {
    /// The piece of the key, in a mapping.
    pub(super) key: Option<usize>,
    /// The piece of the value.
    pub(super) value: usize,
    /// The line whose value this one is part of.
    up: usize,
    /// The line that follows this one and all that is part of its value.
    pub(super) next: usize,
    /// Where it begins.
    start: usize,
    /// Blanks before it on its line, dashes counted as blanks.
    column: usize,
    /// Where the brackets end that it stands in; 0 when it stands in none.
    brackets_end: usize,
    /// The line above it is empty.
    pub(super) below_blank: bool,
}

/// A document as lines, with its comments tied to them.
pub(super) struct Outline {
    lines: Vec<Line>,
    comments: Vec<Comment>,
    /// For every line the first comment before it, behind it, and at the end of its value.
    first: Vec<[usize; 3]>,
    /// For every comment the next one at the same place.
    following: Vec<usize>,
    /// The first comment at the start of the document, and the first one at its end.
    head: usize,
    last: usize,
}

/// Where a comment stands, seen from its line.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Before,
    Behind,
    /// Below the last part of the line's value.
    Foot,
}

impl Outline {
    pub(super) fn of(written: &Written) -> Self {
        let lines = lines(written);
        let comments = comments(written);
        let places: Vec<_> = comments.iter().map(|comment| place(written, &lines, comment)).collect();
        let heading = heading(&lines, &comments);
        let mut outline = Self {
            first: vec![[NONE; 3]; lines.len()],
            following: vec![NONE; comments.len()],
            head: NONE,
            last: NONE,
            lines,
            comments,
        };
        // From the last to the first, so that every chain is in the order of the text.
        for (comment, (line, side)) in places.into_iter().enumerate().rev() {
            let first = match outline.first.get_mut(line).and_then(|sides| sides.get_mut(side as usize)) {
                _ if comment < heading => &mut outline.head,
                Some(first) => first,
                None => &mut outline.last,
            };
            if let Some(following) = outline.following.get_mut(comment) {
                *following = *first;
            }
            *first = comment;
        }
        outline
    }

    /// A line.
    pub(super) fn line(&self, at: usize) -> Option<&Line> {
        self.lines.get(at)
    }

    /// The lines that are part of a line's value; of the whole document for `None`.
    pub(super) fn parts(&self, of: Option<usize>) -> Vec<usize> {
        let end = of.map_or(self.lines.len(), |of| self.line(of).map_or(0, |line| line.next));
        let mut parts = Vec::new();
        let mut at = of.map_or(0, |of| of + 1);
        while let Some(line) = self.line(at).filter(|_| at < end) {
            parts.push(at);
            at = line.next;
        }
        parts
    }

    /// The comments on one side of a line.
    pub(super) fn comments(&self, line: usize, side: Side) -> Chain<'_> {
        let at = self.first.get(line).and_then(|sides| sides.get(side as usize)).copied().unwrap_or(NONE);
        Chain { outline: self, at }
    }

    /// Whether a line has comments on one of some sides.
    pub(super) fn has_comments(&self, line: usize, sides: &[Side]) -> bool {
        sides.iter().any(|side| self.comments(line, *side).next().is_some())
    }

    /// The comments at the start of the document that belong to all of it.
    pub(super) fn head(&self) -> Chain<'_> {
        Chain { outline: self, at: self.head }
    }

    /// The comments at the end of the document.
    pub(super) fn last(&self) -> Chain<'_> {
        Chain { outline: self, at: self.last }
    }
}

/// Comments that follow each other.
pub(super) struct Chain<'o> {
    outline: &'o Outline,
    at: usize,
}

impl<'o> Iterator for Chain<'o> {
    type Item = &'o Comment;

    fn next(&mut self) -> Option<&'o Comment> {
        let comment = self.outline.comments.get(self.at)?;
        self.at = self.outline.following.get(self.at).copied().unwrap_or(NONE);
        Some(comment)
    }
}

/// A list or mapping that has begun.
struct Open {
    /// The line it is the value of.
    line: usize,
    /// The piece behind it.
    end: usize,
    is_map: bool,
    brackets_end: usize,
}

fn lines(written: &Written) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    let mut key = None;
    while let Some(piece) = written.piece(at) {
        while open.last().is_some_and(|inner| inner.end <= at) {
            close(&mut lines, open.pop());
        }
        let around = open.last();
        if around.is_some_and(|around| around.is_map) && key.is_none() {
            key = Some(at);
            // Keys are scalars.
            at += 1;
            continue;
        }
        let brackets_end = around.map_or(0, |around| around.brackets_end);
        let mut line = NONE;
        if let Some(around) = around {
            line = lines.len();
            let new = new_line(written, piece, key.take(), at, around.line, brackets_end);
            lines.push(Line { next: line + 1, ..new });
        }
        if matches!(piece.kind, Kind::List | Kind::Map) {
            open.push(Open {
                line,
                end: piece.next,
                is_map: matches!(piece.kind, Kind::Map),
                // A pair inside a list of brackets has none of its own.
                brackets_end: if written.is_flow(piece) { piece.at.end } else { brackets_end },
            });
        }
        at += 1;
    }
    while !open.is_empty() {
        close(&mut lines, open.pop());
    }
    lines
}

fn close(lines: &mut [Line], open: Option<Open>) {
    let next = lines.len();
    if let Some(line) = open.and_then(|open| lines.get_mut(open.line)) {
        line.next = next;
    }
}

fn new_line(
    written: &Written,
    piece: &Piece,
    key: Option<usize>,
    value: usize,
    up: usize,
    brackets_end: usize,
) -> Line {
    let start = key.and_then(|key| written.piece(key)).map_or(piece.at.start, |key| key.at.start);
    let mut line = Line { key, value, up, next: 0, start, column: 0, brackets_end, below_blank: false };
    if brackets_end == 0 {
        let from = comments::line_start(written.text, start);
        let before = written.text.get(from..start).unwrap_or_default();
        let dash = before.trim_end().strip_suffix('-').filter(|_| key.is_none());
        line.column = dash.map_or(before.len(), str::len);
        line.below_blank = comments::is_below_blank(written.text, from);
    }
    line
}

/// How many of the comments belong to the whole document: those before its first line, up to the last blank line.
fn heading(lines: &[Line], comments: &[Comment]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    let before = comments.iter().take_while(|comment| comment.at.start < first.start).count();
    if first.below_blank {
        return before;
    }
    comments.get(..before).unwrap_or_default().iter().rposition(|comment| comment.below_blank).unwrap_or_default()
}

/// The line a comment belongs to and the side it stands on; no line for the end of the document.
fn place(written: &Written, lines: &[Line], comment: &Comment) -> (usize, Side) {
    let at = comment.at.start;
    let next = lines.partition_point(|line| line.start <= at);
    // The innermost line that has begun, out of all brackets that have ended.
    let mut begun = next.checked_sub(1).unwrap_or(NONE);
    while let Some(line) = lines.get(begun).filter(|line| line.brackets_end > 0 && line.brackets_end <= at) {
        begun = line.up;
    }
    let Some(line) = lines.get(begun) else { return (next, Side::Before) };
    if !comment.own_line {
        return (begun, Side::Behind);
    }
    let Some(value) = written.piece(line.value) else { return (begun, Side::Before) };
    let is_block = matches!(value.kind, Kind::List | Kind::Map) && !written.is_flow(value);
    let following = lines.get(next);
    if !is_block && value.at.end > at {
        // Before the value, or between its brackets before the first part.
        return match following {
            Some(following) if value.at.start < at && following.up == begun => (next, Side::Before),
            _ => (begun, Side::Before),
        };
    }
    if line.brackets_end > 0 {
        return match following {
            Some(following) if following.start < line.brackets_end => (next, Side::Before),
            _ => (line.up, Side::Foot),
        };
    }
    if following.is_some_and(|following| comment.column <= following.column) {
        return (next, Side::Before);
    }
    // Indented more than what follows: the innermost mapping or list that is indented no more holds it.
    let mut part = line;
    while let Some(up) = lines.get(part.up).filter(|_| part.column > comment.column) {
        part = up;
    }
    match following {
        Some(following) if following.up == part.up => (next, Side::Before),
        _ => (part.up, Side::Foot),
    }
}
