//! Runpacks and traces inside an evidence pack: that their bytes are the listed ones does not say that they are sound.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::guard::{Contained, ContainedKind, PackManifest};
use gait_contract::trace::{TRACE_SCHEMA, Trace};
use gait_contract::verify::{HashMismatch, SignatureStatus, SignerStatus, VerifyReport};
use gait_contract::{Code, Fault, limits};
use serde::Deserialize;

use crate::sign::PublicKey;
use crate::task::Host;
use crate::zip::{Archive, Member};
use crate::{json, order, runpack, trace};

/// Verifies what can be verified among the members that are what the manifest says.
pub(super) async fn verify(
    host: &Host,
    archive: &Archive,
    manifest: &PackManifest,
    differ: &[HashMismatch],
    key: Option<&PublicKey>,
) -> Result<Vec<Contained>, Fault> {
    let mut found = Vec::new();
    let listed = order::set(manifest.contents.iter().map(|entry| entry.path.clone()).collect());
    for path in listed.iter().filter(|path| differ.iter().all(|mismatch| mismatch.path != **path)) {
        let Some(member) = archive.find(path) else { continue };
        if ends_with(path, ".zip") {
            let named = manifest.contents.iter().any(|entry| entry.path == *path && entry.kind == "runpack");
            let content = archive.read_all(host, member, usize::MAX).await?;
            found.extend(runpack(host, archive, path, content, named, key).await);
        } else if ends_with(path, ".json") && member.uncompressed <= limits::DOCUMENT_BYTES as u64 {
            found.extend(trace(host, archive, member, key).await?);
        }
    }
    Ok(found)
}

/// Archives that are no runpacks are passed over, unless the manifest calls them one.
async fn runpack(
    host: &Host,
    outer: &Archive,
    path: &str,
    content: Vec<u8>,
    named: bool,
    key: Option<&PublicKey>,
) -> Option<Contained> {
    let looked = match Archive::within(host, outer, content).await {
        Ok(archive) => runpack::verify_within(host, archive, path, key).await,
        Err(fault) => Err(fault),
    };
    let (name, signature_status, error) = match looked {
        Ok(report) => {
            let (status, error) = said(&report);
            (report.run_id, Some(status), error)
        }
        Err(fault) if !named && is_something_else(&fault) => return None,
        Err(fault) => (String::new(), None, fault.error.clone()),
    };
    let ok = error.is_empty();
    Some(Contained { path: path.into(), kind: ContainedKind::Runpack, ok, name, signature_status, error })
}

fn is_something_else(fault: &Fault) -> bool {
    matches!(fault.error_code, Code::ManifestMissing | Code::ZipNotAnArchive | Code::SchemaUnsupported)
}

/// What the signatures of a runpack showed, and what is wrong with it.
fn said(report: &VerifyReport) -> (SignatureStatus, String) {
    let signers = |status: SignerStatus| report.signers.iter().any(|signer| signer.status == status);
    if signers(SignerStatus::Failed) {
        return (SignatureStatus::Failed, "a signature does not verify".into());
    }
    let status = match () {
        () if signers(SignerStatus::Verified) => SignatureStatus::Verified,
        () if report.signers.is_empty() => SignatureStatus::Missing,
        () => SignatureStatus::Skipped,
    };
    let missing = report.missing_files.iter().map(|name| format!("`{name}` is missing"));
    let differs = report.hash_mismatches.iter();
    let differs = differs.map(|mismatch| format!("`{}` is not what the manifest says", mismatch.path));
    let unlisted = report.unlisted_members.iter().map(|name| format!("`{name}` is not listed"));
    (status, missing.chain(differs).chain(unlisted).next().unwrap_or_default())
}

async fn trace(
    host: &Host,
    archive: &Archive,
    member: &Member,
    key: Option<&PublicKey>,
) -> Result<Option<Contained>, Fault> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Head {
        schema_id: String,
    }
    let text = archive.read_all(host, member, limits::DOCUMENT_BYTES).await?;
    if !json::read::<Head>(&text).is_ok_and(|head| head.schema_id == TRACE_SCHEMA) {
        return Ok(None);
    }
    let (name, signature_status, error) = match json::read::<Trace>(&text) {
        Err(fault) => (String::new(), None, fault.error.clone()),
        Ok(trace) => {
            let (status, error) = signature(&trace, &text, key)?;
            (trace.trace_id, Some(status), error)
        }
    };
    let ok = error.is_empty();
    let path = member.name.clone();
    Ok(Some(Contained { path, kind: ContainedKind::Trace, ok, name, signature_status, error }))
}

/// What the signature of a trace showed. Without its key it still tells whether the trace was changed by somebody who
/// did not mend the digest.
fn signature(trace: &Trace, text: &[u8], key: Option<&PublicKey>) -> Result<(SignatureStatus, String), Fault> {
    let Some(entry) = &trace.signature else {
        return Ok((SignatureStatus::Missing, String::new()));
    };
    if let Some(key) = key.filter(|key| entry.key_id.is_empty() || entry.key_id == key.id) {
        return Ok(match trace::check_signature(trace, text, key)? {
            Ok(()) => (SignatureStatus::Verified, String::new()),
            Err(error) => (SignatureStatus::Failed, error),
        });
    }
    if trace::signs_content(trace, text)? {
        Ok((SignatureStatus::Skipped, String::new()))
    } else {
        Ok((SignatureStatus::Failed, "signed_digest mismatch".into()))
    }
}

fn ends_with(path: &str, ending: &str) -> bool {
    let start = path.len().checked_sub(ending.len());
    start.and_then(|start| path.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}
