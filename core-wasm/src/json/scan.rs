//! Walking a JSON text (RFC 8259), with everything refused that readers disagree about: repeated keys, lone
//! surrogates, invalid UTF-8, byte-order marks, numbers that are no double, bottomless nesting.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::{Code, limits};

use super::JsonError;
use super::canonical::{Canonical, Key, Open, RepeatedKey};
use super::keys::{OpenKeys, SeenKeys};

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl Kind {
    /// The kind in a user's words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "a list",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
        }
    }
}

/// A position in a text that is UTF-8.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Memory for values that are walked over.
    skipped: Canonical,
    keys: OpenKeys<'a>,
    replaces_surrogates: bool,
    refuses_lookalikes: bool,
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte; refuses byte-order marks and invalid UTF-8.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, JsonError> {
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            return Err(JsonError::at(Code::JsonBom, "the text begins with a byte-order mark", 0));
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|error| JsonError::at(Code::JsonUtf8, "invalid UTF-8", error.valid_up_to()))?;
        let (skipped, keys) = (Canonical::default(), OpenKeys::default());
        Ok(Self { text, at: 0, depth: 0, skipped, keys, replaces_surrogates: false, refuses_lookalikes: false })
    }

    /// Reads a lone surrogate escape as U+FFFD instead of refusing it: intents are read that way (gate contract, 1.1).
    pub(crate) fn replacing_surrogates(self) -> Self {
        Self { replaces_surrogates: true, ..self }
    }

    /// Refuses keys that differ from known ones only by case: other readers take them for those.
    pub(crate) fn refusing_lookalikes(self) -> Self {
        Self { refuses_lookalikes: true, ..self }
    }

    /// Whether a key that is not known passes for one that is.
    pub(super) fn is_lookalike(&self, name: &str, known: &[&str]) -> bool {
        // Besides the letters, there are two signs that readers without regard to case take for letters.
        let fold = |c: char| match c {
            'ſ' => 's',
            '\u{212a}' => 'k',
            c => c.to_ascii_lowercase(),
        };
        self.refuses_lookalikes && known.iter().any(|known| name.chars().map(fold).eq(known.chars().map(fold)))
    }

    /// The offset of the next byte.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn error(&self, code: Code, message: impl Into<String>) -> JsonError {
        JsonError::at(code, message, self.at)
    }

    /// "… is expected", with what is there instead.
    #[cold]
    #[inline(never)]
    pub(crate) fn expected(&self, what: &str) -> JsonError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => self.error(Code::JsonSyntax, format!("the text ends where {what} is expected")),
            Some(found) => self.error(Code::JsonSyntax, format!("{what} is expected, not `{}`", found.escape_debug())),
        }
    }

    /// A value of another kind than the field wants.
    #[cold]
    #[inline(never)]
    pub(crate) fn wrong_type(&self, wanted: &str, found: Kind) -> JsonError {
        self.error(Code::JsonType, format!("{wanted} is expected, not {}", found.words()))
    }

    /// The next byte that is no white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte <= b' ' => self.peek_past_blank(),
            next => next.copied(),
        }
    }

    #[inline(never)]
    fn peek_past_blank(&mut self) -> Option<u8> {
        loop {
            let next = self.text.as_bytes().get(self.at).copied();
            if !matches!(next, Some(b' ' | b'\t' | b'\n' | b'\r')) {
                return next;
            }
            self.at += 1;
        }
    }

    /// The kind of the next value.
    pub(crate) fn kind(&mut self) -> Result<Kind, JsonError> {
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.expected("a value")),
        }
    }

    /// Steps over the byte that comes next, which somebody looked at.
    pub(crate) fn step(&mut self) {
        self.at += 1;
    }

    /// Steps over `byte` if it comes next.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over `byte`, which must come next.
    #[inline]
    pub(crate) fn want(&mut self, byte: u8, what: &str) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(self.expected(what)) }
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(Code::JsonTrailing, "something follows the document")),
        }
    }

    /// The keys of an object that begins.
    pub(crate) fn begin_keys(&self) -> SeenKeys {
        self.keys.begin()
    }

    /// Adds a key of the object that is being read; false if it was seen before.
    pub(crate) fn insert_key(&mut self, seen: &mut SeenKeys, key: Cow<'a, str>) -> bool {
        self.keys.insert(seen, key)
    }

    /// The object with these keys is over.
    pub(crate) fn end_keys(&mut self, seen: &SeenKeys) {
        self.keys.end(seen);
    }

    /// A repeated key as an error with its place.
    pub(crate) fn repeated(key: RepeatedKey) -> JsonError {
        JsonError::at(Code::JsonDuplicateKey, "the key stands twice in one object", key.0)
    }

    /// One level deeper.
    pub(crate) fn enter(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > limits::JSON_DEPTH {
            return Err(self.error(Code::JsonDepth, format!("more than {} levels deep", limits::JSON_DEPTH)));
        }
        Ok(())
    }

    /// One level up.
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// `true`, `false` or `null`.
    pub(crate) fn literal(&mut self) -> Result<&'static str, JsonError> {
        for word in ["true", "false", "null"] {
            if self.rest().starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(word);
            }
        }
        Err(self.expected("a value"))
    }

    /// The spelling of the number that comes next, checked against the grammar.
    pub(crate) fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        let digits = |scanner: &mut Self| {
            let count = scanner.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
            scanner.at += count;
            if count == 0 { Err(scanner.expected("a digit")) } else { Ok(count) }
        };
        let next = |scanner: &Self| scanner.rest().first().copied();
        self.at += usize::from(next(self) == Some(b'-'));
        let zero = next(self) == Some(b'0');
        if digits(self)? > 1 && zero {
            self.at = start;
            return Err(self.error(Code::JsonSyntax, "a number may not begin with 0"));
        }
        if next(self) == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if matches!(next(self), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(next(self), Some(b'+' | b'-')));
            digits(self)?;
        }
        Ok(self.slice(start, self.at))
    }

    /// The number that comes next as a double.
    pub(crate) fn double(&mut self) -> Result<f64, JsonError> {
        let start = self.at;
        let spelling = self.number()?;
        match spelling.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(JsonError::at(Code::JsonNumber, format!("`{}` is no double", shorten(spelling)), start)),
        }
    }

    /// The string that comes next.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.want(b'"', "a string")?;
        let start = self.at;
        self.at += plain_length(self.rest());
        if self.rest().first() == Some(&b'"') {
            let text = self.slice(start, self.at);
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut text = self.slice(start, self.at).to_string();
        self.string_rest(|piece| text.push_str(piece))?;
        Ok(Cow::Owned(text))
    }

    /// The pieces of a string after its first plain run, until after the closing quote.
    fn string_rest(&mut self, mut piece: impl FnMut(&str)) -> Result<(), JsonError> {
        loop {
            match self.rest().first() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => piece(self.escape()?.encode_utf8(&mut [0; 4])),
                Some(_) => {
                    return Err(self.error(Code::JsonSyntax, "a control character stands in a string; escape it"));
                }
                None => return Err(self.error(Code::JsonSyntax, "the text ends inside a string")),
            }
            let start = self.at;
            self.at += plain_length(self.rest());
            piece(self.slice(start, self.at));
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        self.at += 1;
        let Some(byte) = self.rest().first().copied() else {
            return Err(self.expected("an escape"));
        };
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex4()?;
                match self.character(unit)? {
                    Some(character) => character,
                    None if self.replaces_surrogates => char::REPLACEMENT_CHARACTER,
                    None => return Err(JsonError::at(Code::JsonSurrogate, "a lone surrogate escape", start)),
                }
            }
            _ => return Err(JsonError::at(Code::JsonSyntax, "an unknown escape", start)),
        })
    }

    /// The character that begins with a UTF-16 code unit; `None` for a lone surrogate. What follows one stays unread.
    fn character(&mut self, unit: u32) -> Result<Option<char>, JsonError> {
        if !(0xD800..=0xDBFF).contains(&unit) || !self.rest().starts_with(b"\\u") {
            return Ok(char::from_u32(unit));
        }
        let after = self.at;
        self.at += 2;
        let low = self.hex4()?;
        if !(0xDC00..=0xDFFF).contains(&low) {
            self.at = after;
            return Ok(None);
        }
        Ok(char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)))
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.rest().first_chunk::<4>().and_then(|digits| {
            digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
        });
        let value = digits.ok_or_else(|| self.error(Code::JsonSyntax, "four hex digits are expected after `\\u`"))?;
        self.at += 4;
        Ok(value)
    }

    /// Appends the canonical form of the next value.
    pub(crate) fn canonical(&mut self, form: &mut Canonical) -> Result<(), JsonError> {
        self.canonical_without(form, None)
    }

    /// Appends the canonical form of the next value, leaving out one member of the outermost object.
    pub(crate) fn canonical_without(&mut self, form: &mut Canonical, left_out: Option<&str>) -> Result<(), JsonError> {
        self.canonical_as(form, &Spelling { left_out, trimmed: false })
    }

    /// Appends the canonical form of the next value with all strings and keys trimmed (gate contract, 2.2). A key
    /// that is empty then is refused, and so are two that become one.
    pub(crate) fn canonical_trimmed(&mut self, form: &mut Canonical) -> Result<(), JsonError> {
        self.canonical_as(form, &Spelling { left_out: None, trimmed: true })
    }

    fn canonical_as(&mut self, form: &mut Canonical, spelling: &Spelling<'_>) -> Result<(), JsonError> {
        // A list of open containers instead of recursion: the nesting of hostile input costs heap, not stack.
        let mut open: Vec<Container> = Vec::new();
        loop {
            match self.kind()? {
                Kind::Object => {
                    self.enter()?;
                    self.step();
                    let object = form.open();
                    if self.eat(b'}') {
                        self.leave();
                        form.close(object).map_err(Self::repeated)?;
                    } else {
                        let member = self.canonical_key(form, &object, spelling, open.is_empty())?;
                        open.push(Container::Object { object, member });
                        continue;
                    }
                }
                Kind::Array => {
                    self.enter()?;
                    self.step();
                    form.byte(b'[');
                    if self.eat(b']') {
                        self.leave();
                        form.byte(b']');
                    } else {
                        open.push(Container::Array);
                        continue;
                    }
                }
                Kind::String => self.canonical_string(form, spelling.trimmed)?,
                Kind::Number => self.canonical_number(form)?,
                Kind::Bool | Kind::Null => form.raw(self.literal()?.as_bytes()),
            }
            // A value is complete: go on in the innermost container, closing those that end here.
            loop {
                let outermost = open.len() == 1;
                match open.pop() {
                    None => return Ok(()),
                    Some(Container::Array) => {
                        if self.eat(b',') {
                            form.byte(b',');
                            open.push(Container::Array);
                            break;
                        }
                        self.want(b']', "`,` or `]`")?;
                        self.leave();
                        form.byte(b']');
                    }
                    Some(Container::Object { mut object, member }) => {
                        match member {
                            Member::Kept(key) => form.end_member(&mut object, key).map_err(Self::repeated)?,
                            Member::LeftOut(key) => form.leave_out(&mut object, key).map_err(Self::repeated)?,
                        }
                        if self.eat(b',') {
                            let member = self.canonical_key(form, &object, spelling, outermost)?;
                            open.push(Container::Object { object, member });
                            break;
                        }
                        self.want(b'}', "`,` or `}`")?;
                        self.leave();
                        form.close(object).map_err(Self::repeated)?;
                    }
                }
            }
        }
    }

    /// The key that comes next, and its colon.
    fn canonical_key(
        &mut self,
        form: &mut Canonical,
        object: &Open,
        spelling: &Spelling<'_>,
        outermost: bool,
    ) -> Result<Member, JsonError> {
        let start = form.begin_member(object);
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in quotes"));
        }
        let origin = self.at;
        self.canonical_string(form, spelling.trimmed)?;
        if spelling.trimmed && form.ends_with_key(start, "") {
            return Err(JsonError::at(Code::IntentInvalid, "a key is empty", origin));
        }
        let is_left_out = outermost && spelling.left_out.is_some_and(|name| form.ends_with_key(start, name));
        let key = form.key(start, origin);
        self.want(b':', "`:`")?;
        Ok(if is_left_out { Member::LeftOut(key) } else { Member::Kept(key) })
    }

    fn canonical_string(&mut self, form: &mut Canonical, trimmed: bool) -> Result<(), JsonError> {
        if trimmed {
            // White space counts as such however it is escaped, so escapes are resolved first.
            match self.string()? {
                Cow::Borrowed(plain) => {
                    form.byte(b'"');
                    form.raw(plain.trim().as_bytes());
                    form.byte(b'"');
                }
                Cow::Owned(text) => form.string(text.trim()),
            }
            return Ok(());
        }
        self.want(b'"', "a string")?;
        let start = self.at;
        self.at += plain_length(self.rest());
        form.byte(b'"');
        form.raw(self.slice(start, self.at).as_bytes());
        if self.rest().first() == Some(&b'"') {
            self.at += 1;
        } else {
            self.string_rest(|piece| form.escaped(piece))?;
        }
        form.byte(b'"');
        Ok(())
    }

    fn canonical_number(&mut self, form: &mut Canonical) -> Result<(), JsonError> {
        let start = self.at;
        let spelling = self.number()?;
        // Up to 15 digits are exact in a double and print as they are.
        let digits = spelling.strip_prefix('-').unwrap_or(spelling);
        if digits.len() <= 15 && spelling != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            form.raw(spelling.as_bytes());
            return Ok(());
        }
        self.at = start;
        form.number(self.double()?);
        Ok(())
    }

    /// Walks over the next value, checking it like any other.
    pub(crate) fn skip(&mut self) -> Result<(), JsonError> {
        let mut form = core::mem::take(&mut self.skipped);
        form.clear();
        let walked = self.canonical(&mut form);
        self.skipped = form;
        walked
    }
}

