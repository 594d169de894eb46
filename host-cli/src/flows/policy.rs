//! Read, try, explain and format a policy. Only formatting writes anything, and only when it is told to.

use std::path::Path;

use gait_contract::intent::Given;
use gait_contract::policy::{PolicyFormatRequest, PolicyLoadRequest, PolicyReport};
use gait_contract::review::{ExplainRequest, Explanation, PolicyTest, PolicyTestRequest};
use gait_contract::{Call, Code, Fault, Op};
use serde::Serialize;
use serde_json::{Map, Value};

use super::gate_outputs::unusable;
use crate::core::{Core, Session};
use crate::host::documents::Documents;
use crate::host::fs::{self, Draft};
use crate::host::interrupt;

/// Reads a policy and tells what it is.
pub fn validate(policy: &str) -> Result<PolicyReport, Fault> {
    Core::load()?.call(&PolicyLoadRequest { policy: policy.to_owned() }, &mut Documents::new())
}

/// Says what a policy makes of an intent, without side effects.
pub fn test(policy: &str, intent: &str) -> Result<PolicyTest, Fault> {
    let request = PolicyTestRequest { policy: Some(policy.to_owned()), intent: Given::Source(intent.to_owned()) };
    Core::load()?.call(&request, &mut Documents::new())
}

/// Says how a policy comes to its verdict about an intent.
pub fn explain(policy: &str, intent: &str) -> Result<Explained, Fault> {
    ask_why(&mut Core::load()?.session()?, policy, intent)
}

/// How a verdict comes about.
pub struct Explained {
    /// File of the policy.
    pub policy: String,
    /// What the core says, but for the intent.
    pub explanation: Explanation,
    /// All of it, as the core wrote it.
    pub object: Map<String, Value>,
}

/// Asks a running core why.
pub(super) fn ask_why(session: &mut Session, policy: &str, intent: &str) -> Result<Explained, Fault> {
    let request = ExplainRequest { policy: Some(policy.to_owned()), intent: Given::Source(intent.to_owned()) };
    let object = session.call(&AsWritten(request), &mut Documents::new())?;
    let mut known = object.clone();
    // Free objects are the core's to read; this one is only passed on.
    known.remove("intent");
    let explanation = serde_json::from_value(Value::Object(known))
        .map_err(|error| Fault::new(Code::CoreTrap, format!("the core's answer cannot be used: {error}")))?;
    Ok(Explained { policy: policy.to_owned(), explanation, object })
}

/// A request whose reply is taken as the core wrote it.
#[derive(Serialize)]
#[serde(transparent)]
struct AsWritten<C>(C);

impl<C: Call> Call for AsWritten<C> {
    const OP: Op = C::OP;
    type Reply = Map<String, Value>;
}

/// What formatting came to.
#[derive(Debug, Serialize)]
pub struct Formatted {
    /// Always true.
    pub ok: bool,
    /// The file.
    pub path: String,
    /// The file is, or was, laid out otherwise.
    pub changed: bool,
    /// The file was written anew.
    pub written: bool,
    /// Digest of the policy; the same before and after.
    pub policy_digest: String,
    /// The policy in the one layout, unless it was written or only checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What becomes of the formatted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is printed.
    Print,
    /// The file is written anew, if that changes it.
    Write,
    /// Nothing; a file that is laid out otherwise is a fault.
    Check,
}

/// Lays a policy out.
pub fn format(policy: &str, then: Then) -> Result<Formatted, Fault> {
    interrupt::hold();
    let formatted = Core::load()?.call(&PolicyFormatRequest { policy: policy.to_owned() }, &mut Documents::new())?;
    if then == Then::Check && formatted.changed {
        return Err(Fault::new(Code::PolicyUnformatted, format!("`{policy}` is not formatted")).at(policy));
    }
    let write = then == Then::Write && formatted.changed;
    if write {
        replace(Path::new(policy), formatted.text.as_bytes()).map_err(unusable)?;
    }
    Ok(Formatted {
        ok: true,
        path: policy.to_owned(),
        changed: formatted.changed,
        written: write,
        policy_digest: formatted.policy_digest,
        text: (then == Then::Print).then_some(formatted.text),
    })
}

/// Replaces a file of the user's own, which keeps its place behind links and who may read it.
fn replace(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let real = path.canonicalize().map_err(|error| fs::unwritable(path, &error))?;
    let mut draft = Draft::holding(&real, content)?;
    #[cfg(unix)]
    if let Ok(found) = real.metadata() {
        draft.mode(std::os::unix::fs::MetadataExt::mode(&found) & 0o777)?;
    }
    draft.put(&real)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_keeps_its_place_and_its_mode() {
        let root = tempfile::tempdir().expect("a folder");
        let (file, link) = (root.path().join("p.yaml"), root.path().join("link.yaml"));
        std::fs::write(&file, b"old").expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("a mode");
        std::os::unix::fs::symlink("p.yaml", &link).expect("a link");
        replace(&link, b"new").expect("replaced");
        assert_eq!(std::fs::read(&file).expect("read"), b"new");
        assert!(link.symlink_metadata().expect("there").is_symlink());
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o644);
        assert!(replace(Path::new("/dev/null"), b"x").is_err());
    }
}
