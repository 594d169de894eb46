//! A document as it is written: every scalar, alias, list and mapping in the order of the text, with style and place.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::Span;

/// A document as it is written.
pub(crate) struct Written<'t> {
    /// The text it was read from.
    pub(crate) text: &'t str,
    /// What stands in it. The parts of a list or mapping follow it directly; in a mapping keys and values alternate.
    pub(crate) pieces: Vec<Piece<'t>>,
}

/// Something that stands in a document.
pub(crate) struct Piece<'t> {
    /// Its place, anchor and tag included.
    pub(crate) at: Span,
    /// It has an anchor.
    pub(crate) anchored: bool,
    /// It has an anchor or a tag, and its place begins with them.
    pub(crate) has_properties: bool,
    /// The piece that follows it and all its parts.
    pub(crate) next: usize,
    /// What it is.
    pub(crate) kind: Kind<'t>,
}

/// What a piece is.
pub(crate) enum Kind<'t> {
    /// A scalar; its text with escapes resolved and lines folded.
    Scalar(Cow<'t, str>, Style),
    /// An alias of the piece at this place; `None` when there is no such anchor.
    Alias(Option<usize>),
    /// A list.
    List,
    /// A mapping.
    Map,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes, perhaps as nothing at all.
    Plain,
    /// Without quotes, tagged `!!str`.
    Tagged,
    /// In single or double quotes.
    Quoted,
    /// As a block that `|` or `>` begins.
    Block,
}

impl<'t> Written<'t> {
    /// The outermost piece; `None` when the document is empty or holds nothing but comments.
    pub(crate) fn root(&self) -> Option<usize> {
        let root = self.pieces.first()?;
        // `---` and nothing else is no `null`.
        let nothing = matches!(root.kind, Kind::Scalar(_, Style::Plain)) && root.at.start == root.at.end;
        (!nothing).then_some(0)
    }

    /// A piece.
    pub(crate) fn piece(&self, at: usize) -> Option<&Piece<'t>> {
        self.pieces.get(at)
    }

    /// The parts of a list or mapping.
    pub(crate) fn parts(&self, at: usize) -> Parts<'_, 't> {
        let end = self.piece(at).map_or(at, |piece| piece.next);
        Parts { written: self, at: at + 1, end }
    }

    /// Whether a list or mapping stands in brackets.
    pub(crate) fn is_flow(&self, piece: &Piece<'t>) -> bool {
        let start = if piece.has_properties { after_properties(self.text, piece.at.start) } else { piece.at.start };
        matches!(piece.kind, Kind::List | Kind::Map) && matches!(self.text.as_bytes().get(start), Some(b'[' | b'{'))
    }

    /// What of a scalar's place no comment can stand in; empty for other pieces.
    pub(crate) fn body(&self, piece: &Piece<'t>) -> Span {
        let Kind::Scalar(text, style) = &piece.kind else { return Span { start: piece.at.end, end: piece.at.end } };
        let mut start = piece.at.start;
        if piece.has_properties {
            // With nothing behind them they are all there is.
            start = after_properties(self.text, start).min(piece.at.end);
        }
        if *style == Style::Block {
            if text.trim_matches('\n').is_empty() {
                start = piece.at.end;
            } else {
                // The line of the `|` can end in a comment.
                let rest = self.text.as_bytes().get(start..piece.at.end).unwrap_or_default();
                start += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            }
        }
        Span { start, end: piece.at.end }
    }

    /// The name of a piece's anchor, or of the anchor that an alias names.
    pub(crate) fn anchor(&self, piece: &Piece<'t>) -> Option<&'t str> {
        let place = self.text.get(piece.at.start..piece.at.end)?;
        let name = match piece.kind {
            Kind::Alias(_) => place.strip_prefix('*')?,
            _ if piece.anchored => place.split_once('&')?.1,
            _ => return None,
        };
        name.split([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']).next()
    }
}

/// Where the piece itself begins that starts with its anchor and tag here.
pub(super) fn after_properties(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at += bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)).unwrap_or(bytes.len()),
            b'&' | b'!' => {
                let property = bytes.get(at..).unwrap_or_default();
                let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'{' | b'}');
                at += property.iter().position(ends).unwrap_or(property.len());
            }
            _ => break,
        }
    }
    at
}

/// The parts of a list or mapping, as places among the pieces.
pub(crate) struct Parts<'w, 't> {
    written: &'w Written<'t>,
    at: usize,
    end: usize,
}

impl Iterator for Parts<'_, '_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        if at >= self.end {
            return None;
        }
        self.at = self.written.piece(at)?.next;
        Some(at)
    }
}
