//! Member names: what they look like when they are safe, and when two of them are too much alike.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Code;

use super::Refusal;
use super::records::FLAG_UTF8;
use crate::order;

/// The name in a directory entry, when it stays inside the archive wherever it is unpacked.
pub(super) fn read(bytes: &[u8], flags: u16) -> Result<String, Refusal> {
    let Ok(name) = core::str::from_utf8(bytes) else {
        let text = format!("the name `{}` is not UTF-8", shown(&String::from_utf8_lossy(bytes)));
        return Err(Refusal::new(Code::ZipUnsafeName, text));
    };
    let problem = if name.trim().is_empty() {
        "is empty"
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if is_absolute(name) {
        "is absolute"
    } else if name.split(['/', '\\']).any(|part| part.trim() == "..") {
        "climbs out of its folder"
    } else if !name.is_ascii() && flags & FLAG_UTF8 == 0 {
        // Without the flag the bytes are code page 437 to some readers and UTF-8 to others.
        "does not say in which encoding it is"
    } else {
        return Ok(name.to_string());
    };
    Err(Refusal::new(Code::ZipUnsafeName, format!("the name `{}` {problem}", shown(name))))
}

/// A root of Unix or Windows, or a drive.
fn is_absolute(name: &str) -> bool {
    name.starts_with(['/', '\\']) || matches!(name.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}

/// Refuses names that some readers take for one and the same.
pub(super) fn check_distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let mut names: Vec<(String, &str)> = names.map(|name| (name.trim().to_lowercase(), name)).collect();
    order::sort(&mut names, &mut |(one, one_name), (other, other_name)| {
        (one, one_name.trim()).cmp(&(other, other_name.trim()))
    });
    let alike = || names.iter().zip(names.iter().skip(1)).filter(|((one, _), (other, _))| one == other);
    if let Some(((_, name), _)) = alike().find(|((_, one), (_, other))| one.trim() == other.trim()) {
        return Err(Refusal::new(Code::ZipDuplicateMember, "the archive holds this member twice").of(name));
    }
    match alike().next() {
        Some(((_, one), (_, other))) => {
            let text = format!("the names `{}` and `{}` differ only by case", shown(one), shown(other));
            Err(Refusal::new(Code::ZipNameClash, text))
        }
        None => Ok(()),
    }
}

/// A name as it can be printed: nothing in it moves a cursor or turns the direction of text, and it is not too long.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 120;
    let mut text = String::new();
    for (count, character) in name.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        let turns = matches!(character, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            text.extend(character.escape_unicode());
        } else {
            text.push(character);
        }
    }
    text
}
