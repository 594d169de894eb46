//! Checking the signature of a trace (gate contract, 5.2 and 5.3).

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::runpack::Signature;
use gait_contract::trace::{Linked, Trace, TraceReport, TraceVerifyRequest};
use gait_contract::verify::SignatureStatus;
use gait_contract::{Code, Fault, Timestamp};
use serde::Serialize;

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

/// What a trace's signature is over: every field gait knows, but the signature (gate contract, 5.3).
pub(crate) fn payload(trace: &Trace) -> Vec<u8> {
    json::canonical_as_declared(&Payload {
        approval_token_ref: &trace.approval_token_ref,
        args_digest: &trace.args_digest,
        correlation_id: &trace.correlation_id,
        created_at: &trace.created_at,
        intent_digest: &trace.intent_digest,
        latency_ms: Some(trace.latency_ms).filter(|latency| *latency != 0.0),
        policy_digest: &trace.policy_digest,
        producer_version: &trace.producer_version,
        schema_id: &trace.schema_id,
        schema_version: &trace.schema_version,
        skill_provenance: trace.skill_provenance.as_ref().map(|skill| SkillPayload {
            digest: &skill.digest,
            publisher: &skill.publisher,
            signature_key_id: &skill.signature_key_id,
            skill_name: &skill.skill_name,
            skill_version: &skill.skill_version,
            source: &skill.source,
        }),
        tool_name: &trace.tool_name,
        trace_id: &trace.trace_id,
        verdict: &trace.verdict,
        violations: &trace.violations,
    })
}

/// The payload's members in canonical order.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    approval_token_ref: &'a str,
    args_digest: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    correlation_id: &'a str,
    created_at: &'a Timestamp,
    intent_digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    policy_digest: &'a str,
    producer_version: &'a str,
    schema_id: &'a str,
    schema_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill_provenance: Option<SkillPayload<'a>>,
    tool_name: &'a str,
    trace_id: &'a str,
    verdict: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    violations: &'a [String],
}

#[derive(Serialize)]
struct SkillPayload<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    digest: &'a str,
    publisher: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    signature_key_id: &'a str,
    skill_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    skill_version: &'a str,
    source: &'a str,
}

/// A signature covers the fields gait knows, or, from later producers, the whole document.
pub(crate) fn check_signature(trace: &Trace, text: &[u8], key: &PublicKey) -> Result<Result<(), String>, Fault> {
    let Some(signature) = &trace.signature else {
        return Ok(Err("the trace is not signed".into()));
    };
    Ok(check(signature, &signed_digest(trace, signature, text)?, key))
}

/// Whether the digest that a trace's signature names is that of the trace.
pub(crate) fn signs_content(trace: &Trace, text: &[u8]) -> Result<bool, Fault> {
    let Some(signature) = &trace.signature else { return Ok(false) };
    Ok(signature.signed_digest == signed_digest(trace, signature, text)?)
}

/// The digest that a signature has to be over.
fn signed_digest(trace: &Trace, signature: &Signature, text: &[u8]) -> Result<String, Fault> {
    let known = sha256_hex(&payload(trace));
    if signature.signed_digest == known {
        return Ok(known);
    }
    Ok(sha256_hex(&json::canonicalize_without(text, Some("signature"))?))
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

#[cfg(test)]
mod tests {
    use super::payload;
    use crate::json;
    use gait_contract::Timestamp;
    use gait_contract::trace::{SkillProvenance, Trace};

    #[test]
    fn the_payload_is_the_canonical_trace_without_its_signature() {
        let skill = SkillProvenance {
            skill_name: "s".into(),
            skill_version: "1".into(),
            source: "x".into(),
            publisher: "p".into(),
            digest: "d".into(),
            signature_key_id: "k".into(),
        };
        let full = Trace {
            schema_id: "a".into(),
            schema_version: "b".into(),
            created_at: Timestamp::parse("2026-03-11T09:15:00.5+01:00").unwrap(),
            producer_version: "c".into(),
            trace_id: "d".into(),
            correlation_id: "e".into(),
            tool_name: "f\n".into(),
            args_digest: "g".into(),
            intent_digest: "h".into(),
            policy_digest: "i".into(),
            verdict: "allow".into(),
            violations: alloc::vec!["z".into(), "y".into()],
            latency_ms: 0.25,
            approval_token_ref: "j".into(),
            skill_provenance: Some(skill),
            signature: None,
        };
        assert_eq!(payload(&full), json::canonical(&full));
        let few = Trace { skill_provenance: Some(SkillProvenance::default()), ..Trace::default() };
        assert_eq!(payload(&few), json::canonical(&few));
        assert_eq!(payload(&Trace::default()), json::canonical(&Trace::default()));
    }
}
