//! Laying a document out.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::policy_keys::{POLICY_KEYS, keys_below};

use super::comments::Comment;
use super::outline::{Line, Outline, Side};
use super::quote::{self, Place};
use crate::yaml::{Kind, Piece, Style, Written};

/// Characters of a line that a list between brackets may fill.
const WIDTH: usize = 100;

/// The document in the one layout.
pub(super) fn layout(written: &Written, outline: &Outline) -> String {
    let has_aliases = written.pieces.iter().any(|piece| matches!(piece.kind, Kind::Alias(_)));
    let mut layout = Layout { written, outline, has_aliases, text: String::with_capacity(written.text.len()) };
    for comment in outline.head() {
        layout.comment(comment, 0, false);
    }
    layout.blank_line();
    if written.root().is_some_and(|root| written.parts(root).next().is_none()) {
        layout.text.push_str("{}\n");
    }
    layout.parts(None, Some(""), 0, false);
    for comment in outline.last() {
        layout.comment(comment, 0, false);
    }
    layout.text
}

struct Layout<'w, 't> {
    written: &'w Written<'t>,
    outline: &'w Outline,
    has_aliases: bool,
    text: String,
}

impl<'w, 't> Layout<'w, 't> {
    /// The parts of a line's value, or of the document. With `inline` the first one goes on behind the dash of the
    /// line. `path` is the place of the value among the known keys, if it has one.
    fn parts(&mut self, of: Option<usize>, path: Option<&'static str>, indent: usize, inline: bool) {
        let (parts, inner) = self.ordered(of, path);
        for (nth, part) in parts.into_iter().enumerate() {
            if nth > 0 && path == Some("rules") {
                self.blank_line();
            }
            if nth > 0 || !inline {
                self.before(part, inner, (indent, indent), nth == 0);
                self.indent(indent);
            }
            self.line(part, inner, indent);
        }
        if let Some(of) = of {
            for comment in self.outline.comments(of, Side::Foot) {
                self.comment(comment, indent, false);
            }
        }
    }

    /// The comments before a line, and before those that go on behind its dash: indented by the first number, while
    /// the line's dash stands behind as many blanks as the second one says.
    fn before(&mut self, at: usize, path: Option<&'static str>, (indent, dash): (usize, usize), mut is_first: bool) {
        let Some(line) = self.outline.line(at) else { return };
        let goes_on = self.goes_on_behind_dash(at, line, dash);
        // There is room for one comment behind a line, and for none behind a dash.
        let behind = self.outline.comments(at, Side::Behind).skip(usize::from(!goes_on));
        let mut has_comments = false;
        for comment in self.outline.comments(at, Side::Before).chain(behind) {
            self.comment(comment, indent, is_first);
            (is_first, has_comments) = (false, true);
        }
        if line.below_blank && !is_first && (has_comments || indent == 0) {
            self.blank_line();
        }
        if self.opens_at_dash(line) {
            let (parts, inner) = self.ordered(Some(at), path);
            if let Some(first) = parts.first() {
                self.before(*first, inner, (indent, dash + 2), is_first);
            }
        }
    }

    fn comment(&mut self, comment: &Comment, indent: usize, is_first: bool) {
        if comment.own_line && comment.below_blank && !is_first {
            self.blank_line();
        }
        self.indent(indent);
        self.text.push_str(self.written.text.get(comment.at.start..comment.at.end).unwrap_or_default());
        self.text.push('\n');
    }

