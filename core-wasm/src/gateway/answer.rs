//! What gait says in place of a server (MCP contract, 11.5): to the caller of a tool a result that a model can read,
//! since many clients take an error for a broken connection; to others an error.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::gateway::{McpAnswer, McpAnswerRequest, McpFailure};
use gait_contract::policy::Verdict;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::methods::CALL;
use crate::digest::sha256_hex;
use crate::json;
use crate::task::Host;
use crate::text::lower;

/// Where gait's own words begin in an answer: JSON-RPC keeps -32000 to -32099 and the numbers below to itself.
const REFUSED: i64 = 403;
const INTERNAL_ERROR: i64 = -32_603;
/// A protocol version that is not known; the answer names those that are.
pub(super) const UNSUPPORTED: i64 = -32_022;
/// The protocol versions that gait reads.
pub(super) const VERSIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/// Answers op `mcp.answer`.
pub(crate) async fn answer(_: &Host, request: McpAnswerRequest) -> Result<McpAnswer, Fault> {
    if let McpFailure::VersionUnsupported(supported) = &request.failure {
        let message = "this protocol version is not spoken here";
        let error_code = Code::McpVersionUnsupported.token();
        let error =
            JsonRpcError { code: UNSUPPORTED, data: Some(Data { decision: None, error_code, supported }), message };
        let error = json::canonical_text(&error);
        let answer = [ANSWER_HEAD.into(), format!(",\"error\":{error}}}")].into();
        return Ok(done(answer, format!("{{\"error\":{error}}}")));
    }
    let said = said(&request);
    let decision = said_by_machine(&request);
    if request.method != CALL {
        let code = if matches!(request.failure, McpFailure::Decided { .. }) { REFUSED } else { INTERNAL_ERROR };
        let answer = error_answer(code, &said, "", Some(&decision));
        let error = JsonRpcError {
            code,
            data: Some(Data { decision: Some(&decision), error_code: "", supported: &[] }),
            message: &said,
        };
        return Ok(done(answer, json::canonical_text(&Wrapped { error })));
    }
    let result = json::canonical_text(&ToolResult {
        meta: ResultMeta { decision: &decision },
        content: Vec::from([Content { text: &said, kind: "text" }]),
        is_error: true,
        result_type: if request.modern { "complete" } else { "" },
    });
    Ok(done([ANSWER_HEAD.into(), format!(",\"result\":{result}}}")].into(), result))
}

/// What an answer begins with; the id follows.
pub(super) const ANSWER_HEAD: &str = "{\"jsonrpc\":\"2.0\",\"id\":";

pub(super) fn done(answer: Vec<String>, result: String) -> McpAnswer {
    McpAnswer { answer, result_digest: sha256_hex(result.as_bytes()), result }
}

/// A JSON-RPC error in two parts, the id between them.
pub(super) fn error_answer(code: i64, message: &str, error_code: &str, decision: Option<&Said>) -> Vec<String> {
    let supported: Vec<String> =
        if code == UNSUPPORTED { VERSIONS.iter().map(|version| (*version).into()).collect() } else { Vec::new() };
    let error = JsonRpcError { code, data: Some(Data { decision, error_code, supported: &supported }), message };
    [ANSWER_HEAD.into(), format!(",\"error\":{}}}", json::canonical_text(&error))].into()
}

#[derive(Serialize)]
struct Wrapped<'a> {
    error: JsonRpcError<'a>,
}

#[derive(Serialize)]
struct JsonRpcError<'a> {
    code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
    message: &'a str,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(rename = "dev.gait/decision", skip_serializing_if = "Option::is_none")]
    decision: Option<&'a Said>,
    #[serde(rename = "dev.gait/error_code", skip_serializing_if = "str::is_empty")]
    error_code: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    supported: &'a [String],
}

#[derive(Serialize)]
struct ToolResult<'a> {
    #[serde(rename = "_meta")]
    meta: ResultMeta<'a>,
    content: Vec<Content<'a>>,
    #[serde(rename = "isError")]
    is_error: bool,
    #[serde(rename = "resultType", skip_serializing_if = "str::is_empty")]
    result_type: &'a str,
}

