//! Verification: is the archive what its manifest says, and who says so (runpack contract, section 8).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::Signature;
use gait_contract::verify::{
    HashMismatch, Place, SignatureStatus, Signer, SignerStatus, Trust, VerifyReport, VerifyRequest,
};
use sha2::{Digest, Sha256};

use super::open::{MANIFEST, Runpack};
use crate::digest::hex;
use crate::order;
use crate::sign::{PublicKey, check};
use crate::task::Host;
use crate::zip::Archive;

/// Answers op `verify`.
pub(crate) async fn verify(host: &Host, request: VerifyRequest) -> Result<VerifyReport, Fault> {
    let keys = Keys::read(&request)?;
    let runpack = Runpack::open(host, &request.archive).await?;
    judge(host, &runpack, &keys, request.require_signature).await
}

/// Verifies a runpack that is a member of another archive. A key of the reader's, if there is one, tells who signed,
/// but need not have signed.
pub(crate) async fn verify_within(
    host: &Host,
    archive: Archive,
    name: &str,
    key: Option<&PublicKey>,
) -> Result<VerifyReport, Fault> {
    let runpack = Runpack::of(host, archive, name).await?;
    let keys = Keys { given: None, own: key.cloned().into_iter().collect() };
    judge(host, &runpack, &keys, false).await
}

async fn judge(host: &Host, runpack: &Runpack, keys: &Keys, required: bool) -> Result<VerifyReport, Fault> {
    let mut report = VerifyReport {
        run_id: runpack.manifest.run_id.clone(),
        manifest_digest: runpack.manifest.manifest_digest.clone(),
        files_checked: runpack.manifest.files.as_ref().map_or(0, Vec::len) as u64,
        missing_files: runpack.missing_files(),
        hash_mismatches: hash_mismatches(host, runpack).await?,
        unlisted_members: runpack.unlisted_members(),
        ..VerifyReport::default()
    };
    judge_signatures(runpack, keys, required, &mut report)?;
    let status = report.signature_status;
    let sound = report.missing_files.is_empty() && report.hash_mismatches.is_empty();
    report.complete = sound && report.unlisted_members.is_empty();
    report.ok = sound
        && if required {
            status == Some(SignatureStatus::Verified) && report.unlisted_members.is_empty()
        } else {
            status != Some(SignatureStatus::Failed)
        };
    Ok(report)
}

/// Listed members whose content differs, and the manifest itself if its digest does not follow from it.
async fn hash_mismatches(host: &Host, runpack: &Runpack) -> Result<Vec<HashMismatch>, Fault> {
    let mut mismatches = Vec::new();
    // A manifest may list one member any number of times; it is read once.
    let entries = runpack.manifest.files.as_deref().unwrap_or_default();
    let listed = order::set(entries.iter().map(|entry| entry.path.clone()).collect());
    let mut digests = vec![String::new(); listed.len()];
    for entry in entries {
        let Some(member) = runpack.archive.find(&entry.path) else { continue };
        let Some(digest) = order::place(&listed, &entry.path).and_then(|place| digests.get_mut(place)) else {
            continue;
        };
        if digest.is_empty() {
            let mut hasher = Sha256::new();
            let mut reader = runpack.archive.reader(host, member);
            while let Some(piece) = reader.next().await? {
                hasher.update(piece);
            }
            *digest = hex(&hasher.finalize());
        }
        let actual = digest.clone();
        if !actual.eq_ignore_ascii_case(&entry.sha256) {
            mismatches.push(HashMismatch { path: entry.path.clone(), expected: entry.sha256.clone(), actual });
        }
    }
    let (expected, actual) = (&runpack.manifest.manifest_digest, runpack.computed_digest());
    if !actual.eq_ignore_ascii_case(expected) {
        mismatches.push(HashMismatch { path: MANIFEST.into(), expected: expected.clone(), actual });
    }
    order::by_text(&mut mismatches, |mismatch| &mismatch.path);
    Ok(mismatches)
}

/// The keys a caller knows.
struct Keys {
    given: Option<PublicKey>,
    own: Vec<PublicKey>,
}

impl Keys {
    fn read(request: &VerifyRequest) -> Result<Self, Fault> {
        Ok(Self {
            given: request.public_key.as_deref().map(PublicKey::parse).transpose()?,
            own: request.own_keys.iter().map(|key| PublicKey::parse(key)).collect::<Result<_, _>>()?,
        })
    }

    /// How the caller knows the key an entry names, and the key.
    fn known(&self, entry: &Signature) -> Option<(Trust, &PublicKey)> {
        let given = self.given.iter().map(|key| (Trust::Given, key));
        let own = self.own.iter().map(|key| (Trust::Own, key));
        given.chain(own).find(|(_, key)| key.id == entry.key_id)
    }
}

fn judge_signatures(runpack: &Runpack, keys: &Keys, required: bool, report: &mut VerifyReport) -> Result<(), Fault> {
    let in_manifest = runpack.manifest.signatures.iter().map(|entry| (Place::Manifest, entry));
    let comment = runpack.comment_signature();
    let entries: Vec<_> = in_manifest.chain(comment.iter().map(|entry| (Place::Archive, entry))).collect();
    let digest = if entries.is_empty() { String::new() } else { runpack.payload_digest()? };
    for (place, entry) in &entries {
        let (trust, status) = match keys.known(entry) {
            None => (Trust::Unknown, SignerStatus::NotChecked),
            Some((trust, key)) => match check(entry, &digest, key) {
                Ok(()) => (trust, SignerStatus::Verified),
                Err(_) => (trust, SignerStatus::Failed),
            },
        };
        report.signers.push(Signer { key_id: entry.key_id.clone(), trust, status, place: *place });
    }

    // Against a named key every signature counts. Without one, the status speaks of the manifest's own signatures;
    // `signers` tells about development signatures.
    let Some(key) = &keys.given else {
        let of_manifest = || report.signers.iter().filter(|signer| signer.place == Place::Manifest);
        report.signatures_total = of_manifest().count() as u64;
        report.signature_status =
            Some(if report.signatures_total == 0 { SignatureStatus::Missing } else { SignatureStatus::Skipped });
        match report.signature_status {
            Some(SignatureStatus::Missing) if required => {
                report.signature_errors.push("manifest has no signatures".into());
            }
            Some(SignatureStatus::Skipped) => report.signature_errors.push("public key not configured".into()),
            _ => {}
        }
        return Ok(());
    };
    for (_, entry) in &entries {
        match check(entry, &digest, key) {
            Ok(()) => report.signatures_valid += 1,
            Err(text) => report.signature_errors.push(text),
        }
    }
    order::by_text(&mut report.signature_errors, |error| error);
    report.signatures_total = entries.len() as u64;
    report.signature_status = Some(match (report.signatures_total, report.signatures_valid) {
        (0, _) => SignatureStatus::Missing,
        (_, 0) => SignatureStatus::Failed,
        _ => SignatureStatus::Verified,
    });
    if required && entries.is_empty() {
        report.signature_errors.push("manifest has no signatures".into());
    }
    Ok(())
}
