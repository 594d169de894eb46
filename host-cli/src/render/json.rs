//! Answers for machines: exactly one object on one line, keys sorted but for a document that comes last.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

use gait_contract::{Category, ExitCode, Fault};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Envelope, Object};

/// The object that a value serializes to.
pub fn object(value: &impl Serialize) -> Object {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        // Every answer is a struct with text keys, so this is only for the type checker.
        _ => Object::new(),
    }
}

/// A command's own object with the fault's envelope in it. `cause` is always the code that names the cause.
pub fn fault(mut own: Object, fault: &Fault, envelope: Envelope) -> Object {
    own.extend(object(fault));
    own.insert("cause".into(), fault.error_code.token().into());
    own.insert("ok".into(), false.into());
    if envelope == Envelope::ByExit {
        let fixed = Fixed::of(ExitCode::from(fault));
        // Trouble with state and network keeps its own code, so that a caller knows what to wait for.
        let outside = matches!(
            fault.error_category,
            Category::StateContention | Category::IoFailure | Category::NetworkTransient | Category::NetworkPermanent
        );
        if !outside {
            own.insert("error_code".into(), fixed.code.into());
            own.insert("error_category".into(), fixed.category.into());
        }
        own.insert("hint".into(), fixed.hint.into());
        own.insert("next_step".into(), fault.hint.clone().into());
    }
    own
}

/// What the gate contract fixes for an exit code (4.1).
struct Fixed {
    code: &'static str,
    category: &'static str,
    hint: &'static str,
}

impl Fixed {
    fn of(exit: ExitCode) -> Self {
        let (code, category, hint) = match exit {
            ExitCode::InvalidInput => ("invalid_input", "invalid_input", "check command usage and input schema"),
            ExitCode::VerificationFailed => {
                ("verification_failed", "verification_failed", "re-run verify after checking artifact integrity")
            }
            ExitCode::PolicyBlocked => {
                ("policy_blocked", "policy_blocked", "inspect reason_codes and adjust policy or intent")
            }
            ExitCode::ApprovalRequired => {
                ("approval_required", "approval_required", "provide a valid approval token and retry")
            }
            ExitCode::DependencyMissing => {
                ("dependency_missing", "dependency_missing", "install or configure the missing dependency and retry")
            }
            ExitCode::UnsafeOperation => {
                ("unsafe_operation", "internal_failure", "pass explicit unsafe flags only for approved replay paths")
            }
            ExitCode::RegressFailed => {
                ("regress_failed", "internal_failure", "retry after checking local environment and logs")
            }
            ExitCode::Success | ExitCode::Internal => {
                ("internal_failure", "internal_failure", "retry after checking local environment and logs")
            }
        };
        Self { code, category, hint }
    }
}

/// Prints an object; `document` is a last member that may be too large to be held.
pub(super) fn print(mut object: Object, document: Option<(&str, &File)>, words: &[String]) -> io::Result<()> {
    object.insert("correlation_id".into(), correlation_id(words).into());
    let mut line = serde_json::to_vec(&object)?;
    let mut out = io::stdout().lock();
    if let Some((name, mut document)) = document {
        document.seek(SeekFrom::Start(0))?;
        line.pop();
        out.write_all(&line)?;
        write!(out, ",{}:", serde_json::Value::from(name))?;
        io::copy(&mut document, &mut out)?;
        line = b"}".to_vec();
    }
    line.push(b'\n');
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
    use gait_contract::Code;

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
        let all = fault(own, &Fault::new(Code::KeyInvalid, "no"), Envelope::ByCause);
        assert_eq!(all["ok"], false);
        assert_eq!(all["run_id"], "run_x");
        assert_eq!((&all["error_code"], &all["cause"]), (&"key_invalid".into(), &"key_invalid".into()));
        assert_eq!(all["retryable"], false);
        assert!(!all.contains_key("next_step"));
    }

    #[test]
    fn by_exit_code_the_cause_stands_beside() {
        let told = |code| {
            let all = fault(Object::new(), &Fault::new(code, "no").hint("do this"), Envelope::ByExit);
            ["error_code", "error_category", "retryable", "hint", "cause", "next_step"].map(|key| all[key].to_string())
        };
        assert_eq!(
            told(Code::KeyInvalid),
            [
                r#""invalid_input""#,
                r#""invalid_input""#,
                "false",
                r#""check command usage and input schema""#,
                r#""key_invalid""#,
                r#""do this""#
            ]
        );
        let timeout = told(Code::RateLimitLockTimeout);
        assert_eq!(timeout[..3], [r#""rate_limit_lock_timeout""#, r#""state_contention""#, "true"]);
        assert_eq!(told(Code::CoreTrap)[..2], [r#""internal_failure""#, r#""internal_failure""#]);
        assert_eq!(told(Code::VerificationFailed)[0], r#""verification_failed""#);
    }
}
