//! Check the trace of a verdict: whether it is signed, and whether the verdict follows from policy and intent.

use gait_contract::intent::Given;
use gait_contract::review::{Recheck, RecheckRequest};
use gait_contract::trace::{TraceReport, TraceVerifyRequest};
use gait_contract::{Code, Fault};

use crate::core::Core;
use crate::host::documents::Documents;
use crate::host::keys::Source;

/// Checks the signature of a trace.
pub fn verify(trace: &str, public: Option<Source>, private: Option<Source>) -> Result<TraceReport, Fault> {
    let Some(public_key) = key(public, private)? else {
        return Err(Fault::new(Code::KeyMissing, "a trace is signed, so there has to be a key to check it with"));
    };
    let request = TraceVerifyRequest { trace: trace.to_owned(), public_key: Some(public_key), run: None };
    Core::load()?.call(&request, &mut Documents::new())
}

/// Judges an intent again, and compares. The signature is checked if a key is named.
pub fn recheck(
    trace: &str,
    policy: &str,
    intent: &str,
    public: Option<Source>,
    private: Option<Source>,
) -> Result<Recheck, Fault> {
    let request = RecheckRequest {
        trace: trace.to_owned(),
        policy: policy.to_owned(),
        intent: Given::Source(intent.to_owned()),
        public_key: key(public, private)?,
        producer_version: Core::producer_version(),
    };
    Core::load()?.call(&request, &mut Documents::new())
}

/// The named key. A public source is preferred, and then the private one is not even read.
pub(super) fn key(public: Option<Source>, private: Option<Source>) -> Result<Option<String>, Fault> {
    Ok(match (public, private) {
        (Some(source), _) => Some(source.public()?.text()),
        (None, Some(source)) => Some(source.private()?.public().text()),
        (None, None) => None,
    })
}
