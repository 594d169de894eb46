//! Attestations: write one about a new pack, and read one back.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Encoding};
use gait_contract::Fault;
use gait_contract::attestation::{AttestationReport, AttestationVerifyRequest, Unsealed};
use serde::Serialize;

use super::chain::Part;
use super::verify::Keys;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::keys::PrivateKey;
use crate::host::paths;

/// The envelope of a statement, signed.
pub(super) fn seal(unsealed: &Unsealed, key: &PrivateKey) -> String {
    #[derive(Serialize)]
    struct Sealed<'a> {
        payload: String,
        #[serde(rename = "payloadType")]
        payload_type: &'a str,
        signatures: [Seal; 1],
    }
    #[derive(Serialize)]
    struct Seal {
        keyid: String,
        sig: String,
    }
    let seal = Seal { keyid: key.public().key_id(), sig: key.sign_bytes(unsealed.pae.as_bytes()) };
    let payload = Base64::encode_string(unsealed.payload.as_bytes());
    let sealed = Sealed { payload, payload_type: &unsealed.payload_type, signatures: [seal] };
    // A struct of texts has a JSON form.
    serde_json::to_string(&sealed).map(|text| text + "\n").unwrap_or_default()
}

/// Whether a path names something that looks like an envelope rather than an archive.
pub fn is_one(argument: &str) -> bool {
    let Ok(file) = File::open(argument) else { return false };
    if !file.metadata().is_ok_and(|known| known.is_file()) {
        return false;
    }
    let mut start = Vec::new();
    let read = file.take(64).read_to_end(&mut start);
    read.is_ok() && start.trim_ascii_start().starts_with(b"{")
}

/// Reads an envelope back. Subjects are looked for beside it, and among the files that are given.
pub fn verify(path: &str, keys: &Keys, files: Vec<String>) -> Result<Part<AttestationReport>, Fault> {
    let request = AttestationVerifyRequest {
        envelope: path.to_owned(),
        public_key: keys.named_text(),
        require_signature: keys.require_signature(),
        folder: Some(paths::beside(path, "")),
        files,
    };
    let report = Core::load()?.call(&request, &mut Files::new())?;
    Ok(Part { path: path.to_owned(), report })
}

/// Where the attestation of a pack goes.
pub(super) fn place(pack_path: &str) -> String {
    let stem = if paths::is_zip(pack_path) { &pack_path[..pack_path.len() - 4] } else { pack_path };
    format!("{stem}.intoto.json")
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
