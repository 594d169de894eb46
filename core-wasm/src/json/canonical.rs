//! The canonical form under construction: bytes, and the object members that may still have to change places.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::scan::plain_length;
use crate::order;

/// Builds canonical JSON front to back. Members arrive in any order; an object that was out of order is put in
/// order when it closes, so text that is canonical already is only copied.
#[derive(Default)]
pub(crate) struct Canonical {
    out: Vec<u8>,
    members: Vec<Member>,
    scratch: Vec<u8>,
    given_order: bool,
}

/// Members up to which an object is put in order without taking memory for it.
const FEW: usize = 16;

/// One member of an open object: where its key and its value stand in `out`.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
    /// Where the key stood in the text, for the error about a repeated key.
    origin: usize,
}

/// An object that was opened and not closed.
pub(crate) struct Open {
    start: usize,
    first_member: usize,
    in_order: bool,
    left_out: bool,
}

/// A key that was written and waits for its value.
pub(crate) struct Key {
    start: usize,
    key_end: usize,
    origin: usize,
}

/// A key stands twice in one object; the offset is the one given with the second key.
pub(crate) struct RepeatedKey(pub(crate) usize);

impl Canonical {
    /// A form that leaves members in the order they are given, for files that people read.
    pub(crate) fn in_given_order() -> Self {
        // Room for most replies and records; growing step by step costs more than the writing.
        Self { given_order: true, out: Vec::with_capacity(1_024), ..Self::default() }
    }

    /// A form with room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Takes the bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// The bytes so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Starts over, keeping the memory.
    pub(crate) fn clear(&mut self) {
        self.out.clear();
        self.members.clear();
    }

    /// Appends bytes that are canonical already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Appends one byte of structure.
    pub(crate) fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    /// Appends a string with the escapes of RFC 8785, section 3.2.2.2.
    #[inline(never)]
    pub(crate) fn string(&mut self, text: &str) {
        self.out.push(b'"');
        self.escaped(text);
        self.out.push(b'"');
    }

    /// Appends the inside of a string.
    pub(crate) fn escaped(&mut self, text: &str) {
        self.out.reserve(text.len() + text.len() / 8);
        let mut rest = text.as_bytes();
        loop {
            let (plain, special) = rest.split_at_checked(plain_length(rest)).unwrap_or((rest, &[]));
            self.out.extend_from_slice(plain);
            let Some((byte, after)) = special.split_first() else { return };
            match byte {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                0x08 => self.out.extend_from_slice(b"\\b"),
                0x09 => self.out.extend_from_slice(b"\\t"),
                0x0A => self.out.extend_from_slice(b"\\n"),
                0x0C => self.out.extend_from_slice(b"\\f"),
                0x0D => self.out.extend_from_slice(b"\\r"),
                control => {
                    let hex = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                    self.out.extend_from_slice(b"\\u00");
                    self.out.push(hex(control >> 4));
                    self.out.push(hex(control & 15));
                }
            }
            rest = after;
        }
    }

