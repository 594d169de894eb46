//! Credentials: what a broker is asked for, and what its answer is worth (gate contract, 5.6). The secret itself never
//! gets here; hosts hand over names and digests.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::FreeObject;
use gait_contract::gate::{Credential, CredentialRequest, GateRequest, IssuedCredential};
use serde::{Deserialize, Serialize};

use crate::digest::short_name;
use crate::intent::Intent;
use crate::json;
use crate::order;
use crate::policy::Evaluation;
use crate::text::{compact, lower};

/// Bytes of a credential's name.
const REFERENCE_BYTES: usize = 256;
/// Bytes of a broker command's answer.
const ANSWER_BYTES: usize = 16_384;

/// What a broker is asked for.
pub(crate) struct Asked {
    pub(crate) reference: String,
    /// As the record lists it.
    pub(crate) scope: Vec<String>,
    /// As the broker is told.
    scope_lower: Vec<String>,
}

/// Puts together the rule's wishes and the caller's.
pub(crate) fn ask(evaluation: &Evaluation, request: &GateRequest) -> Asked {
    let reference = request.credential_ref.trim();
    let reference = if reference.is_empty() { evaluation.broker_reference.as_str() } else { reference };
    let mut scope: Vec<String> = evaluation.broker_scopes.clone();
    scope.extend(request.credential_scopes.iter().map(|one| one.trim().to_string()));
    let scope = order::set(scope);
    let mut scope_lower: Vec<String> = Vec::new();
    for one in scope.iter().map(|one| lower(one)) {
        if !scope_lower.contains(&one) {
            scope_lower.push(one);
        }
    }
    Asked { reference: reference.to_string(), scope, scope_lower }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CommandInput<'a> {
    tool_name: &'a str,
    identity: &'a str,
    workspace: &'a str,
    #[serde(rename = "SessionID")]
    session_id: &'a str,
    #[serde(rename = "RequestID")]
    request_id: &'a str,
    reference: &'a str,
    scope: &'a [String],
}

impl Asked {
    /// What a host needs to ask a broker.
    pub(crate) fn request(&self, intent: &Intent) -> CredentialRequest {
        let context = &intent.context;
        CredentialRequest {
            environment_key: self.environment_key(intent),
            command_input: compact(&CommandInput {
                tool_name: &intent.tool_name,
                identity: &context.identity,
                workspace: intent.given_workspace(),
                session_id: &context.session_id,
                request_id: &context.request_id,
                reference: &self.reference,
                scope: &self.scope_lower,
            }),
        }
    }

    fn environment_key(&self, intent: &Intent) -> String {
        let named = if self.reference.is_empty() { &intent.tool_name } else { &self.reference };
        let mut key = String::new();
        let mut in_run = false;
        for c in named.chars() {
            let upper = c.to_uppercase().next().unwrap_or(c);
            match upper {
                'A'..='Z' | '0'..='9' | '_' => key.push(upper),
                '.' | '-' => key.push('_'),
                _ if !in_run => key.push('_'),
                _ => {}
            }
            in_run = !matches!(upper, 'A'..='Z' | '0'..='9' | '_' | '.' | '-');
        }
        let key = key.trim_matches('_');
        if key.is_empty() { "DEFAULT".to_string() } else { key.to_string() }
    }

    fn stub(&self, intent: &Intent) -> IssuedCredential {
        let context = &intent.context;
        let text = format!(
            "{}|{}|{}|{}|{}|{}|{}",
            intent.tool_name,
            context.identity,
            intent.given_workspace(),
            context.session_id,
            context.request_id,
            self.reference,
            self.scope_lower.join(",")
        );
        IssuedCredential { issuer: "stub".into(), reference: format!("stub:{}", short_name(text.as_bytes())) }
    }
}

/// What the broker came up with; `None` is a failure.
pub(crate) fn issued(credential: &Credential, asked: &Asked, intent: &Intent) -> Option<IssuedCredential> {
    match credential {
        Credential::Off | Credential::Unasked | Credential::Failed => None,
        Credential::Stub => Some(asked.stub(intent)),
        Credential::Environment { variable, digest } => {
            Some(IssuedCredential { issuer: "env".into(), reference: format!("env:{variable}:{digest}") })
        }
        Credential::Answer(text) => answered(text),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    credential_ref: String,
    issued_by: String,
}

fn answered(text: &str) -> Option<IssuedCredential> {
    if text.len() > ANSWER_BYTES {
        return None;
    }
    // An object; `null` would read as one without fields.
    json::read::<FreeObject>(text.as_bytes()).ok()?;
    let answer: Answer = json::read(text.as_bytes()).ok()?;
    let reference = answer.credential_ref.trim();
    let odd = reference.is_empty() || reference.len() > REFERENCE_BYTES || reference.contains(['\r', '\n', '\t']);
    let issuer = answer.issued_by.trim();
    let issuer = if issuer.is_empty() { "command" } else { issuer };
    (!odd).then(|| IssuedCredential { issuer: issuer.to_string(), reference: reference.to_string() })
}
