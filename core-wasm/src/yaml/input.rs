//! The text as the parser's scanner asks for it, one character at a time.
//!
//! It also keeps the scanner within bounds. A flow collection may turn out to be a key, so the scanner reads all of it
//! before it hands out the first token, and megabytes of `[a,a,…` would become gigabytes of tokens.

use core::cell::Cell;

use saphyr_parser::Input;
use saphyr_parser::input::SkipTabs;

/// Tokens that may wait inside the scanner.
pub(super) const WAITING_TOKENS: usize = 250_000;

/// What is left of the text.
pub(super) struct Text<'t, 'c> {
    rest: &'t str,
    ahead: usize,
    /// Tokens begun since the parser last handed something out; it is reset by whoever takes that.
    waiting: &'c Cell<usize>,
}

impl<'t, 'c> Text<'t, 'c> {
    pub(super) fn new(text: &'t str, waiting: &'c Cell<usize>) -> Self {
        Self { rest: text, ahead: 0, waiting }
    }

    /// The next byte; 0 at the end, which stands in no policy.
    fn first(&self) -> u8 {
        self.rest.as_bytes().first().copied().unwrap_or_default()
    }

    fn nth(&self, n: usize) -> u8 {
        self.rest.as_bytes().get(n).copied().unwrap_or_default()
    }

    fn is_marker(&self, marker: &str) -> bool {
        self.rest.starts_with(marker) && is_blank_or_end(self.nth(marker.len()))
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_blank_or_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0)
}

fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

impl Input for Text<'_, '_> {
    // All characters are there at any time; looking ahead only has to be remembered.
    fn lookahead(&mut self, count: usize) {
        self.ahead = self.ahead.max(count);
    }

    fn buflen(&self) -> usize {
        self.ahead
    }

    // The scanner sets this many bytes aside for every plain scalar.
    fn bufmaxlen(&self) -> usize {
        16
    }

    fn buf_is_empty(&self) -> bool {
        self.ahead == 0
    }

    fn raw_read_ch(&mut self) -> char {
        let next = self.peek();
        self.skip();
        next
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let next = self.peek_opt().filter(|next| !matches!(next, '\n' | '\r'))?;
        self.skip();
        Some(next)
    }

    #[inline]
    fn skip(&mut self) {
        let mut rest = self.rest.chars();
        rest.next();
        self.rest = rest.as_str();
    }

    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    #[inline]
    fn peek(&self) -> char {
        self.peek_opt().unwrap_or('\0')
    }

    #[inline]
    fn peek_nth(&self, n: usize) -> char {
        self.rest.chars().nth(n).unwrap_or('\0')
    }

    #[inline]
    fn peek_opt(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next_2_are(&self, first: char, second: char) -> bool {
        self.peek() == first && self.peek_nth(1) == second
    }

    fn next_3_are(&self, first: char, second: char, third: char) -> bool {
        self.next_2_are(first, second) && self.peek_nth(2) == third
    }

    fn next_is_document_indicator(&self) -> bool {
        self.next_is_document_start() || self.next_is_document_end()
    }

    fn next_is_document_start(&self) -> bool {
        self.is_marker("---")
    }

    fn next_is_document_end(&self) -> bool {
        self.is_marker("...")
    }

    #[inline]
    fn next_can_be_plain_scalar(&self, in_flow: bool) -> bool {
        match self.first() {
            b':' => {
                let next = self.nth(1);
                !(is_blank_or_end(next) || in_flow && is_flow(next))
            }
            next => !(in_flow && is_flow(next)),
        }
    }

    #[inline]
    fn next_is_blank_or_break(&self) -> bool {
        self.next_is_blank() || self.next_is_break()
    }

    #[inline]
    fn next_is_blank_or_breakz(&self) -> bool {
        is_blank_or_end(self.first())
    }

    #[inline]
    fn next_is_blank(&self) -> bool {
        matches!(self.first(), b' ' | b'\t')
    }

    #[inline]
    fn next_is_break(&self) -> bool {
        is_break(self.first())
    }

    #[inline]
    fn next_is_breakz(&self) -> bool {
        self.first() == 0 || self.next_is_break()
    }

    /// The scanner asks this before every token, which makes it the place to count them. Past the limit the text seems
    /// to end, and the driver, which sees the count, says why.
    #[inline]
    fn next_is_z(&self) -> bool {
        self.waiting.set(self.waiting.get() + 1);
        self.first() == 0 || self.waiting.get() > WAITING_TOKENS
    }

    #[inline]
    fn next_is_flow(&self) -> bool {
        is_flow(self.first())
    }

    fn skip_ws_to_eol(&mut self, skip_tabs: SkipTabs) -> (usize, Result<SkipTabs, &'static str>) {
        let (mut tabs, mut blanks, mut count) = (false, false, 0);
        loop {
            match self.first() {
                b' ' => blanks = true,
                b'\t' if skip_tabs == SkipTabs::Yes => tabs = true,
                b'#' if !tabs && !blanks => {
                    return (count, Err("comments must be separated from other tokens by whitespace"));
                }
                b'#' => {
                    count += self.skip_while_non_breakz();
                    break;
                }
                _ => break,
            }
            self.skip();
            count += 1;
        }
        (count, Ok(SkipTabs::Result(tabs, blanks)))
    }

    fn skip_while_non_breakz(&mut self) -> usize {
        let end = memchr::memchr2(b'\n', b'\r', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        line.chars().count()
    }
}
