//! The text forms of files that people read: keys in the order of the contract's tables (schemas contract, A.8).

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::json::{Canonical, canonical_into, plain_length};

/// Lower case, character by character: no character's case depends on its neighbours, and none becomes two.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// The form in which texts are equal that readers without regard to case take for one: `ſ` is an `s` to them, and the
/// Kelvin sign a `k`.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let upper = |c: char| {
        let mut upper = c.to_uppercase();
        upper.next().filter(|_| upper.next().is_none()).unwrap_or(c)
    };
    lower(&text.chars().map(upper).collect::<String>())
}

/// One line, keys in table order, no line feed at the end.
pub(crate) fn compact<T: Serialize>(value: &T) -> String {
    String::from_utf8(given_order(value)).unwrap_or_default()
}

/// Two blanks for each level, keys in table order, a line feed at the end.
pub(crate) fn indented<T: Serialize>(value: &T) -> String {
    indent(&given_order(value))
}

fn indent(compact: &[u8]) -> String {
    let mut out = Vec::with_capacity(compact.len() * 2);
    let (mut depth, mut at) = (0, 0);
    while let Some(&byte) = compact.get(at) {
        let empty = |other: Option<&u8>, brace: u8| other == Some(&brace);
        match byte {
            b'{' | b'[' => {
                out.push(byte);
                // `{` and `}`, like `[` and `]`, are two apart.
                if !empty(compact.get(at + 1), byte + 2) {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                if !empty(at.checked_sub(1).and_then(|before| compact.get(before)), byte - 2) {
                    depth -= 1;
                    new_line(&mut out, depth);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            b'"' => {
                let length = string_length(compact.get(at..).unwrap_or_default());
                out.extend_from_slice(compact.get(at..at + length).unwrap_or_default());
                at += length;
                continue;
            }
            _ => out.push(byte),
        }
        at += 1;
    }
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// Length of the string that a text begins with, quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut length = 1;
    loop {
        length += plain_length(text.get(length..).unwrap_or_default());
        match text.get(length) {
            Some(b'\\') => length += 2,
            Some(b'"') => return length + 1,
            // Strings hold no control characters and end before their text does.
            Some(_) => length += 1,
            None => return text.len(),
        }
    }
}

fn given_order<T: Serialize>(value: &T) -> Vec<u8> {
    let mut form = Canonical::in_given_order();
    canonical_into(value, &mut form);
    form.into_bytes()
}

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Sample {
        second: &'static str,
        first: Vec<u8>,
        none: Vec<u8>,
    }

    #[test]
    fn case_is_folded_one_character_at_a_time() {
        assert_eq!(super::lower("FİLE ΟΔΟΣ É"), "file οδοσ é");
        assert_eq!(super::lower("ASCII \u{7f} 1"), "ascii \u{7f} 1");
        // Kelvin, sharp s, a titlecase digraph, and letters whose upper case alone has more than one character.
        assert_eq!(super::lower("\u{212a}ẞǅŉΐ"), "kßǆŉΐ");
        // İ is the only character whose full mapping has a second character, which the simple one does without.
        let longer: Vec<char> = ('\0'..=char::MAX).filter(|c| c.to_lowercase().count() > 1).collect();
        assert_eq!(longer, ['İ']);
    }

    #[test]
    fn readers_without_regard_to_case_take_some_letters_for_one() {
        for text in ["params", "PARAMS", "paramſ", "Paramſ"] {
            assert_eq!(super::fold(text), "params", "{text}");
        }
        assert_eq!(super::fold("to\u{212a}en"), "token");
        assert_eq!(super::fold("ß"), "ß");
    }

    #[test]
    fn files_keep_the_order_of_the_table() {
        let sample = Sample { second: "a\\\":{[,", first: [1, 2].into(), none: Vec::new() };
        assert_eq!(super::compact(&sample), r#"{"second":"a\\\":{[,","first":[1,2],"none":[]}"#);
        let indented = "{\n  \"second\": \"a\\\\\\\":{[,\",\n  \"first\": [\n    1,\n    2\n  ],\n  \"none\": []\n}\n";
        assert_eq!(super::indented(&sample), String::from(indented));
    }
}
