//! From the parser's events to a document as it is written. The parser knows YAML; what policies do without is
//! refused here: directives, second documents, tags, and keys that are no text.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use gait_contract::limits::{POLICY_DEPTH, POLICY_KEY_BYTES, POLICY_NODES};
use gait_contract::policy::ProblemCode;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::cursor::Cursor;
use super::input::{Text, WAITING_TOKENS};
use super::places::Problems;
use super::scalar::{Spelling, spelling};
use super::written::{Kind, Piece, Style, Written, after_properties};
use super::{Span, syntax, tabs};

/// Stands before a document that begins with a flow collection, so that the collection cannot be a key and the scanner
/// need not read all of it to find that out.
const MARKER: &str = "--- ";

/// Reads a document as far as its syntax holds.
pub(super) fn written<'t>(text: &'t str, manner: Manner, problems: &mut Problems) -> Written<'t> {
    let mut reader = Reader {
        text,
        manner,
        problems,
        pieces: Vec::new(),
        open: Vec::new(),
        anchors: Vec::new(),
        read_until: text.len(),
        cursor: Cursor::new(text, 0, 0),
    };
    reader.read();
    let Reader { mut pieces, open, problems, read_until, .. } = reader;
    let end = pieces.len();
    for open in open {
        if let Some(piece) = pieces.get_mut(open.piece) {
            piece.next = end;
        }
    }
    let written = Written { text, pieces };
    tabs::check(&written, read_until, problems);
    written
}

/// Whose document is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// A policy: what policies do without is refused.
    Policy,
    /// Another program's: its tags and odd keys are its own, and of several documents the first one counts.
    Foreign,
}

struct Reader<'t, 'p, 'd> {
    text: &'t str,
    manner: Manner,
    problems: &'p mut Problems<'d>,
    pieces: Vec<Piece<'t>>,
    /// Lists and mappings that have not ended, from the outermost to the innermost.
    open: Vec<Open>,
    /// The pieces with anchors, in the order in which the parser numbers them, from 1.
    anchors: Vec<usize>,
    /// Where the line begins in which syntax broke.
    read_until: usize,
    cursor: Cursor<'t>,
}

struct Open {
    piece: usize,
    is_map: bool,
    /// A mapping waits for a key, not for a value.
    wants_key: bool,
}

/// Why reading stops.
struct Stop;

impl<'t> Reader<'t, '_, '_> {
    fn read(&mut self) {
        let Some(start) = self.content() else { return };
        let waiting = Cell::new(0);
        let marked;
        let rest = self.text.get(start..).unwrap_or_default();
        if rest.starts_with(['{', '[']) {
            marked = format!("{MARKER}{rest}");
            self.cursor = Cursor::new(self.text, MARKER.len(), start);
            self.events(Parser::new(Text::new(&marked, &waiting)), &waiting);
        } else {
            self.events(Parser::new(Text::new(self.text, &waiting)), &waiting);
        }
    }

    /// Where the first character stands that is neither blank nor part of a comment, if there is one.
    fn content(&mut self) -> Option<usize> {
        let start = content_after(self.text, 0)?;
        let rest = self.text.get(start..)?;
        if rest.starts_with('%') {
            let at = Span { start, end: start + rest.find(['\r', '\n']).unwrap_or(rest.len()) };
            self.problems.add(ProblemCode::YamlSyntax, at, "a directive", "remove the line; policies need none");
            return None;
        }
        let marked = rest.strip_prefix("---").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
        let inside = marked.and_then(|_| content_after(self.text, start + 3));
        let flow = inside.filter(|at| self.text.get(*at..).is_some_and(|inside| inside.starts_with(['{', '['])));
        Some(flow.unwrap_or(start))
    }

