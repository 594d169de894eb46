//! Intents: reading one, its normal form and its digests (gate contract, section 2).
//!
//! `draft` reads the text field by field, `normal` brings the fields into their normal form, `classes` and `domain`
//! infer what a target's sender left out, `form` writes what the intent digest is over.

mod classes;
mod domain;
mod draft;
mod form;
mod normal;

use alloc::string::String;
use alloc::vec::Vec;

pub(crate) use classes::operation;

use gait_contract::intent::{
    ArgProvenance, CallServer, Given, IntentContext, IntentDigestRequest, IntentDigests, Target,
};
use gait_contract::trace::SkillProvenance;
use gait_contract::{Fault, FreeObject, Timestamp};

use crate::digest::sha256_hex;
use crate::document;
use crate::task::Host;

pub(crate) use draft::{Draft, server};

/// An intent in normal form, with its digests.
pub(crate) struct Intent {
    /// In UTC; 1980-01-01T00:00:00Z when the sender gave none.
    pub(crate) created_at: Timestamp,
    pub(crate) tool_name: String,
    /// `{}` when absent.
    pub(crate) args: FreeObject,
    /// Without repetitions, sorted.
    pub(crate) targets: Vec<NormalTarget>,
    /// Without repetitions, sorted.
    pub(crate) arg_provenance: Vec<ArgProvenance>,
    pub(crate) skill_provenance: Option<SkillProvenance>,
    /// `auth_context` is absent when it is `{}`.
    pub(crate) context: IntentContext,
    /// The MCP server that would run the call, if its sender names one.
    pub(crate) server: Option<CallServer>,
    /// The workspace with its backslashes, if it has any.
    given_workspace: Option<String>,
    pub(crate) args_digest: String,
    pub(crate) intent_digest: String,
    canonical: Vec<u8>,
}

/// A target as it is hashed, with what follows from its kind, value and operation whatever its sender declared:
/// constraints judge both.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NormalTarget {
    pub(crate) target: Target,
    pub(crate) inferred_class: &'static str,
    /// Empty when the kind has none, or when none can be read from the value.
    pub(crate) inferred_domain: String,
}

impl Intent {
    /// What the intent digest is over (2.6).
    #[cfg(test)]
    pub(crate) fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// The workspace as brokers get it: trimmed, backslashes kept (5.6). They get everything else of the context in
    /// its normal form.
    pub(crate) fn given_workspace(&self) -> &str {
        self.given_workspace.as_deref().unwrap_or(&self.context.workspace)
    }
}

/// Reads one intent. What is no JSON of the right shape is a fault with its place in the text; a field that is
/// missing or says what it may not is a fault `intent_invalid` that names the field.
pub(crate) fn read(text: &[u8]) -> Result<Intent, Fault> {
    let draft = draft::read(text).map_err(|error| error.fault(text))?;
    finish(draft, text.len())
}

/// Brings a draft, whose text had about so many bytes, into its normal form.
pub(crate) fn finish(draft: Draft, about: usize) -> Result<Intent, Fault> {
    let mut intent = normal::of(draft)?;
    intent.args_digest = sha256_hex(intent.args.as_str().as_bytes());
    intent.canonical = form::of(&intent, about);
    intent.intent_digest = sha256_hex(&intent.canonical);
    Ok(intent)
}

/// Reads the intent of a request; faults name its source.
pub(crate) async fn given(host: &Host, given: &Given) -> Result<Intent, Fault> {
    let text = document::bytes_of(host, given).await?;
    read(&text).map_err(|fault| document::at(given, fault))
}

/// Answers op `intent.digest`.
pub(crate) async fn digest(host: &Host, request: IntentDigestRequest) -> Result<IntentDigests, Fault> {
    let intent = given(host, &request.intent).await?;
    let normalized = String::from_utf8(intent.canonical).unwrap_or_default();
    Ok(IntentDigests {
        intent_digest: intent.intent_digest,
        args_digest: intent.args_digest,
        normalized: FreeObject::from_canonical(normalized),
    })
}

#[cfg(test)]
mod tests;
