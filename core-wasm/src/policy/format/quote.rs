//! Writing scalars: without quotes where every reader takes them for the same text, in quotes otherwise.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::yaml::{Spelling, Style, spelling};

/// Where a scalar is to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind `key:` or `-`, or as a key.
    Block,
    /// Between the brackets of a list.
    Brackets,
}

/// A scalar as it is written on one line.
pub(super) fn scalar(text: &str, style: Style, place: Place) -> Cow<'_, str> {
    let is_value = style == Style::Plain && spelling(text) != Spelling::Word;
    let needs_quotes = !can_be_plain(text, place) || style != Style::Plain && may_be_taken_otherwise(text);
    if is_value || !needs_quotes {
        return Cow::Borrowed(text);
    }
    let has_odd_characters = text.chars().any(is_odd);
    if !has_odd_characters && text.contains(['"', '\\']) {
        return Cow::Owned(format!("'{}'", text.replace('\'', "''")));
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            odd if is_odd(odd) && u32::from(odd) < 0x100 => quoted.push_str(&format!("\\x{:02x}", u32::from(odd))),
            odd if is_odd(odd) => quoted.push_str(&format!("\\u{:04x}", u32::from(odd))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

/// Whether a text is best written as a block that `|` begins: several lines, none of which could be misread.
pub(super) fn is_block(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !lines.is_empty()
        && !lines.starts_with([' ', '\n'])
        && !lines.ends_with('\n')
        && lines.lines().all(|line| !line.starts_with('\t') && !line.ends_with([' ', '\t']))
        && !text.chars().any(|character| is_odd(character) && !matches!(character, '\n' | '\t'))
}

/// Characters that only stand in quotes, as escapes.
fn is_odd(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether the text can stand without quotes (YAML 1.2, 7.3.3), and is on the safe side of that.
fn can_be_plain(text: &str, place: Place) -> bool {
    let mut characters = text.chars();
    let starts_well = match (characters.next(), characters.next()) {
        (Some('-'), Some(next)) => {
            next.is_alphanumeric() || matches!(next, '/' | '_' | '.') || next == '-' && !text.starts_with("---")
        }
        (Some(first), _) => !"-?:,[]{}#&*!|>'\"%@` ".contains(first) && !text.starts_with("..."),
        (None, _) => false,
    };
    starts_well
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(is_odd)
        && (place == Place::Block || !text.contains([',', '[', ']', '{', '}']) && !text.ends_with(" -"))
}

/// Whether a quoted text without its quotes would be null, a boolean, a number or a date to some reader of YAML.
fn may_be_taken_otherwise(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "=", "<<"];
    let is_date_or_time = text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-'))
        && text.get(1..).is_some_and(|rest| rest.contains([':', '-']))
        && text.chars().all(|character| character.is_ascii_digit() || "+-:._TtZz ".contains(character));
    spelling(text) != Spelling::Word || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)) || is_date_or_time
}
