//! A large JSON document, read piece by piece: members of the outermost object, and elements of the lists in it,
//! come one at a time, each as a complete text for the strict reader.

use alloc::format;
use alloc::vec::Vec;

use gait_contract::limits::CHUNK_BYTES;
use gait_contract::{Code, Fault};
use serde::de::DeserializeOwned;

use crate::json::{self, JsonError, Scanner};
use crate::task::{Host, source_fault};

/// A position in a source, and the bytes around it.
pub(crate) struct Input<'h> {
    host: &'h Host,
    source: &'h str,
    size: u64,
    /// Offset of the next byte to fetch.
    fetched: u64,
    buffer: Vec<u8>,
    /// Next byte in `buffer`.
    at: usize,
    /// Lines that ended before `buffer`.
    lines: usize,
    /// Bytes of the present line before `buffer`.
    line_bytes: usize,
}

/// A complete value inside the buffer.
pub(crate) struct Extent {
    start: usize,
    end: usize,
}

impl<'h> Input<'h> {
    /// Opens a source at its first byte.
    pub(crate) async fn open(host: &'h Host, source: &'h str) -> Result<Self, Fault> {
        let size = host.open(source).await.map_err(|error| source_fault(source, &error))?;
        Ok(Self { host, source, size, fetched: 0, buffer: Vec::new(), at: 0, lines: 0, line_bytes: 0 })
    }

    /// Back to the first byte.
    pub(crate) fn rewind(&mut self) {
        self.buffer.clear();
        (self.fetched, self.at, self.lines, self.line_bytes) = (0, 0, 0, 0);
    }

    /// Fetches the next piece; false at the end of the source.
    async fn fetch(&mut self) -> Result<bool, Fault> {
        if self.fetched >= self.size {
            return Ok(false);
        }
        let passed = self.buffer.get(..self.at).unwrap_or_default();
        self.lines += passed.iter().filter(|byte| **byte == b'\n').count();
        self.line_bytes = match passed.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => passed.len() - end - 1,
            None => self.line_bytes + passed.len(),
        };
        self.buffer.drain(..self.at);
        self.at = 0;
        let length = usize::try_from(self.size - self.fetched).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let piece = self.host.read(self.source, self.fetched, length).await?;
        self.fetched += length as u64;
        if self.buffer.is_empty() {
            self.buffer = piece;
        } else {
            self.buffer.extend_from_slice(&piece);
        }
        Ok(true)
    }

    /// The next byte that is no white space.
    pub(crate) async fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(blank) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += blank;
                return Ok(self.buffer.get(self.at).copied());
            }
            self.at = self.buffer.len();
            if !self.fetch().await? {
                return Ok(None);
            }
        }
    }

    /// Steps over `byte` if it comes next.
    pub(crate) async fn eat(&mut self, byte: u8) -> Result<bool, Fault> {
        let found = self.peek().await? == Some(byte);
        self.at += usize::from(found);
        Ok(found)
    }

    /// Steps over `byte`, which must come next.
    pub(crate) async fn want(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.eat(byte).await? { Ok(()) } else { Err(self.expected(what)) }
    }

    /// Nothing but white space may follow.
    pub(crate) async fn end(&mut self) -> Result<(), Fault> {
        match self.peek().await? {
            None => Ok(()),
            Some(_) => Err(self.fault(Code::JsonTrailing, "something follows the document", self.at)),
        }
    }

    /// "… is expected", with what is there instead.
    pub(crate) fn expected(&self, what: &str) -> Fault {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        match Scanner::new(rest.get(..rest.len().min(4)).unwrap_or_default()) {
            // Four bytes may end inside a character; then the first one still tells what is there.
            Err(error) if error.code() == Code::JsonBom => self.error(error, self.at),
            Err(_) => self.fault(Code::JsonSyntax, format!("{what} is expected"), self.at),
            Ok(scanner) => self.error(scanner.expected(what), self.at),
        }
    }

    /// The next value as a whole; at most `limit` bytes of it.
    pub(crate) async fn value(&mut self, limit: usize) -> Result<Extent, Fault> {
        if self.peek().await?.is_none() {
            return Err(self.expected("a value"));
        }
        let mut skim = Skim::default();
        let mut seen = 0;
        loop {
            let rest = self.buffer.get(self.at + seen..).unwrap_or_default();
            if let Some(length) = skim.end(rest) {
                let extent = Extent { start: self.at, end: self.at + seen + length };
                self.at = extent.end;
                return self.within(extent, limit);
            }
            seen += rest.len();
            if seen > limit {
                return self.within(Extent { start: self.at, end: self.at + seen }, limit);
            }
            if !self.fetch().await? {
                // The strict reader says what is missing.
                let extent = Extent { start: self.at, end: self.buffer.len() };
                self.at = extent.end;
                return Ok(extent);
            }
        }
    }

    fn within(&self, extent: Extent, limit: usize) -> Result<Extent, Fault> {
        if extent.end - extent.start > limit {
            let text = format!("a value holds more than {limit} bytes");
            return Err(self.fault(Code::RecordTooLarge, text, extent.start));
        }
        Ok(extent)
    }

    /// The text of a value; valid until more is read.
    pub(crate) fn text(&self, extent: &Extent) -> &[u8] {
        self.buffer.get(extent.start..extent.end).unwrap_or_default()
    }

    /// Reads a value into a type.
    pub(crate) fn read<T: DeserializeOwned>(&self, extent: &Extent) -> Result<T, Fault> {
        json::read_document(self.text(extent)).map_err(|error| self.error(error, extent.start))
    }

    /// Checks a value without keeping it.
    pub(crate) fn check(&self, extent: &Extent) -> Result<(), Fault> {
        let walk = |text| {
            let mut scanner = Scanner::new(text)?;
            scanner.skip()?;
            scanner.end()
        };
        walk(self.text(extent)).map_err(|error| self.error(error, extent.start))
    }

    fn error(&self, error: JsonError, start: usize) -> Fault {
        self.fault(error.code(), error.message(), start + error.offset().unwrap_or(0))
    }

    /// A fault with line and column of a byte in the buffer.
    pub(crate) fn fault(&self, code: Code, text: impl Into<alloc::string::String>, at: usize) -> Fault {
        let before = self.buffer.get(..at).unwrap_or(&self.buffer);
        let line = self.lines + before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => before.len() - end,
            None => self.line_bytes + before.len() + 1,
        };
        Fault::new(code, text).at(format!("{}:{line}:{column}", self.source))
    }

    /// The offset in the buffer where an extent begins, for [`Input::fault`].
    pub(crate) fn start_of(extent: &Extent) -> usize {
        extent.start
    }
}

/// Finds the end of a value without judging it.
#[derive(Default)]
struct Skim {
    depth: usize,
    in_string: bool,
    escaped: bool,
    in_word: bool,
}

impl Skim {
    /// Length of `bytes` up to the value's end, or `None` if it goes on after them.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if self.in_string && !self.escaped {
                at += json::plain_length(bytes.get(at..)?);
            }
            let byte = *bytes.get(at)?;
            if self.in_string {
                let closes = byte == b'"' && !self.escaped;
                self.escaped = byte == b'\\' && !self.escaped;
                self.in_string = !closes;
                at += 1;
                if closes && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            let delimiter = matches!(byte, b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            if self.depth == 0 && self.in_word && delimiter {
                return Some(at);
            }
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
                _ => self.in_word = self.depth == 0,
            }
        }
    }
}
