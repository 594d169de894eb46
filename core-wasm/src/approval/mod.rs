//! Approval tokens: reading one, judging it, and what the audit record says about it (gate contract, 5.4 and 5.5).
//!
//! `mint` makes tokens.

mod mint;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::approval::{
    APPROVAL_TOKEN_SCHEMA, ApprovalEntry, ApprovalReport, ApprovalToken, ApprovalVerifyRequest,
};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault, Timestamp};

use crate::digest::sha256_hex;
use crate::document;
use crate::json::{self, Kind, Scanner};
use crate::order;
use crate::sign::{PublicKey, check};
use crate::task::Host;
use crate::text::lower;

pub(crate) use mint::mint;

/// Seconds by which an approver's clock may be ahead of the one that judges.
const CLOCK_SKEW: i64 = 60;

/// Keys with which later versions narrow what a token is good for.
const RESTRICTIONS: [&str; 3] = ["max_targets", "max_ops", "delegation_binding_digest"];

/// A token as it was read.
pub(crate) struct Token {
    given: ApprovalToken,
    /// The token says that it is good for less than gait can tell.
    is_restricted: bool,
    /// Digest of everything in the document but its signature.
    whole_digest: String,
}

/// What a token has to fit.
pub(crate) struct Expected<'a> {
    /// Of the intent that waits, 64 lower-case hex digits.
    pub(crate) intent_digest: &'a str,
    /// Of the policy that made it wait.
    pub(crate) policy_digest: &'a str,
    /// The tool, in normal form.
    pub(crate) tool_name: &'a str,
    /// Not the zero time.
    pub(crate) now: &'a Timestamp,
    /// The approvers' key.
    pub(crate) key: &'a PublicKey,
}

/// Reads a token. A text that is no token at all is a fault; what is wrong with a token, [`Token::check`] says.
pub(crate) fn parse(text: &[u8]) -> Result<Token, Fault> {
    Ok(Token {
        given: json::read(text)?,
        is_restricted: is_restricted(text).map_err(|error| error.fault(text))?,
        whole_digest: sha256_hex(&json::canonicalize_without(text, Some("signature"))?),
    })
}

fn is_restricted(text: &[u8]) -> Result<bool, json::JsonError> {
    let mut found = false;
    let mut scanner = Scanner::new(text)?;
    scanner.members(&RESTRICTIONS, &mut |scanner, _| {
        found |= scanner.kind()? != Kind::Null;
        scanner.skip()
    })?;
    Ok(found)
}

impl Token {
    /// The token in normal form, or the code of the first thing that is wrong with it (5.4).
    pub(crate) fn check(&self, expected: &Expected<'_>) -> Result<ApprovalToken, &'static str> {
        // A restriction that is not understood must not be lifted by not being understood.
        if self.is_restricted {
            return Err("approval_token_invalid");
        }
        let token = normal(&self.given).ok_or("approval_token_invalid")?;
        let Some(signature) = &token.signature else {
            return Err("approval_token_signature_missing");
        };
        // A signature covers the fields gait knows, in normal form, or, from later producers, the whole document.
        let known = sha256_hex(&json::canonical(&ApprovalToken { signature: None, ..token.clone() }));
        let digest = if signature.signed_digest == known { &known } else { &self.whole_digest };
        check(signature, digest, expected.key).map_err(|_| "approval_token_signature_invalid")?;
        if token.intent_digest != expected.intent_digest {
            return Err("approval_token_intent_mismatch");
        }
        if token.policy_digest != expected.policy_digest {
            return Err("approval_token_policy_mismatch");
        }
        let (now, nanos) = expected.now.instant();
        if token.expires_at.instant() <= (now, nanos) {
            return Err("approval_token_expired");
        }
        if token.created_at.instant() > (now.saturating_add(CLOCK_SKEW), nanos) {
            return Err("approval_token_not_yet_valid");
        }
        let fits = |scope: &String| scope == "*" || scope.strip_prefix("tool:") == Some(expected.tool_name);
        if token.scope.iter().any(fits) { Ok(token) } else { Err("approval_token_scope_mismatch") }
    }

    /// The token as the audit record lists it, with the code of what is wrong with it if something is.
    pub(crate) fn entry(&self, error_code: Option<&str>) -> ApprovalEntry {
        let given = &self.given;
        ApprovalEntry {
            token_id: given.token_id.trim().into(),
            approver_identity: given.approver_identity.trim().into(),
            reason_code: given.reason_code.trim().into(),
            scope: set(given.scope.iter().map(|scope| scope.trim().to_string())),
            expires_at: given.expires_at.in_utc().unwrap_or_else(|_| given.expires_at.clone()),
            valid: error_code.is_none(),
            error_code: error_code.unwrap_or_default().into(),
        }
    }
}

/// Step 1 of 5.4: the token in normal form, if everything is there.
fn normal(given: &ApprovalToken) -> Option<ApprovalToken> {
    let token = ApprovalToken {
        schema_id: given_or(&given.schema_id, APPROVAL_TOKEN_SCHEMA),
        schema_version: given_or(&given.schema_version, SCHEMA_VERSION),
        token_id: given.token_id.trim().into(),
        approver_identity: given.approver_identity.trim().into(),
        reason_code: given.reason_code.trim().into(),
        intent_digest: lower(given.intent_digest.trim()),
        policy_digest: lower(given.policy_digest.trim()),
        scope: lower_set(&given.scope),
        ..given.clone()
    };
    let is_whole = token.schema_id == APPROVAL_TOKEN_SCHEMA
        && token.schema_version == SCHEMA_VERSION
        && !token.token_id.is_empty()
        && !token.approver_identity.is_empty()
        && !token.reason_code.is_empty()
        && is_digest(&token.intent_digest)
        && is_digest(&token.policy_digest)
        && !token.scope.is_empty()
        && !token.created_at.is_zero()
        && !token.expires_at.is_zero();
    is_whole.then_some(token)
}

fn given_or(given: &str, otherwise: &str) -> String {
    if given.is_empty() { otherwise.into() } else { given.into() }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn lower_set(texts: &[String]) -> Vec<String> {
    set(texts.iter().map(|text| lower(text.trim())))
}

fn set(texts: impl Iterator<Item = String>) -> Vec<String> {
    order::set(texts.collect())
}

/// Answers op `approval.verify`.
pub(crate) async fn verify(host: &Host, request: ApprovalVerifyRequest) -> Result<ApprovalReport, Fault> {
    let key = PublicKey::parse(&request.public_key)?;
    if request.now.is_zero() {
        return Err(Fault::new(Code::TimeMissing, "approvals expire, and the request does not say what time it is"));
    }
    let text = document::bytes_of(host, &request.token).await?;
    let token = parse(&text).map_err(|fault| document::at(&request.token, fault))?;
    let checked = token.check(&Expected {
        intent_digest: &lower(request.intent_digest.trim()),
        policy_digest: &lower(request.policy_digest.trim()),
        tool_name: &lower(request.tool_name.trim()),
        now: &request.now,
        key: &key,
    });
    Ok(ApprovalReport { ok: checked.is_ok(), entry: token.entry(checked.err()) })
}

#[cfg(test)]
mod tests;
