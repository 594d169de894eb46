//! Writing a text again as it was read: members keep their order, white space goes, strings get the escapes of
//! RFC 8785. What is handed on is then what was judged, and no reader of it can find anything else in it.
//!
//! The text has been walked over once before, so that everything is refused that readers disagree about.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Code;

use super::JsonError;
use super::canonical::Canonical;
use super::scan::{Kind, Scanner};

/// How numbers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// With the digits they came with.
    AsSpelled,
    /// As canonical form spells them. Whole numbers that a double does not hold are refused: who reads them as such
    /// would see another number than was judged.
    Exact,
}

/// One change at one place, named by the keys that lead to it.
pub(crate) struct Edit<'e> {
    pub(crate) path: &'e [&'e str],
    pub(crate) with: With<'e>,
}

/// What comes in place of a value.
#[derive(Clone, Copy)]
pub(crate) enum With<'e> {
    /// A gap that somebody fills.
    Gap,
    /// A text.
    Text(&'e str),
    /// The member is left out.
    Nothing,
}

/// A copy and its gaps.
pub(crate) struct Copy {
    form: Canonical,
    gaps: Vec<usize>,
    numbers: Numbers,
}

impl Copy {
    /// Copies one document, a value whose text was walked over before.
    pub(crate) fn of(text: &[u8], numbers: Numbers, edits: &[Edit<'_>]) -> Result<Self, JsonError> {
        let mut copy = Self { form: Canonical::with_capacity(text.len()), gaps: Vec::new(), numbers };
        let mut scanner = Scanner::new(text)?.replacing_surrogates();
        copy.edited(&mut scanner, edits, 0)?;
        Ok(copy)
    }

    /// The texts between the gaps.
    pub(crate) fn pieces(self) -> Vec<String> {
        let bytes = self.form.into_bytes();
        let mut pieces = Vec::with_capacity(self.gaps.len() + 1);
        let mut start = 0;
        for end in self.gaps.iter().copied().chain([bytes.len()]) {
            let piece = bytes.get(start..end).unwrap_or_default();
            pieces.push(String::from_utf8(piece.to_vec()).unwrap_or_default());
            start = end;
        }
        pieces
    }

    /// The whole text, for a copy without gaps.
    pub(crate) fn whole(self) -> String {
        String::from_utf8(self.form.into_bytes()).unwrap_or_default()
    }

    /// The value that comes next; `edits` are those whose first `depth` keys led here.
    fn edited(&mut self, scanner: &mut Scanner<'_>, edits: &[Edit<'_>], depth: usize) -> Result<(), JsonError> {
        if edits.is_empty() || scanner.kind()? != Kind::Object {
            return self.plain(scanner);
        }
        self.form.byte(b'{');
        let mut first = true;
        scanner.each_member(&mut |scanner, key| {
            let here = |edit: &&Edit<'_>| edit.path.get(depth) == Some(&key);
            let ends = edits.iter().filter(here).find(|edit| edit.path.len() == depth + 1);
            if ends.is_some_and(|edit| matches!(edit.with, With::Nothing)) {
                return scanner.skip();
            }
            if !core::mem::take(&mut first) {
                self.form.byte(b',');
            }
            self.form.string(key);
            self.form.byte(b':');
            match ends.map(|edit| edit.with) {
                Some(With::Gap) => {
                    self.gaps.push(self.form.bytes().len());
                    scanner.skip()
                }
                Some(With::Text(text)) => {
                    self.form.raw(text.as_bytes());
                    scanner.skip()
                }
                // Paths are a few keys long, so this goes no deeper than they do.
                _ if edits.iter().any(|edit| here(&edit)) => {
                    let inner: Vec<Edit<'_>> =
                        edits.iter().filter(here).map(|edit| Edit { path: edit.path, with: edit.with }).collect();
                    self.edited(scanner, &inner, depth + 1)
                }
                _ => self.plain(scanner),
            }
        })?;
        self.form.byte(b'}');
        Ok(())
    }

    /// The value that comes next as it is.
    fn plain(&mut self, scanner: &mut Scanner<'_>) -> Result<(), JsonError> {
        let mut depth = 0_usize;
        loop {
            match scanner.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    depth += 1;
                    scanner.step();
                    self.form.byte(byte);
                    continue;
                }
                Some(byte @ (b'}' | b']')) => {
                    depth = depth.saturating_sub(1);
                    scanner.step();
                    self.form.byte(byte);
                }
                Some(byte @ (b',' | b':')) => {
                    scanner.step();
                    self.form.byte(byte);
                    continue;
                }
                Some(b'"') => self.form.string(&scanner.string()?),
                Some(b'-' | b'0'..=b'9') => self.number(scanner)?,
                _ => self.form.raw(scanner.literal()?.as_bytes()),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn number(&mut self, scanner: &mut Scanner<'_>) -> Result<(), JsonError> {
        let start = scanner.offset();
        let spelling = scanner.number()?;
        let digits = spelling.strip_prefix('-').unwrap_or(spelling);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if self.numbers == Numbers::AsSpelled || (is_whole && digits.len() <= 15 && spelling != "-0") {
            self.form.raw(spelling.as_bytes());
            return Ok(());
        }
        let value: f64 = spelling.parse().unwrap_or(f64::INFINITY);
        if is_whole && spelling.parse::<i128>().ok() != Some(value as i128) {
            let text = format!("`{}` is no whole number that a double holds", digits.get(..32).unwrap_or(digits));
            return Err(JsonError::at(Code::JsonNumber, text, start));
        }
        self.form.number(value);
        Ok(())
    }
}