/// How canonical form is written.
struct Spelling<'n> {
    /// The member of the outermost object to leave out.
    left_out: Option<&'n str>,
    /// Strings and keys lose white space at both ends.
    trimmed: bool,
}

/// A container that was opened and not closed.
enum Container {
    Array,
    Object { object: Open, member: Member },
}

/// A member whose value is being read.
enum Member {
    Kept(Key),
    LeftOut(Key),
}

/// A number's spelling, short enough to quote.
fn shorten(spelling: &str) -> Cow<'_, str> {
    match spelling.get(..32) {
        Some(head) if spelling.len() > 40 => Cow::Owned(format!("{head}…")),
        _ => Cow::Borrowed(spelling),
    }
}

/// Length of the run that needs no attention inside a string: no quote, no backslash, no control character.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut length = 0;
    let (blocks, _) = bytes.as_chunks::<8>();
    for block in blocks {
        let word = u64::from_le_bytes(*block);
        let zero = |x: u64| x.wrapping_sub(ONES) & !x & HIGHS;
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let special = zero(word ^ (ONES * b'"' as u64)) | zero(word ^ (ONES * b'\\' as u64)) | controls;
        if special != 0 {
            // A borrow may mark bytes behind the first special one, never before it.
            return length + special.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let tail = bytes.get(length..).unwrap_or_default();
    length + tail.iter().take_while(|byte| **byte >= 0x20 && !matches!(byte, b'"' | b'\\')).count()
}
