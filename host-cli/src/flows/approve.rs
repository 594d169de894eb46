//! Approve one call: check the request, find the key, have the token signed, write it (gate contract, 4.7).

use std::path::Path;

use gait_contract::approval::ApprovalMintRequest;
use gait_contract::{Fault, Timestamp};
use serde::Serialize;

use super::gate_keys;
use super::gate_outputs::unusable;
use super::project_config::list;
use crate::core::{Core, NoWorld};
use crate::host::documents::Documents;
use crate::host::{clock, fs, interrupt};

/// What is approved, by whom, and until when.
#[derive(Debug)]
pub struct Wanted {
    /// The intent, 64 hex digits.
    pub intent_digest: String,
    /// The policy, 64 hex digits.
    pub policy_digest: String,
    /// How long it holds.
    pub ttl: String,
    /// What it is good for, separated by commas.
    pub scope: String,
    /// Who approves.
    pub approver: String,
    /// Why.
    pub reason_code: String,
    /// File of the token; blank for the usual name.
    pub out: String,
    /// `dev` or `prod`.
    pub key_mode: String,
    /// File of the key.
    pub private_key: String,
    /// Environment variable with the key.
    pub private_key_env: String,
}

/// A token was written.
#[derive(Debug, Serialize)]
pub struct Approved {
    /// Always true.
    pub ok: bool,
    /// Name of the token.
    pub token_id: String,
    /// Its file.
    pub token_path: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// Why.
    pub reason_code: String,
    /// What it is good for.
    pub scope: Vec<String>,
    /// The key that signed.
    pub key_id: String,
    /// What is allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the file is.
    pub description: &'static str,
    /// Said once, when a development key was made.
    #[serde(skip)]
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    #[serde(skip)]
    pub remark: Option<String>,
}

/// Makes a token.
pub fn approve(wanted: Wanted) -> Result<Approved, Fault> {
    interrupt::hold();
    let mut session = Core::load()?.session()?;
    let mut request = ApprovalMintRequest {
        intent_digest: wanted.intent_digest,
        policy_digest: wanted.policy_digest,
        ttl: wanted.ttl,
        scope: list(&wanted.scope),
        approver: wanted.approver,
        reason_code: wanted.reason_code,
        now: clock::now(),
        producer_version: Core::producer_version(),
        check_only: true,
    };
    // What is asked for is looked at before any key is.
    session.call(&request, &mut NoWorld)?;
    let signer = gate_keys::signer(&wanted.key_mode, &wanted.private_key, &wanted.private_key_env)?;
    request.check_only = false;
    let minted = session.call(&request, &mut Documents::new().signing_with(signer.key))?;
    let usual = || format!("approval_{}.json", minted.token_id);
    let token_path = if wanted.out.trim().is_empty() { usual() } else { wanted.out };
    fs::write_with_folders(Path::new(&token_path), minted.text.as_bytes()).map_err(unusable)?;
    Ok(Approved {
        ok: true,
        token_id: minted.token_id,
        token_path,
        expires_at: minted.expires_at,
        reason_code: minted.reason_code,
        scope: minted.scope,
        key_id: minted.key_id,
        warnings: signer.warnings,
        description: "one person's signed approval of one call under one policy",
        announcement: signer.announcement,
        remark: signer.remark,
    })
}
