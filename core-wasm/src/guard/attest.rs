//! in-toto statements about evidence packs, and the DSSE envelopes they travel in. The host signs; what is signed is
//! made here, and read back here.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::attestation::{
    AttestRequest, AttestationReport, AttestationVerifyRequest, Attested, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE,
    Statement, Subject, SubjectDigest, SubjectReport, SubjectStatus, Unsealed,
};
use gait_contract::verify::SignatureStatus;
use gait_contract::{Code, Fault, limits};
use serde::Deserialize;

use crate::sign::{PublicKey, base64, check_bytes};
use crate::task::Host;
use crate::{document, json, order};

/// A DSSE envelope.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sealed {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Seal>,
}

/// One signature of an envelope. Its key id is a hint that nobody signed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Seal {
    sig: String,
}

/// The statement about a run and its pack.
pub(super) fn statement(wanted: &AttestRequest, predicate: Attested, run: String, pack: String) -> Unsealed {
    let pack_name = match wanted.pack_name.as_str() {
        "" => format!("evidence_pack_{}.zip", predicate.pack_id),
        name => name.to_string(),
    };
    let subject = |name: String, sha256: String| Subject { digest: SubjectDigest { sha256 }, name };
    let statement = Statement {
        kind: STATEMENT_TYPE.into(),
        predicate,
        predicate_type: PREDICATE_TYPE.into(),
        subject: Vec::from([subject(wanted.run_name.clone(), run), subject(pack_name, pack)]),
    };
    let payload = json::canonical_text(&statement);
    Unsealed { payload_type: PAYLOAD_TYPE.into(), pae: pae(&payload), payload }
}

/// What a signature is over: type and payload with their lengths in bytes, so that no two pairs look the same.
fn pae(payload: &str) -> String {
    format!("DSSEv1 {} {PAYLOAD_TYPE} {} {payload}", PAYLOAD_TYPE.len(), payload.len())
}

/// Answers op `attestation.verify`.
pub(crate) async fn verify(host: &Host, request: AttestationVerifyRequest) -> Result<AttestationReport, Fault> {
    let key = request.public_key.as_deref().map(PublicKey::parse).transpose()?;
    let text = document::read(host, &request.envelope).await?;
    let invalid = |text: &str| Fault::new(Code::AttestationInvalid, text).at(request.envelope.clone());
    let sealed: Sealed = json::read(&text).map_err(|fault| fault.at(request.envelope.clone()))?;
    if sealed.payload_type != PAYLOAD_TYPE {
        return Err(invalid("this is no DSSE envelope with an in-toto statement"));
    }
    if sealed.signatures.len() > limits::SIGNATURES {
        return Err(invalid("too many signatures"));
    }
    // Both alphabets are allowed, and nothing is signed in base64.
    let standard = sealed.payload.replace('-', "+").replace('_', "/");
    let payload = base64(&standard).and_then(|payload| String::from_utf8(payload).ok());
    let payload = payload.ok_or_else(|| invalid("the payload is not base64 of UTF-8"))?;
    let statement: Statement =
        json::read(payload.as_bytes()).map_err(|fault| fault.at("payload").at(request.envelope.clone()))?;
    if statement.kind != STATEMENT_TYPE || statement.predicate_type != PREDICATE_TYPE {
        let text = format!("the payload is `{}` with `{}`", statement.kind, statement.predicate_type);
        return Err(Fault::new(Code::SchemaUnsupported, text).at(request.envelope.clone()));
    }
    if statement.subject.is_empty() {
        return Err(invalid("the statement is about nothing"));
    }

    let mut report = AttestationReport {
        ok: false,
        predicate: statement.predicate,
        subjects: Vec::new(),
        strangers: Vec::new(),
        signature_status: SignatureStatus::Missing,
        signature_errors: Vec::new(),
        signatures_total: sealed.signatures.len() as u64,
        signatures_valid: 0,
    };
    look(host, &request, &statement.subject, &mut report).await?;
    judge(&sealed.signatures, &pae(&payload), key.as_ref(), request.require_signature, &mut report);
    let status = report.signature_status;
    report.ok = report.strangers.is_empty()
        && report.subjects.iter().all(|subject| subject.status != SubjectStatus::Differs)
        && match request.require_signature {
            true => status == SignatureStatus::Verified,
            false => status != SignatureStatus::Failed,
        };
    Ok(report)
}

/// Holds files against the subjects: those that were given by what they are, others by their names.
async fn look(
    host: &Host,
    request: &AttestationVerifyRequest,
    subjects: &[Subject],
    report: &mut AttestationReport,
) -> Result<(), Fault> {
    let mut given = Vec::new();
    for file in &request.files {
        let sha256 = document::digest(host, file).await?;
        if subjects.iter().all(|subject| !subject.digest.sha256.eq_ignore_ascii_case(&sha256)) {
            report.strangers.push(file.clone());
        }
        given.push(sha256);
    }
    for Subject { name, digest } in subjects {
        let is = |sha256: &String| digest.sha256.eq_ignore_ascii_case(sha256);
        let status = match &request.folder {
            _ if given.iter().any(is) => SubjectStatus::Matches,
            Some(folder) if is_plain(name) => match document::digest(host, &format!("{folder}{name}")).await {
                Ok(sha256) if is(&sha256) => SubjectStatus::Matches,
                Ok(_) => SubjectStatus::Differs,
                Err(fault) if fault.error_code == Code::FileNotFound => SubjectStatus::NotChecked,
                Err(fault) => return Err(fault),
            },
            _ => SubjectStatus::NotChecked,
        };
        report.subjects.push(SubjectReport { name: name.clone(), sha256: digest.sha256.clone(), status });
    }
    Ok(())
}

/// A name that leads nowhere else: an attestation must not have files read that lie where its maker wants.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.contains(['/', '\\', ':'])
        && !name.contains(char::is_control)
}

fn judge(seals: &[Seal], pae: &str, key: Option<&PublicKey>, required: bool, report: &mut AttestationReport) {
    report.signature_status = match (seals, key) {
        ([], _) => {
            if required {
                report.signature_errors.push("the envelope has no signatures".into());
            }
            SignatureStatus::Missing
        }
        (_, None) => {
            report.signature_errors.push("public key not configured".into());
            SignatureStatus::Skipped
        }
        (seals, Some(key)) => {
            for seal in seals {
                let sig = seal.sig.replace('-', "+").replace('_', "/");
                match check_bytes(&sig, pae.as_bytes(), key) {
                    Ok(()) => report.signatures_valid += 1,
                    Err(error) => report.signature_errors.push(error),
                }
            }
            order::by_text(&mut report.signature_errors, |error| error);
            if report.signatures_valid > 0 { SignatureStatus::Verified } else { SignatureStatus::Failed }
        }
    };
}
