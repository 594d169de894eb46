//! Checking an evidence pack (guard contract, sections 5 and 8).

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::guard::{PACK_SCHEMA, PackManifest, PackMember, PackReport, PackVerifyRequest};
use gait_contract::limits;
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::trace::Linked;
use gait_contract::verify::{HashMismatch, SignatureStatus};
use gait_contract::{Code, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{CONTROL_INDEX, EVIDENCE_POINTERS, MANIFEST, contained, pack_id};
use crate::digest::{hex, sha256_hex};
use crate::json;
use crate::order;
use crate::sign::{PublicKey, check};
use crate::task::Host;
use crate::zip::{Archive, Member};

/// Answers op `guard.verify`.
pub(crate) async fn verify(host: &Host, request: PackVerifyRequest) -> Result<PackReport, Fault> {
    let key = request.public_key.as_deref().map(PublicKey::parse).transpose()?;
    let archive = Archive::open(host, &request.pack).await?;
    let Some(member) = archive.find(MANIFEST) else {
        let text = format!("the archive holds no {MANIFEST}, so it is no evidence pack");
        return Err(Fault::new(Code::ManifestMissing, text).at(request.pack).hint("`gait verify` checks runpacks"));
    };
    let text = archive.read_all(host, member, limits::DOCUMENT_BYTES).await?;
    let place = || format!("{}: {MANIFEST}", request.pack);
    let manifest: PackManifest = json::read(&text).map_err(|fault| fault.at(place()))?;
    if manifest.schema_id != PACK_SCHEMA || manifest.schema_version != SCHEMA_VERSION {
        let text = format!("the manifest is `{}` `{}`", manifest.schema_id, manifest.schema_version);
        return Err(Fault::new(Code::SchemaUnsupported, text).at(place()));
    }
    if manifest.signatures.len() > limits::SIGNATURES {
        return Err(Fault::new(Code::ManifestInvalid, "too many signatures").at(place()));
    }
    let mut report = PackReport {
        pack_id: manifest.pack_id.clone(),
        run_id: manifest.run_id.clone(),
        files_checked: manifest.contents.len() as u64,
        ..PackReport::default()
    };
    check_members(host, &archive, &manifest, request.members, &mut report).await?;
    check_copy(host, &archive, CONTROL_INDEX, &manifest, &manifest.control_index, &mut report).await?;
    check_copy(host, &archive, EVIDENCE_POINTERS, &manifest, &manifest.evidence_pointers, &mut report).await?;
    report.contained = contained::verify(host, &archive, &manifest, &report.hash_mismatches, key.as_ref()).await?;
    order::by_text(&mut report.hash_mismatches, |mismatch| &mismatch.path);
    judge_signatures(&manifest, &text, key.as_ref(), request.require_signature, &mut report)?;
    report.linked = request.run_id.map(|run_id| if run_id == manifest.run_id { Linked::Yes } else { Linked::No });
    let status = report.signature_status;
    // A manifest that lists nothing proves nothing.
    report.ok = report.files_checked > 0
        && report.missing_files.is_empty()
        && report.hash_mismatches.is_empty()
        && report.undeclared_files.is_empty()
        && report.contained.iter().all(|contained| contained.ok)
        && report.linked != Some(Linked::No)
        && if request.require_signature {
            status == Some(SignatureStatus::Verified)
        } else {
            status != Some(SignatureStatus::Failed)
        };
    Ok(report)
}

async fn check_members(
    host: &Host,
    archive: &Archive,
    manifest: &PackManifest,
    list: bool,
    report: &mut PackReport,
) -> Result<(), Fault> {
    // A manifest may name one member any number of times; it is read once.
    let listed = order::set(manifest.contents.iter().map(|entry| entry.path.clone()).collect());
    let mut digests: Vec<Option<String>> = vec![None; listed.len()];
    for entry in &manifest.contents {
        if list {
            let (path, kind, expected) = (entry.path.clone(), entry.kind.clone(), entry.sha256.clone());
            report.members.push(PackMember { path, kind, expected, found: String::new() });
        }
        let Some(member) = archive.find(&entry.path) else {
            report.missing_files.push(entry.path.clone());
            continue;
        };
        let Some(known) = order::place(&listed, &entry.path).and_then(|place| digests.get_mut(place)) else { continue };
        let actual = match known {
            Some(actual) => actual.clone(),
            None => known.insert(digest(host, archive, member).await?).clone(),
        };
        if let Some(listed) = report.members.last_mut().filter(|_| list) {
            listed.found = actual.clone();
        }
        if !actual.eq_ignore_ascii_case(&entry.sha256) {
            let (path, expected) = (entry.path.clone(), entry.sha256.clone());
            report.hash_mismatches.push(HashMismatch { path, expected, actual });
        }
    }
    let pack_id = pack_id(&manifest.contents, &manifest.run_id);
    if manifest.pack_id != pack_id {
        let expected = manifest.pack_id.clone();
        report.hash_mismatches.push(HashMismatch { path: MANIFEST.into(), expected, actual: pack_id });
    }
    order::by_text(&mut report.missing_files, |name| name);
    let declared = |name: &str| name == MANIFEST || manifest.contents.iter().any(|entry| entry.path == name);
    let names = archive.members().iter().map(|member| &member.name);
    report.undeclared_files = names.filter(|name| !declared(name)).cloned().collect();
    Ok(())
}

/// Holds what the manifest repeats of a member against the member: the pack's id covers the member only.
async fn check_copy<T>(
    host: &Host,
    archive: &Archive,
    name: &str,
    manifest: &PackManifest,
    copy: &[T],
    report: &mut PackReport,
) -> Result<(), Fault>
where
    T: DeserializeOwned + Serialize + PartialEq,
{
    let listed = manifest.contents.iter().any(|entry| entry.path == name);
    let sound = listed && report.hash_mismatches.iter().all(|mismatch| mismatch.path != name);
    let Some(member) = archive.find(name).filter(|_| sound && !copy.is_empty()) else { return Ok(()) };
    let text = archive.read_all(host, member, limits::DOCUMENT_BYTES).await?;
    let told: Option<Vec<T>> = json::read(&text).ok();
    if told.as_deref() != Some(copy) {
        report.hash_mismatches.push(HashMismatch {
            path: format!("{MANIFEST}#{}", name.trim_end_matches(".json")),
            expected: sha256_hex(&text),
            actual: sha256_hex(&json::canonical(&copy)),
        });
    }
    Ok(())
}

/// SHA-256 of a member; empty when its data is damaged, which is a mismatch rather than a fault.
async fn digest(host: &Host, archive: &Archive, member: &Member) -> Result<String, Fault> {
    let mut hasher = Sha256::new();
    let mut reader = archive.reader(host, member);
    loop {
        match reader.next().await {
            Ok(Some(piece)) => hasher.update(piece),
            Ok(None) => return Ok(hex(&hasher.finalize())),
            Err(fault) if fault.error_code == Code::ZipMemberCorrupt => return Ok(String::new()),
            Err(fault) => return Err(fault),
        }
    }
}

fn judge_signatures(
    manifest: &PackManifest,
    text: &[u8],
    key: Option<&PublicKey>,
    required: bool,
    report: &mut PackReport,
) -> Result<(), Fault> {
    report.signatures_total = manifest.signatures.len() as u64;
    let mut errors: Vec<String> = Vec::new();
    report.signature_status = Some(match (manifest.signatures.as_slice(), key) {
        ([], _) => {
            if required {
                errors.push("manifest has no signatures".into());
            }
            SignatureStatus::Missing
        }
        (_, None) => {
            errors.push("public key not configured".into());
            SignatureStatus::Skipped
        }
        (entries, Some(key)) => {
            // Over the document as stored: a field added after signing is noticed.
            let digest = sha256_hex(&json::canonicalize_without(text, Some("signatures"))?);
            errors.extend(entries.iter().filter_map(|entry| check(entry, &digest, key).err()));
            report.signatures_valid = (entries.len() - errors.len()) as u64;
            if report.signatures_valid > 0 { SignatureStatus::Verified } else { SignatureStatus::Failed }
        }
    });
    order::by_text(&mut errors, |error| error);
    report.signature_errors = errors;
    Ok(())
}