#[derive(Serialize)]
struct ResultMeta<'a> {
    #[serde(rename = "dev.gait/decision")]
    decision: &'a Said,
}

#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// The decision as programs read it.
#[derive(Default, Serialize)]
pub(super) struct Said {
    verdict: &'static str,
    reason_codes: Vec<String>,
    violations: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    trace_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    policy_digest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    intent_digest: String,
    /// `null` when nobody knows.
    executed: Option<bool>,
}

fn said_by_machine(request: &McpAnswerRequest) -> Said {
    let because = |verdict: &'static str, reason: &str, executed: Option<bool>| Said {
        verdict,
        reason_codes: [reason.into()].into(),
        executed,
        ..Said::default()
    };
    match &request.failure {
        McpFailure::Decided { verdict, reason_codes, violations, trace_id, policy_digest, intent_digest } => Said {
            verdict: verdict.word(),
            reason_codes: reason_codes.clone(),
            violations: violations.clone(),
            trace_id: trace_id.clone(),
            policy_digest: policy_digest.clone(),
            intent_digest: intent_digest.clone(),
            executed: Some(false),
        },
        McpFailure::GateUnavailable(_) => because("block", "gate_unavailable", Some(false)),
        McpFailure::TimedOut => because("allow", "server_timed_out", None),
        McpFailure::ServerGone(false) => because("allow", "server_gone", Some(false)),
        McpFailure::ServerGone(true) => because("allow", "server_gone", None),
        McpFailure::AnswerUnreadable(_) => because("allow", "answer_unreadable", None),
        McpFailure::VersionUnsupported(_) => because("block", "version_unsupported", Some(false)),
        McpFailure::NobodyHas(_) => because("block", "no_server_has_it", Some(false)),
        McpFailure::NotRecorded(_) => because("block", "not_recorded", Some(false)),
    }
}

/// The same for people and models.
fn said(request: &McpAnswerRequest) -> String {
    let unavailable = |code: &Code| format!("gait: block (gate_unavailable: {}). Not executed.", code.token());
    let mut said = match &request.failure {
        McpFailure::Decided { verdict, reason_codes, trace_id, .. } => {
            let why = reason_codes.join(", ");
            let rest = if *verdict == Verdict::DryRun { "A rehearsal: not executed." } else { "Not executed." };
            format!("gait: {} ({why}). {rest} trace {trace_id}", verdict.word())
        }
        McpFailure::GateUnavailable(code) => unavailable(code),
        McpFailure::TimedOut => {
            "gait: the server gave no answer in time. Whether it did what was asked is not known.".into()
        }
        McpFailure::ServerGone(false) => {
            "gait: the server is not running, or does not take the call. Not executed.".into()
        }
        McpFailure::ServerGone(true) => {
            "gait: the server ended before it answered. Whether it did what was asked is not known.".into()
        }
        McpFailure::AnswerUnreadable(code) => {
            format!("gait: the server's answer cannot be read ({}) and was not handed on.", code.token())
        }
        McpFailure::VersionUnsupported(_) => String::new(),
        McpFailure::NobodyHas(what) => {
            let what = what.get(..200).unwrap_or(what).escape_debug();
            format!("gait: no server is known to have `{what}`; list what there is first. Not executed.")
        }
        McpFailure::NotRecorded(0) => {
            "gait: block (not_recorded). The recording has no answer to this call. Not executed.".into()
        }
        McpFailure::NotRecorded(times) => {
            format!(
                "gait: block (not_recorded). The recording answers this call {times} times, not more. Not executed."
            )
        }
    };
    if let McpFailure::Decided { verdict: Verdict::RequireApproval, intent_digest, policy_digest, .. } =
        &request.failure
    {
        let tool = lower(request.tool_name.trim());
        said.push_str(&format!(
            "\nTo approve it: gait approve --intent-digest {intent_digest} --policy-digest {policy_digest} --ttl 15m \
             --scope 'tool:{tool}' --approver NAME --reason-code WHY"
        ));
        if !request.approval_dir.is_empty() {
            said.push_str(&format!(" --out '{}/{intent_digest}.json'", request.approval_dir));
        }
        said.push_str("\nThen the same call passes.");
    }
    said
}
