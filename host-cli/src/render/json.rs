//! Answers for machines: exactly one object on one line, keys sorted.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use gait_contract::Fault;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Object;

/// The object that a value serializes to.
pub fn object(value: &impl Serialize) -> Object {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        // Every answer is a struct with text keys, so this is only for the type checker.
        _ => Object::new(),
    }
}

/// A command's own object with the fault's envelope in it.
pub(super) fn fault(mut own: Object, fault: &Fault) -> Object {
    own.extend(object(fault));
    own.insert("ok".into(), false.into());
    own
}

pub(super) fn print(mut object: Object, words: &[String]) -> io::Result<()> {
    object.insert("correlation_id".into(), correlation_id(words).into());
    let mut line = serde_json::to_vec(&object)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

/// First 24 hex digits of SHA-256 over `gait` and the trimmed arguments, joined by U+001F (schemas contract, C.1).
pub fn correlation_id(words: &[String]) -> String {
    let mut hash = Sha256::new();
    hash.update("gait");
    for word in words {
        hash.update("\u{1f}");
        hash.update(word.trim());
    }
    hash.finalize().iter().take(12).fold(String::with_capacity(24), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_arguments_have_the_same_id() {
        let id = |words: &[&str]| correlation_id(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(id(&["demo", "--json"]), id(&[" demo", "--json\n"]));
        assert_ne!(id(&["demo", "--json"]), id(&["demo --json"]));
        assert_eq!(id(&[]), "7b3d74039aeefa454cd47c0b");
    }

    #[test]
    fn an_envelope_keeps_what_the_command_found() {
        let own = object(&serde_json::json!({"ok": true, "run_id": "run_x"}));
        let all = fault(own, &Fault::new(gait_contract::Code::InvalidInput, "no"));
        assert_eq!(all["ok"], false);
        assert_eq!(all["run_id"], "run_x");
        assert_eq!(all["error_code"], "invalid_input");
        assert_eq!(all["retryable"], false);
    }
}
