//! Canonical JSON and Ed25519 as operations of their own: the very functions that everything else stands on.

use alloc::string::String;

use gait_contract::primitives::{JsonDigest, JsonDigestRequest, SignatureCheck, SignatureCheckRequest};
use gait_contract::{Code, Fault};

use crate::digest::{bytes_of_hex, sha256_hex};
use crate::sign::{PublicKey, check_bytes};
use crate::task::Host;
use crate::{document, json};

/// Answers op `digest.json`.
pub(crate) async fn digest_json(host: &Host, request: JsonDigestRequest) -> Result<JsonDigest, Fault> {
    let text = document::bytes_of(host, &request.document).await?;
    let canonical = json::canonicalize(&text).map_err(|fault| document::at(&request.document, fault))?;
    let digest = sha256_hex(&canonical);
    Ok(JsonDigest { digest, canonical: String::from_utf8(canonical).unwrap_or_default() })
}

/// Answers op `signature.check`.
pub(crate) async fn check_signature(_host: &Host, request: SignatureCheckRequest) -> Result<SignatureCheck, Fault> {
    let key = PublicKey::parse(&request.public_key)?;
    let message = bytes_of_hex(&request.message)
        .ok_or_else(|| Fault::new(Code::InvalidInput, "the message is not hexadecimal").at("message"))?;
    Ok(match check_bytes(&request.signature, &message, &key) {
        Ok(()) => SignatureCheck { ok: true, key_id: key.id, error: String::new() },
        Err(error) => SignatureCheck { ok: false, key_id: String::new(), error },
    })
}
