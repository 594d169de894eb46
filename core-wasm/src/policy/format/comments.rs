//! Finding the comments of a document. The parser drops them; they are what begins with `#` at the start of a line or
//! behind a blank, outside every scalar.

use alloc::vec::Vec;

use crate::yaml::{Span, Written};

/// A comment.
pub(super) struct Comment {
    /// Its place, from the `#` to the last character that is no blank.
    pub(super) at: Span,
    /// Nothing but blanks and dashes stands before it on its line.
    pub(super) own_line: bool,
    /// Bytes before the first character of its line that is no blank.
    pub(super) column: usize,
    /// The line above it is empty.
    pub(super) below_blank: bool,
}

/// All comments, in the order of the text.
pub(super) fn comments(written: &Written) -> Vec<Comment> {
    let text = written.text;
    let mut found = Vec::new();
    let mut pieces = written.pieces.iter().peekable();
    let mut scalar = Span::default();
    let mut line_end = 0;
    for start in memchr::memchr_iter(b'#', text.as_bytes()) {
        // Pieces stand in the order of the text, so only the last one that has begun can still go on.
        while let Some(piece) = pieces.next_if(|piece| piece.at.start <= start) {
            let body = written.body(piece);
            if body.start < body.end {
                scalar = body;
            }
        }
        let in_scalar = scalar.start <= start && start < scalar.end;
        let (before, rest) = text.split_at_checked(start).unwrap_or_default();
        if in_scalar || start < line_end || !(before.is_empty() || before.ends_with([' ', '\t', '\n'])) {
            continue;
        }
        line_end = start + rest.find('\n').unwrap_or(rest.len());
        let line = line_start(text, start);
        let lead = before.get(line..).unwrap_or_default();
        let is_mark = |byte| matches!(byte, b' ' | b'\t' | b'-' | b'?' | b':');
        // A scalar can look like marks, too.
        let body = text.get(scalar.start..scalar.end).unwrap_or_default().trim_end();
        let is_behind_scalar = !body.is_empty() && scalar.start + body.len() > line;
        let comment = text.get(start..line_end).unwrap_or_default().trim_end();
        found.push(Comment {
            at: Span { start, end: start + comment.len() },
            own_line: lead.bytes().all(is_mark) && !is_behind_scalar,
            column: lead.len() - lead.trim_start().len(),
            below_blank: is_below_blank(text, line),
        });
    }
    found
}

/// Where the line of a place begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Whether the line above the one that begins here is empty.
pub(super) fn is_below_blank(text: &str, line: usize) -> bool {
    let above = text.get(..line).and_then(|above| above.strip_suffix('\n')).unwrap_or_default();
    let is_blank = above.trim_end_matches([' ', '\t', '\r']).ends_with('\n');
    line > 0 && (is_blank || above.trim().is_empty())
}