    fn events<'i>(&mut self, mut parser: Parser<'i, Text<'i, '_>>, waiting: &Cell<usize>) {
        while let Some(event) = parser.next_event() {
            let fits = waiting.replace(0) <= WAITING_TOKENS;
            let taken = match event {
                _ if !fits => self.too_large(),
                Ok((event, span)) => {
                    let at = Span { start: self.cursor.to(span.start.index()), end: self.cursor.to(span.end.index()) };
                    self.event(event, at)
                }
                Err(error) => self.error(&error),
            };
            if taken.is_err() {
                return;
            }
        }
    }

    fn event(&mut self, event: Event<'_>, at: Span) -> Result<(), Stop> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.pieces.is_empty() => Ok(()),
            Event::DocumentStart(_) if self.manner == Manner::Foreign => {
                self.read_until = at.start;
                Err(Stop)
            }
            Event::DocumentStart(_) => {
                let help = "keep one policy in one file";
                self.problems.add(ProblemCode::YamlSecondDocument, at, "a second document", help);
                Err(Stop)
            }
            Event::Alias(id) => {
                let target = self.anchors.get(id.wrapping_sub(1)).copied();
                self.alias(at, target)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text.into_owned(), style, at, anchor, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => self.begin(Kind::List, at, anchor, tag.as_deref()),
            Event::MappingStart(anchor, tag) => self.begin(Kind::Map, at, anchor, tag.as_deref()),
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(at);
                Ok(())
            }
        }
    }

    fn alias(&mut self, at: Span, target: Option<usize>) -> Result<(), Stop> {
        let inside = target.filter(|target| self.open.iter().any(|open| open.piece == *target));
        if inside.is_some() {
            let help = "write out what the anchor stands for";
            self.problems.add(ProblemCode::YamlAlias, at, "an alias inside its own anchor", help);
        }
        if self.is_key() {
            self.problems.add(ProblemCode::YamlSyntax, at, "an alias as a key", "write the key itself");
        }
        let target = if inside.is_some() { None } else { target };
        self.push(Piece { at, anchored: false, has_properties: false, next: 0, kind: Kind::Alias(target) })
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        at: Span,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Stop> {
        let is_text = tag.is_some_and(is_text);
        let style = match style {
            ScalarStyle::Plain if is_text => Style::Tagged,
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let has_properties = anchor > 0 || tag.is_some();
        let (text, at) = self.borrowed(text, style, at, has_properties);
        if tag.is_some() && !is_text {
            self.tag(at);
        }
        if self.is_key() {
            self.key(&text, style, at);
            if anchor > 0 && self.manner == Manner::Policy {
                let help = "put an anchor of the whole mapping on a line before its first key";
                self.problems.add(ProblemCode::YamlSyntax, at, "an anchor of a key", help);
            }
        }
        let kind = Kind::Scalar(text, style);
        self.anchored(anchor);
        self.push(Piece { at, anchored: anchor > 0, has_properties, next: 0, kind })
    }

    /// Keys are text, and can be told from other scalars.
    fn key(&mut self, text: &str, style: Style, at: Span) {
        if text.len() > POLICY_KEY_BYTES {
            let message = format!("a key of {} bytes, more than {POLICY_KEY_BYTES}", text.len());
            self.problems.add(ProblemCode::YamlTooLarge, at, message, "shorten it");
        }
        if style == Style::Plain && self.manner == Manner::Policy {
            let message = match spelling(text) {
                Spelling::Word => return,
                Spelling::Null if text.is_empty() => "a key is missing before the `:`".into(),
                Spelling::Null => format!("null as a key: `{text}`"),
                Spelling::Boolean(_) => format!("a boolean as a key: `{text}`"),
                _ => format!("a number as a key: `{text}`"),
            };
            self.problems.add(ProblemCode::YamlSyntax, at, message, "keys are text; quote it if it is meant to be");
        }
    }

    fn begin(&mut self, kind: Kind<'t>, at: Span, anchor: usize, tag: Option<&Tag>) -> Result<(), Stop> {
        if tag.is_some() {
            self.tag(at);
        }
        if self.is_key() {
            self.problems.add(ProblemCode::YamlSyntax, at, "a list or mapping as a key", "keys are text");
        }
        if self.open.len() == POLICY_DEPTH {
            let message = format!("lists and mappings more than {POLICY_DEPTH} deep");
            self.problems.add(ProblemCode::YamlTooLarge, at, message, "no policy needs that");
            return Err(Stop);
        }
        self.anchored(anchor);
        let is_map = matches!(kind, Kind::Map);
        let piece = self.pieces.len();
        self.push(Piece { at, anchored: anchor > 0, has_properties: anchor > 0 || tag.is_some(), next: 0, kind })?;
        self.open.push(Open { piece, is_map, wants_key: is_map });
        Ok(())
    }

    fn end(&mut self, at: Span) {
        let Some(open) = self.open.pop() else { return };
        let next = self.pieces.len();
        let last = self.pieces.last().map_or(at.start, |last| last.at.end);
        // A bracket has a place of its own; the end of a block is where something else begins.
        let end = if at.end > at.start { at.start + 1 } else { last };
        if let Some(piece) = self.pieces.get_mut(open.piece) {
            piece.next = next;
            piece.at.end = end.max(piece.at.start);
        }
    }

    fn anchored(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.push(self.pieces.len());
        }
    }

    fn push(&mut self, mut piece: Piece<'t>) -> Result<(), Stop> {
        if self.pieces.len() == POLICY_NODES {
            return self.too_large();
        }
        if let Some(open) = self.open.last_mut() {
            open.wants_key = open.is_map && !open.wants_key;
        }
        piece.next = self.pieces.len() + 1;
        self.pieces.push(piece);
        Ok(())
    }

    fn is_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.wants_key)
    }

    fn tag(&mut self, at: Span) {
        if self.manner == Manner::Foreign {
            return;
        }
        let help = "remove it; `!!str` is the only tag, and quotes do the same";
        self.problems.add(ProblemCode::YamlSyntax, at, "a tag", help);
    }

    fn too_large(&mut self) -> Result<(), Stop> {
        let at = self.pieces.last().map_or(Span::default(), |last| Span { end: last.at.start + 1, ..last.at });
        let message = "more values than gait reads at once";
        self.problems.add(ProblemCode::YamlTooLarge, at, message, "split the policy, or write long lists as blocks");
        Err(Stop)
    }

    fn error(&mut self, error: &ScanError) -> Result<(), Stop> {
        let offset = self.cursor.to(error.marker().index());
        if syntax::is_unknown_anchor(error.info()) {
            // The parser has taken the alias and goes on behind it.
            let rest = self.text.get(offset..).unwrap_or_default();
            let name = rest.split([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']).next().unwrap_or_default();
            let at = Span { start: offset, end: offset + name.len() };
            let message = format!("no anchor `&{}` before this alias", name.trim_start_matches('*'));
            self.problems.add(ProblemCode::YamlAlias, at, message, "quote the value if it is no alias");
            return self.alias(at, None);
        }
        let flow = self.open.iter().rev().filter_map(|open| self.pieces.get(open.piece)).map(|piece| piece.at.start);
        let unclosed = flow.into_iter().find(|start| matches!(self.text.as_bytes().get(*start), Some(b'[' | b'{')));
        syntax::report(self.text, error.info(), offset, unclosed, self.problems);
        self.read_until = self.text.get(..offset).and_then(|before| before.rfind('\n')).unwrap_or_default();
        Err(Stop)
    }

    /// The scalar's text as part of the document where it stands there as it is, and its exact place: the parser counts
    /// what follows a closing quote as part of it.
    fn borrowed(&self, text: String, style: Style, at: Span, has_properties: bool) -> (Cow<'t, str>, Span) {
        let start = if has_properties { after_properties(self.text, at.start) } else { at.start };
        let rest = self.text.get(start..).unwrap_or_default();
        match style {
            // The place of nothing is that of whatever follows.
            Style::Plain if text.is_empty() && !has_properties => (Cow::Borrowed(""), Span { end: at.start, ..at }),
            Style::Plain | Style::Tagged => match rest.get(..text.len()) {
                Some(same) if at.end == start + text.len() && same == text => (Cow::Borrowed(same), at),
                _ => (Cow::Owned(text), at),
            },
            Style::Quoted => {
                let is_double = rest.starts_with('"');
                let quote = if is_double { b'"' } else { b'\'' };
                let inside = rest.get(1..).unwrap_or_default();
                let has_escapes = !is_double && text.contains('\'');
                let same = inside.get(..text.len()).filter(|same| *same == text && !has_escapes);
                match same {
                    Some(same) if inside.as_bytes().get(text.len()) == Some(&quote) => {
                        (Cow::Borrowed(same), Span { end: start + text.len() + 2, ..at })
                    }
                    _ => (Cow::Owned(text), Span { end: start + 1 + quoted_length(inside, is_double), ..at }),
                }
            }
            Style::Block if has_properties => (Cow::Owned(text), at),
            Style::Block => (Cow::Owned(text), Span { start: self.block_start(at.start), ..at }),
        }
    }
}

impl Reader<'_, '_, '_> {
    /// Where a block scalar begins whose text begins here. The parser counts its first line as no part of it.
    fn block_start(&self, text_start: usize) -> usize {
        let from = self.pieces.last().map_or(0, |last| match last.kind {
            Kind::List | Kind::Map if last.has_properties => after_properties(self.text, last.at.start),
            Kind::List | Kind::Map => last.at.start,
            Kind::Scalar(..) | Kind::Alias(_) => last.at.end,
        });
        let between = self.text.as_bytes().get(from..text_start).unwrap_or_default();
        let (mut in_comment, mut before) = (false, b' ');
        for (at, byte) in between.iter().enumerate() {
            match byte {
                b'\n' => in_comment = false,
                b'#' if matches!(before, b' ' | b'\t' | b'\n') => in_comment = true,
                b'|' | b'>' if !in_comment => return from + at,
                _ => {}
            }
            before = *byte;
        }
        text_start
    }
}

fn is_text(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == "str"
}

/// Bytes up to and with the closing quote.
fn quoted_length(inside: &str, is_double: bool) -> usize {
    let mut bytes = inside.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if is_double => drop(bytes.next()),
            b'"' if is_double => return at + 1,
            b'\'' if !is_double && inside.as_bytes().get(at + 1) == Some(&b'\'') => drop(bytes.next()),
            b'\'' if !is_double => return at + 1,
            _ => {}
        }
    }
    inside.len()
}

/// The first place from here on that is neither blank nor part of a comment.
fn content_after(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '\r', '\n']);
        if !content.is_empty() && !content.starts_with('#') {
            return Some(at + line.len() - content.len());
        }
        at += line.len();
    }
    None
}
