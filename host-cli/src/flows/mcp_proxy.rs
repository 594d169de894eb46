//! One tool call in, one decision out; nothing is executed (mcp contract, sections 1 to 5).

use std::io::Read;
use std::path::Path;

use gait_contract::config::GateDefaults;
use gait_contract::intent::Given;
use gait_contract::limits::DOCUMENT_BYTES;
use gait_contract::tool_call::CallForm;
use gait_contract::{Code, Fault};

use super::gate::{Asked, Gate, Intent};
use super::gate_outputs::Outputs;
use super::mcp_call::{Answer, Pack, facts};
use super::mcp_exports::{Event, Exports};
use crate::host::{fs, interrupt};

/// What is to be judged, and what is to be left behind.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Policy, keys, broker and rate limits.
    pub setup: GateDefaults,
    /// File of the call; `-` for standard input.
    pub call: String,
    /// The dialect; blank for `mcp`.
    pub adapter: String,
    /// The run; blank for what the call says.
    pub run_id: String,
    /// Files of approval tokens.
    pub tokens: Vec<String>,
    /// What the trace names as approval when no token grants.
    pub approval_ref: String,
    /// Files of trace, approval audit and credential evidence.
    pub outputs: Outputs,
    /// File of the runpack; blank for none.
    pub runpack: String,
    /// Its records hold digests only.
    pub digests_only: bool,
    /// Files that get a line.
    pub exports: Exports,
}

/// A call was judged.
pub struct Proxied {
    /// The answer.
    pub answer: Answer,
    /// Said once, when a development key was made.
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    pub remark: Option<String>,
}

/// Judges a call.
pub fn decide(wanted: Wanted) -> Result<Proxied, Fault> {
    interrupt::hold();
    let text = read(&wanted.call)?;
    let form = CallForm { adapter: wanted.adapter, run_id: wanted.run_id, ..CallForm::default() };
    let mut gate = Gate::open(&wanted.setup)?;
    let setup = &wanted.setup;
    let own = [&wanted.call, &setup.policy, &setup.private_key, &setup.approval_public_key];
    let own = own.into_iter().chain([&setup.approval_private_key, &setup.rate_limit_state]).chain(&wanted.tokens);
    wanted.outputs.check(&own.map(String::as_str).collect::<Vec<_>>())?;
    let mut decision = gate.judge(&Asked {
        form: Some(form.clone()),
        approvals: wanted.tokens.into_iter().map(Given::Source).collect(),
        approval_ref: &wanted.approval_ref,
        ..Asked::about(Intent::Named(&wanted.call, &text))
    })?;
    let facts = facts(&mut decision)?;
    let mut answer = Answer::about(&decision, facts);
    let written = wanted.outputs.write(&decision)?;
    answer.trace_path = written.trace;
    answer.approval_audit_path = written.approval_audit;
    answer.credential_evidence_path = written.credential_evidence;
    if !wanted.runpack.trim().is_empty() {
        let pack = Pack {
            call: &text,
            form,
            decision: &decision,
            with_args: !wanted.digests_only,
            key: gate.key(),
            signing: gate.signing(),
        };
        pack.write(&wanted.runpack)?;
        answer.runpack_path = wanted.runpack;
    }
    let event = Event { decision: &decision, run_id: &answer.run_id, trace_path: &answer.trace_path };
    wanted.exports.append(&[event])?;
    answer.log_export = wanted.exports.log;
    answer.otel_export = wanted.exports.otel;
    let remarks = gate.remarks().clone();
    answer.warnings = remarks.warnings;
    Ok(Proxied { answer, announcement: remarks.announcement, remark: remarks.remark })
}

/// The call's bytes, read once: what is judged is what is recorded.
fn read(call: &str) -> Result<Vec<u8>, Fault> {
    let limit = DOCUMENT_BYTES as u64;
    let mut text = Vec::new();
    let read = if call == "-" {
        std::io::stdin().take(limit + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(call).and_then(|file| file.take(limit + 1).read_to_end(&mut text))
    };
    read.map_err(|error| fs::unreadable(Path::new(call), &error))?;
    if text.len() as u64 > limit {
        return Err(Fault::new(Code::JsonTooLarge, format!("the call has more than {limit} bytes")).at(call));
    }
    Ok(text)
}