    /// Appends a whole number that a double holds exactly.
    pub(crate) fn integer(&mut self, value: i64) {
        if value < 0 {
            self.out.push(b'-');
        }
        let start = self.out.len();
        let mut rest = value.unsigned_abs();
        loop {
            self.out.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if let Some(digits) = self.out.get_mut(start..) {
            digits.reverse();
        }
    }

    /// Appends a finite number in ECMAScript's spelling (RFC 8785, section 3.2.2.3).
    pub(crate) fn number(&mut self, value: f64) {
        self.out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    }

    /// Opens an object.
    pub(crate) fn open(&mut self) -> Open {
        self.out.push(b'{');
        Open { start: self.out.len(), first_member: self.members.len(), in_order: true, left_out: false }
    }

    /// Begins a member; the caller writes the key's string next, then calls [`Canonical::key`].
    pub(crate) fn begin_member(&mut self, object: &Open) -> usize {
        if self.out.len() > object.start {
            self.out.push(b',');
        }
        self.out.len()
    }

    /// The key that was written from `start`; the value comes next.
    pub(crate) fn key(&mut self, start: usize, origin: usize) -> Key {
        let key_end = self.out.len();
        self.out.push(b':');
        Key { start, key_end, origin }
    }

    /// Begins a member with this name; the value comes next.
    #[inline(never)]
    pub(crate) fn named(&mut self, object: &Open, name: &str) -> Key {
        let start = self.begin_member(object);
        self.string(name);
        self.key(start, 0)
    }

    /// The value after `key` is complete.
    #[inline(never)]
    pub(crate) fn end_member(&mut self, object: &mut Open, key: Key) -> Result<(), RepeatedKey> {
        if self.given_order {
            return Ok(());
        }
        let member = Member { start: key.start, key_end: key.key_end, end: self.out.len(), origin: key.origin };
        if self.members.len() > object.first_member
            && object.in_order
            && let Some(previous) = self.members.last()
        {
            match compare(self.key_of(previous), self.key_of(&member)) {
                Ordering::Less => {}
                Ordering::Equal => return Err(RepeatedKey(member.origin)),
                Ordering::Greater => object.in_order = false,
            }
        }
        self.members.push(member);
        Ok(())
    }

    /// Takes the member back that was just completed, with its comma. A second one is a repeated key.
    pub(crate) fn leave_out(&mut self, object: &mut Open, key: Key) -> Result<(), RepeatedKey> {
        if object.left_out {
            return Err(RepeatedKey(key.origin));
        }
        object.left_out = true;
        self.take_back(object, key.start);
        Ok(())
    }

    /// Takes a member back that was begun at `start`, with its comma.
    pub(crate) fn take_back(&mut self, object: &Open, start: usize) {
        self.out.truncate(if start > object.start { start - 1 } else { start });
    }

    /// Whether the string that was just written from `start` is `name`, a word without escapes.
    pub(crate) fn ends_with_key(&self, start: usize, name: &str) -> bool {
        self.out.get(start + 1..self.out.len() - 1) == Some(name.as_bytes())
    }

    /// Closes the object and puts its members in order.
    #[inline(never)]
    pub(crate) fn close(&mut self, object: Open) -> Result<(), RepeatedKey> {
        if !object.in_order {
            self.sort(&object)?;
        }
        self.members.truncate(object.first_member);
        self.out.push(b'}');
        Ok(())
    }

    fn sort(&mut self, object: &Open) -> Result<(), RepeatedKey> {
        let first = object.first_member;
        if self.members.len() - first <= FEW {
            // One by one to its place; what most objects need is done before memory could be had for more.
            for unsorted in first + 1..self.members.len() {
                let mut place = unsorted;
                while place > first && self.compare(place - 1, place) == Ordering::Greater {
                    self.members.swap(place - 1, place);
                    place -= 1;
                }
            }
        } else {
            let order = order::numbers(self.members.len() - first, &mut |a, b| self.compare(first + a, first + b));
            let unsorted = self.members.split_off(first);
            self.members.extend(order.into_iter().filter_map(|place| unsorted.get(place)));
        }
        let mut scratch = core::mem::take(&mut self.scratch);
        scratch.clear();
        let mut before: Option<&Member> = None;
        for member in self.members.get(first..).unwrap_or_default() {
            if before.is_some_and(|before| self.key_of(before) == self.key_of(member)) {
                return Err(RepeatedKey(member.origin));
            }
            if before.is_some() {
                scratch.push(b',');
            }
            scratch.extend_from_slice(self.out.get(member.start..member.end).unwrap_or_default());
            before = Some(member);
        }
        self.out.truncate(object.start);
        self.out.extend_from_slice(&scratch);
        self.scratch = scratch;
        Ok(())
    }

    /// Order of two members by their keys.
    fn compare(&self, one: usize, other: usize) -> Ordering {
        match (self.members.get(one), self.members.get(other)) {
            (Some(one), Some(other)) => compare(self.key_of(one), self.key_of(other)),
            _ => Ordering::Equal,
        }
    }

    /// A member's key between its quotes, escapes included.
    fn key_of(&self, member: &Member) -> &[u8] {
        self.out.get(member.start + 1..member.key_end - 1).unwrap_or_default()
    }
}

/// Order of two escaped keys by UTF-16 code units of the text they stand for (RFC 8785, section 3.2.3).
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (before, a_differs, b_differs) = (a.get(..same).unwrap_or_default(), a.get(same), b.get(same));
    // The first difference decides unless an escape or a character that UTF-16 orders differently is involved.
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| *byte < 0xEE && *byte != b'\\');
    if plain(a_differs) && plain(b_differs) && !before.contains(&b'\\') {
        return a_differs.cmp(&b_differs);
    }
    units(a).cmp(units(b))
}

/// UTF-16 code units of a canonically escaped string.
fn units(escaped: &[u8]) -> impl Iterator<Item = u16> {
    let mut chars = core::str::from_utf8(escaped).unwrap_or_default().chars();
    let mut low = None;
    core::iter::from_fn(move || {
        if let Some(unit) = low.take() {
            return Some(unit);
        }
        let decoded = match chars.next()? {
            '\\' => match chars.next()? {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'f' => '\u{c}',
                'r' => '\r',
                'u' => {
                    let value = chars.by_ref().take(4).fold(0, |value, c| value * 16 + c.to_digit(16).unwrap_or(0));
                    char::from_u32(value).unwrap_or_default()
                }
                other => other,
            },
            plain => plain,
        };
        let mut buffer = [0; 2];
        match decoded.encode_utf16(&mut buffer) {
            [high, second] => {
                low = Some(*second);
                Some(*high)
            }
            [single] => Some(*single),
            _ => None,
        }
    })
}
