//! Making an approval token (gate contract, 4.7 and 5.4). The host signs; the core never sees the key.

use alloc::format;
use alloc::string::String;

use gait_contract::approval::{APPROVAL_TOKEN_SCHEMA, ApprovalMintRequest, ApprovalMinted, ApprovalToken};
use gait_contract::runpack::{SCHEMA_VERSION, Signature};
use gait_contract::{Code, Fault};

use super::{is_digest, lower_set};
use crate::digest::{sha256_hex, short_name};
use crate::duration;
use crate::json;
use crate::task::Host;
use crate::text::{indented, lower};

/// Answers op `approval.mint`.
pub(crate) async fn mint(host: &Host, request: ApprovalMintRequest) -> Result<ApprovalMinted, Fault> {
    let mut token = unsigned(&request)?;
    let whole_seconds = token.expires_at.bucket(1).map_err(|_| beyond(&request))?;
    let (mut key_id, mut text) = (String::new(), String::new());
    if !request.check_only {
        let signed_digest = sha256_hex(&json::canonical(&token));
        let (signer, sig) = host.sign(&signed_digest).await?;
        key_id.clone_from(&signer);
        token.signature = Some(Signature { alg: "ed25519".into(), key_id: signer, sig, signed_digest });
        text = indented(&token);
    }
    Ok(ApprovalMinted {
        token_id: token.token_id,
        expires_at: whole_seconds,
        reason_code: token.reason_code,
        scope: token.scope,
        key_id,
        text,
    })
}

/// The token, if the request is in order.
fn unsigned(request: &ApprovalMintRequest) -> Result<ApprovalToken, Fault> {
    let ttl = duration::lasting(&request.ttl).ok_or_else(|| {
        refused(format!("`--ttl` is `{}`", request.ttl))
            .hint("durations have units from h to ns, for example 30m or 1h30m, and are longer than nothing")
    })?;
    let scope = lower_set(&request.scope);
    if scope.is_empty() {
        return Err(
            refused("`--scope` is empty".into()).hint("name what the approval is good for: `tool:NAME`, or `*`")
        );
    }
    let intent_digest = digest(&request.intent_digest, "--intent-digest")?;
    let policy_digest = digest(&request.policy_digest, "--policy-digest")?;
    let approver_identity = required(&request.approver, "--approver")?;
    let reason_code = required(&request.reason_code, "--reason-code")?;
    if request.now.is_zero() {
        return Err(Fault::new(
            Code::TimeMissing,
            "an approval begins now, and the request does not say what time it is",
        ));
    }
    let created_at = request.now.in_utc().map_err(|_| beyond(request))?;
    let expires_at = request.now.later(ttl).map_err(|_| beyond(request))?;
    let scopes = scope.join(",");
    let named =
        [intent_digest.as_str(), &policy_digest, &approver_identity, &reason_code, &scopes, expires_at.as_str()];
    Ok(ApprovalToken {
        schema_id: APPROVAL_TOKEN_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at,
        producer_version: request.producer_version.clone(),
        token_id: short_name(named.join(":").as_bytes()),
        approver_identity,
        reason_code,
        intent_digest,
        policy_digest,
        scope,
        expires_at,
        signature: None,
    })
}

fn digest(given: &str, flag: &str) -> Result<String, Fault> {
    let digest = lower(given.trim());
    if is_digest(&digest) {
        return Ok(digest);
    }
    Err(refused(format!("`{flag}` is `{given}`"))
        .hint("digests have 64 hex digits; `gait gate eval --json` prints both of a call that waits"))
}

fn required(given: &str, flag: &str) -> Result<String, Fault> {
    let text = given.trim();
    if text.is_empty() { Err(refused(format!("`{flag}` is empty"))) } else { Ok(text.into()) }
}

fn beyond(request: &ApprovalMintRequest) -> Fault {
    refused(format!("`--ttl` is `{}`, which ends after the year 9999", request.ttl))
}

fn refused(text: String) -> Fault {
    Fault::new(Code::ApprovalRequestInvalid, text)
}
