//! Tool calls in the dialects that agents speak, before they are intents (mcp contract, sections 2 to 4).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::intent::Given;
use crate::op::call;
use crate::policy::Verdict;
use crate::runpack::{RecordDefaults, Recorded, Signing};
use crate::{FreeObject, is_false};

/// How to read a document that is a tool call and no intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CallForm {
    /// `mcp`, `openai`, `anthropic`, `langchain` or `claude_code`, in any case; blank stands for `mcp`.
    pub adapter: String,
    /// The run the call belongs to; blank for what the call says, or a name made of the intent's digest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub run_id: String,
    /// The call has to name identity, workspace and session itself.
    #[serde(skip_serializing_if = "is_false")]
    pub is_explicit: bool,
}

/// What a tool call says beside its intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CallFacts {
    /// The dialect, cleaned.
    pub adapter: String,
    /// The run, cleaned: it may name files.
    pub run_id: String,
    /// The run that the caller named, cleaned; empty when none of it is left.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub named_run: String,
    /// The session the call names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    /// The request the call names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

/// Turns a tool call into an intent. A call that does not fit its dialect is a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallReadRequest {
    /// The call.
    pub call: Given,
    /// How to read it.
    #[serde(default)]
    pub form: CallForm,
}

/// A tool call as an intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadCall {
    /// What it says beside that.
    pub facts: CallFacts,
    /// Digest of the intent.
    pub intent_digest: String,
    /// Digest of the arguments.
    pub args_digest: String,
    /// The intent (`gait.gate.intent_request`) in its normal form.
    pub intent: FreeObject,
}
call!(CallReadRequest, "call.read", ReadCall);

/// Writes the runpack of one decision about a tool call to the stream `archive` (mcp contract, section 4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallRecordRequest {
    /// The call that was judged, or its intent when there is no form.
    pub call: Given,
    /// How it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<CallForm>,
    /// What was decided.
    pub decided: Decided,
    /// Keep the arguments themselves, and not only their digest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub with_args: bool,
    /// Who records, and where.
    pub defaults: RecordDefaults,
    /// Where the signature goes.
    #[serde(default)]
    pub signing: Signing,
}

/// The part of a decision that its runpack holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Decided {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason_codes: Vec<String>,
    /// What the call violates.
    pub violations: Vec<String>,
    /// Name of the trace.
    pub trace_id: String,
}
call!(CallRecordRequest, "call.record", Recorded);
