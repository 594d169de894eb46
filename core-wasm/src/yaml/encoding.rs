//! Whether bytes are text that everybody reads alike: UTF-8 without byte-order mark, without control characters, and
//! without characters that only some readers take for line ends.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::limits::{POLICY_BYTES, POLICY_PROBLEMS};
use gait_contract::policy::{Problem, ProblemCode};

use super::{Document, Span};

/// The text of a policy's bytes.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Vec<Problem>> {
    if bytes.len() > POLICY_BYTES {
        let message = format!("the policy has {} bytes, more than {POLICY_BYTES}", bytes.len());
        return Err(vec![at_the_start(ProblemCode::YamlTooLarge, message, "split it, one policy for each gate")]);
    }
    if let [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] = bytes {
        return Err(vec![at_the_start(ProblemCode::YamlEncoding, "the text is UTF-16".into(), "save it as UTF-8")]);
    }
    let text = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).and_then(|valid| core::str::from_utf8(valid).ok());
            let valid = valid.unwrap_or_default();
            let at = Span { start: valid.len(), end: valid.len() };
            let found = bytes.get(valid.len()).copied().unwrap_or_default();
            let message = format!("the byte 0x{found:02X} begins no UTF-8 character");
            return Err(vec![Document::new(valid).problem(ProblemCode::YamlEncoding, at, message, "save it as UTF-8")]);
        }
    };
    let problems = odd_characters(text);
    if problems.is_empty() { Ok(text) } else { Err(problems) }
}

fn at_the_start(code: ProblemCode, message: String, help: &str) -> Problem {
    Problem { code, message, help: help.into(), line: 1, column: 1, length: 1, source: String::new() }
}

/// A problem for every character that has no place in a policy.
fn odd_characters(text: &str) -> Vec<Problem> {
    let document = Document::new(text);
    let mut problems = Vec::new();
    let mut from = 0;
    for block in text.as_bytes().chunks(64) {
        // Nearly every block is plain ASCII without anything below a blank but line feeds.
        let odd = block.iter().fold(false, |odd, byte| odd | (*byte < b' ' && *byte != b'\n') | (*byte >= 0x7F));
        if odd {
            for offset in from..from + block.len() {
                let Some((name, help)) = text.as_bytes().get(offset..).and_then(oddity) else { continue };
                let end = offset + text.get(offset..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                problems.push(document.problem(ProblemCode::YamlEncoding, Span { start: offset, end }, name, help));
                if problems.len() == POLICY_PROBLEMS {
                    return problems;
                }
            }
        }
        from += block.len();
    }
    problems
}

/// What the character at the start is, if it has no place in a policy, and what to do about it.
fn oddity(bytes: &[u8]) -> Option<(String, &'static str)> {
    let escape = "remove it, or write it as an escape in double quotes";
    Some(match bytes {
        [b'\t' | b'\n', ..] | [b'\r', b'\n', ..] => return None,
        [b'\r', ..] => ("a carriage return without a line feed".into(), "end lines with a line feed"),
        [byte @ (..b' ' | 0x7F), ..] => (format!("the control character U+{byte:04X}"), escape),
        [0xC2, byte @ 0x80..=0x9F, ..] => (format!("the control character U+{byte:04X}"), escape),
        [0xE2, 0x80, byte @ (0xA8 | 0xA9), ..] => {
            let name = format!("the character U+20{:02X}, which some readers take for a line end", byte - 0x80);
            (name, escape)
        }
        [0xEF, 0xBB, 0xBF, ..] => ("a byte-order mark".into(), "save the file as UTF-8 without one"),
        [0xEF, 0xBF, byte @ (0xBE | 0xBF), ..] => (format!("U+FF{:02X}, which is no character", byte + 0x40), escape),
        _ => return None,
    })
}
