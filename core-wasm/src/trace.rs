//! Checking the signature of a trace (gate contract, 5.2 and 5.3).

use alloc::string::String;

use gait_contract::trace::{Linked, Trace, TraceReport, TraceVerifyRequest};
use gait_contract::verify::SignatureStatus;
use gait_contract::{Code, Fault};

use crate::digest::sha256_hex;
use crate::sign::{PublicKey, check};
use crate::task::Host;
use crate::{document, json, runpack};

/// Answers op `trace.verify`.
pub(crate) async fn verify(host: &Host, request: TraceVerifyRequest) -> Result<TraceReport, Fault> {
    let Some(key) = request.public_key.as_deref() else {
        return Err(Fault::new(Code::KeyMissing, "a trace is checked against a key, and none was given"));
    };
    let key = PublicKey::parse(key)?;
    let text = document::read(host, &request.trace).await?;
    let trace: Trace = json::read(&text).map_err(|fault| fault.at(request.trace.clone()))?;
    let checked = check_signature(&trace, &text, &key)?;
    let linked = match &request.run {
        None => None,
        Some(run) => Some(linked(host, run, &trace).await),
    };
    let (key_id, error) = match checked {
        Ok(()) => (trace.signature.map(|signature| signature.key_id).unwrap_or_default(), String::new()),
        Err(error) => (String::new(), error),
    };
    Ok(TraceReport {
        ok: error.is_empty(),
        trace_id: trace.trace_id,
        verdict: trace.verdict,
        signature_status: if error.is_empty() { SignatureStatus::Verified } else { SignatureStatus::Failed },
        key_id,
        error,
        linked,
    })
}

/// A signature covers the fields gait knows, or, from later producers, the whole document.
pub(crate) fn check_signature(trace: &Trace, text: &[u8], key: &PublicKey) -> Result<Result<(), String>, Fault> {
    let Some(signature) = &trace.signature else {
        return Ok(Err("the trace is not signed".into()));
    };
    let known = sha256_hex(&json::canonical(&Trace { signature: None, ..trace.clone() }));
    if signature.signed_digest == known {
        return Ok(check(signature, &known, key));
    }
    let whole = sha256_hex(&json::canonicalize_without(text, Some("signature"))?);
    Ok(check(signature, &whole, key))
}

/// Whether an intent of the run has the trace's tool and arguments.
async fn linked(host: &Host, run: &str, trace: &Trace) -> Linked {
    let Ok(run) = runpack::examine(host, run, None).await else {
        return Linked::Unknown;
    };
    let judged = |tool: &str, digest: &str| {
        tool.trim().to_lowercase() == trace.tool_name && digest.eq_ignore_ascii_case(&trace.args_digest)
    };
    if run.intents.iter().any(|intent| judged(&intent.tool_name, &intent.args_digest)) {
        Linked::Yes
    } else {
        Linked::Unknown
    }
}