    /// A line from its key or dash on, with all that is part of its value.
    fn line(&mut self, at: usize, path: Option<&'static str>, indent: usize) {
        let Some(line) = self.outline.line(at) else { return };
        let Some(value) = self.written.piece(line.value) else { return };
        let path = match line.key.and_then(|key| self.written.piece(key)) {
            Some(Piece { kind: Kind::Scalar(key, style), .. }) => {
                self.text.push_str(&quote::scalar(key, *style, Place::Block));
                self.text.push(':');
                // Only what has parts needs to know its place.
                path.filter(|_| matches!(value.kind, Kind::List | Kind::Map)).and_then(|path| path_below(path, key))
            }
            _ => {
                self.text.push('-');
                path
            }
        };
        if let Some(anchor) = self.written.anchor(value).filter(|_| value.anchored) {
            self.text.push_str(" &");
            self.text.push_str(anchor);
        }
        match &value.kind {
            Kind::Scalar(text, _) if quote::is_block(text) => self.block(at, text, indent),
            Kind::List | Kind::Map if self.is_empty(line) => {
                self.text.push_str(if matches!(value.kind, Kind::List) { " []" } else { " {}" });
                self.end_of_line(at);
            }
            Kind::List | Kind::Map => {
                if self.goes_on_behind_dash(at, line, indent) {
                    self.text.push(' ');
                    self.parts(Some(at), path, indent + 2, true);
                } else if let Some(list) = self.short_list(at, line, self.column()) {
                    self.text.push_str(&list);
                    self.end_of_line(at);
                } else {
                    self.end_of_line(at);
                    self.parts(Some(at), path, indent + 2, false);
                }
            }
            Kind::Scalar(..) | Kind::Alias(_) => {
                let mut text = self.inline(value, Place::Block);
                // An entry may have no value; an element without one would be overlooked.
                if text.is_empty() && line.key.is_none() {
                    text = Cow::Borrowed("null");
                }
                if !text.is_empty() {
                    self.text.push(' ');
                    self.text.push_str(&text);
                }
                self.end_of_line(at);
            }
        }
    }

