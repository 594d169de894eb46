//! The runpack of one decision: a run with one intent, whose result is the verdict (mcp contract, section 4).

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::policy::Verdict;
use gait_contract::runpack::{Intent, Recorded, Refs, ResultRecord, Run, TimelineEvent};
use gait_contract::tool_call::CallRecordRequest;
use gait_contract::{Fault, FreeObject};
use serde::Serialize;

use super::{ToolCall, run_id};
use crate::digest::sha256_hex;
use crate::runpack::{RunpackWriter, Seal, complete_intent, complete_refs, complete_result, complete_run};
use crate::task::Host;
use crate::{intent, json};

/// Name of the one intent.
const INTENT_ID: &str = "intent_1";

/// What the record holds as the call's result. Keys in canonical order.
#[derive(Serialize)]
struct Outcome<'a> {
    reason_codes: &'a [String],
    trace_id: &'a str,
    verdict: &'a str,
    violations: &'a [String],
}

/// Answers op `call.record`.
pub(crate) async fn record(host: &Host, request: CallRecordRequest) -> Result<Recorded, Fault> {
    let (intent, run_id) = match &request.form {
        Some(form) => {
            let ToolCall { intent, facts } = super::given(host, &request.call, form).await?;
            (intent, facts.run_id)
        }
        None => {
            let intent = intent::given(host, &request.call).await?;
            let run_id = run_id::choose(["", ""], &intent.intent_digest);
            (intent, run_id)
        }
    };
    let event =
        |name: &str| TimelineEvent { event: name.to_string(), ts: intent.created_at.clone(), reference: String::new() };
    let mut run = Run {
        created_at: intent.created_at.clone(),
        run_id,
        timeline: Some(vec![event("proxy_eval_start"), event("proxy_eval_finish")]),
        ..Run::default()
    };
    complete_run(&mut run, &request.defaults);
    let mut writer = RunpackWriter::new(host);
    let mut record = Intent {
        intent_id: INTENT_ID.into(),
        tool_name: intent.tool_name,
        args_digest: intent.args_digest,
        args: Some(intent.args).filter(|_| request.with_args),
        ..Intent::default()
    };
    complete_intent(&mut record, &run);
    writer.intent(&record).await?;
    let decided = &request.decided;
    let result = json::canonical_text(&Outcome {
        reason_codes: &decided.reason_codes,
        trace_id: &decided.trace_id,
        verdict: decided.verdict.word(),
        violations: &decided.violations,
    });
    let runs = matches!(decided.verdict, Verdict::Allow | Verdict::DryRun);
    let mut record = ResultRecord {
        intent_id: INTENT_ID.into(),
        status: if runs { "ok" } else { "error" }.into(),
        result_digest: sha256_hex(result.as_bytes()),
        result: Some(FreeObject::from_canonical(result)),
        ..ResultRecord::default()
    };
    complete_result(&mut record, &run);
    writer.result(&record).await?;
    let mut refs = Refs { receipts: Some(Vec::new()), ..Refs::default() };
    complete_refs(&mut refs, &run);
    let written = writer.finish(&run, &refs, "reference", Seal::New(request.signing)).await?;
    Ok(written.recorded())
}