    /// A text of several lines.
    fn block(&mut self, at: usize, text: &str, indent: usize) {
        self.text.push_str(if text.ends_with('\n') { " |" } else { " |-" });
        self.end_of_line(at);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent + 2);
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    /// A scalar or alias, without its anchor.
    fn inline(&self, piece: &'w Piece<'t>, place: Place) -> Cow<'w, str> {
        match &piece.kind {
            Kind::Scalar(text, style) => quote::scalar(text, *style, place),
            _ => Cow::Owned(format!("*{}", self.written.anchor(piece).unwrap_or_default())),
        }
    }

    /// A list of scalars between brackets, if it has no comments and fits into the line behind its first `width`
    /// characters.
    fn short_list(&self, at: usize, line: &Line, mut width: usize) -> Option<String> {
        let is_list = matches!(self.written.piece(line.value)?.kind, Kind::List);
        if !is_list || self.outline.has_comments(at, &[Side::Foot]) {
            return None;
        }
        let mut text = String::from(" [");
        width += " []".len();
        let mut part = at + 1;
        // Comments before the first element of an element stand before its dash.
        let mut sides: &[Side] = if self.opens_at_dash(line) { &[Side::Behind] } else { &[Side::Before, Side::Behind] };
        while part < line.next {
            let element = self.outline.line(part)?;
            let piece = self.written.piece(element.value)?;
            let is_short = match &piece.kind {
                Kind::Scalar(text, _) => !quote::is_block(text),
                Kind::Alias(_) => true,
                Kind::List | Kind::Map => false,
            };
            if !is_short || self.outline.has_comments(part, sides) {
                return None;
            }
            let anchor = self.written.anchor(piece).filter(|_| piece.anchored);
            let anchor = anchor.map_or_else(String::new, |anchor| format!("&{anchor} "));
            let mut value = self.inline(piece, Place::Brackets);
            if value.is_empty() {
                value = Cow::Borrowed("null");
            }
            let comma = if part > at + 1 { ", " } else { "" };
            width += comma.len() + anchor.chars().count() + value.chars().count();
            if width > WIDTH {
                return None;
            }
            text.extend([comma, &anchor, &value]);
            part = element.next;
            sides = &[Side::Before, Side::Behind];
        }
        text.push(']');
        Some(text)
    }

    /// The comment behind a line, and its end.
    fn end_of_line(&mut self, at: usize) {
        if let Some(comment) = self.outline.comments(at, Side::Behind).next() {
            self.text.push(' ');
            self.text.push_str(self.written.text.get(comment.at.start..comment.at.end).unwrap_or_default());
        }
        self.text.push('\n');
    }

    fn indent(&mut self, blanks: usize) {
        self.text.extend(core::iter::repeat_n(' ', blanks));
    }

    fn blank_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Characters of the line that is being written.
    fn column(&self) -> usize {
        self.text.rsplit('\n').next().unwrap_or_default().chars().count()
    }

    /// Whether a line has a dash behind which a block begins. Before the dash are `indent` blanks.
    fn goes_on_behind_dash(&self, at: usize, line: &Line, indent: usize) -> bool {
        self.opens_at_dash(line) && self.short_list(at, line, indent + "-".len()).is_none()
    }

    /// Whether a list or mapping with something in it begins behind a dash.
    fn opens_at_dash(&self, line: &Line) -> bool {
        let opens = |value: &Piece| matches!(value.kind, Kind::List | Kind::Map) && !value.anchored;
        line.key.is_none() && self.written.piece(line.value).is_some_and(opens) && !self.is_empty(line)
    }

    /// A list or mapping without anything in it.
    fn is_empty(&self, line: &Line) -> bool {
        self.written.piece(line.value).is_some_and(|value| value.next == line.value + 1)
    }

    /// The parts of a line's value in the order in which they are written, and the place among the known keys that
    /// they are below.
    fn ordered(&self, of: Option<usize>, path: Option<&'static str>) -> (Vec<usize>, Option<&'static str>) {
        let parts = self.outline.parts(of);
        let value = of.and_then(|of| self.outline.line(of)).and_then(|line| self.written.piece(line.value));
        if value.is_some_and(|value| matches!(value.kind, Kind::List)) {
            return (parts, path.and_then(path_of_elements));
        }
        let known: Vec<&str> = path.into_iter().flat_map(keys_below).map(|key| key.name()).collect();
        let ranks: Vec<usize> = parts.iter().map(|part| self.rank(*part, &known, of.is_none())).collect();
        if ranks.is_sorted() {
            return (parts, path);
        }
        let mut ordered = Vec::with_capacity(parts.len());
        let mut rank = ranks.iter().min().copied();
        while let Some(now) = rank {
            ordered.extend(parts.iter().zip(&ranks).filter(|(_, rank)| **rank == now).map(|(part, _)| *part));
            rank = ranks.iter().filter(|rank| **rank > now).min().copied();
        }
        // An alias stays behind its anchor, and in front of the next anchor of that name.
        let names =
            |parts: &[usize]| -> Vec<usize> { parts.iter().copied().filter(|part| self.has_names(*part)).collect() };
        let keeps_names = !self.has_aliases || names(&parts) == names(&ordered);
        (if keeps_names { ordered } else { parts }, path)
    }

    /// Where an entry stands among those of its mapping; entries of one rank stay in the order in which they are.
    fn rank(&self, part: usize, known: &[&str], is_outermost: bool) -> usize {
        let key = self.outline.line(part).and_then(|line| line.key).and_then(|key| self.written.piece(key));
        let Some(Piece { kind: Kind::Scalar(key, style), .. }) = key else { return 0 };
        if *style == Style::Plain && key == "<<" {
            return 0;
        }
        match known.iter().position(|known| known == key) {
            Some(place) => 2 * place + 2,
            // What is free often holds anchors: it follows `schema_id` and `schema_version`.
            None if is_outermost && key.starts_with("x-") => 5,
            None => usize::MAX,
        }
    }

    /// Whether anchors or aliases stand in an entry.
    fn has_names(&self, part: usize) -> bool {
        let Some(line) = self.outline.line(part) else { return false };
        let end = self.written.piece(line.value).map_or(line.value, |value| value.next);
        let pieces = self.written.pieces.get(line.value..end).unwrap_or_default();
        pieces.iter().any(|piece| piece.anchored || matches!(piece.kind, Kind::Alias(_)))
    }
}

/// The place of a key's value.
fn path_below(parent: &str, key: &str) -> Option<&'static str> {
    POLICY_KEYS.iter().find_map(|known| {
        let rest = known.path.strip_prefix(parent)?;
        let rest = if parent.is_empty() { rest } else { rest.strip_prefix('.')? };
        let name = rest.split(['.', '[']).next()?;
        let end = known.path.len() - rest.len() + name.len();
        (name == key || name == "<pointer>").then(|| known.path.get(..end)).flatten()
    })
}

/// The place of a list's elements.
fn path_of_elements(list: &str) -> Option<&'static str> {
    POLICY_KEYS.iter().find_map(|known| {
        let is_below = known.path.strip_prefix(list)?.starts_with("[].");
        is_below.then(|| known.path.get(..list.len() + "[]".len())).flatten()
    })
}
