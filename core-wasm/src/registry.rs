//! Registry packs: reading a manifest, its digest, and what publisher, pin and signatures say about it
//! (registry contract, sections 1, 2, 4 and 7).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::limits;
use gait_contract::registry::{
    PACK_SCHEMA, PINS, REPORT_SCHEMA, RegistryEntry, RegistryInstallRequest, RegistryPack, RegistryReport,
    RegistryVerifyRequest, VerificationReport,
};
use gait_contract::runpack::{SCHEMA_VERSION, Signature};
use gait_contract::{Category, Code, Fault, Timestamp};

use crate::digest::sha256_hex;
use crate::sign::{PublicKey, check};
use crate::task::Host;
use crate::text::lower;
use crate::{document, json, text};

/// `created_at` of every report, so that equal inputs give equal reports.
const REPORT_TIME: &str = "1980-01-01T00:00:00Z";
/// Most bytes of a name that becomes a folder; file systems allow 255, and a pin's name is longer than its pack's.
const NAME_BYTES: usize = 200;

/// A manifest that keeps the rules, normalized.
struct Manifest {
    pack: RegistryPack,
    signatures: Vec<Signature>,
    digest: String,
}

/// Answers op `registry.verify`.
pub(crate) async fn verify(host: &Host, request: RegistryVerifyRequest) -> Result<RegistryReport, Fault> {
    let key = request.public_key.as_deref().map(PublicKey::parse).transpose()?;
    let text = document::bytes_of(host, &request.manifest).await?;
    let manifest = read(&text).map_err(|fault| document::at(&request.manifest, fault))?;
    let signature = match &key {
        Some(key) => manifest.signature(key),
        None => Err("no public key was given".into()),
    };
    let publisher = manifest.publisher(&request.publishers);
    let pin_verified = request.pin.as_deref().is_some_and(|pin| manifest.is_pinned(pin));
    let mut reasons = Vec::new();
    if request.pin.is_some() && !pin_verified {
        reasons.push("pin_mismatch".to_string());
    }
    if publisher.is_err() {
        reasons.push("publisher_not_allowed".into());
    }
    if signature.is_err() {
        reasons.push("signature_not_verified".into());
    }
    let mut report = RegistryReport {
        ok: reasons.is_empty(),
        signature_verified: signature.is_ok(),
        publisher_allowed: publisher.is_ok(),
        signature_error: signature.and(publisher).err().unwrap_or_default(),
        pack_name: manifest.pack.pack_name,
        pack_version: manifest.pack.pack_version,
        digest: manifest.digest,
        pin_path: request.pin_path,
        pin_present: request.pin.is_some(),
        pin_digest: request.pin.map(|pin| pin.trim().to_string()).unwrap_or_default(),
        pin_verified,
        publisher: manifest.pack.publisher,
        pack_source: manifest.pack.source,
        failure_reasons: reasons,
        report_text: String::new(),
    };
    if !request.metadata_path.is_empty() {
        report.report_text = report_text(&report, request.metadata_path, request.producer_version);
    }
    Ok(report)
}

/// Answers op `registry.install`.
pub(crate) async fn install(host: &Host, request: RegistryInstallRequest) -> Result<RegistryEntry, Fault> {
    let key = PublicKey::parse(&request.public_key)?;
    let text = document::bytes_of(host, &request.manifest).await?;
    trusted(&text, &key, &request).map_err(|fault| {
        // Whatever is wrong with a manifest that was to be installed, it is not to be trusted.
        let mut fault = document::at(&request.manifest, fault);
        fault.error_category = Category::VerificationFailed;
        fault
    })
}

fn trusted(text: &[u8], key: &PublicKey, request: &RegistryInstallRequest) -> Result<RegistryEntry, Fault> {
    let manifest = read(text)?;
    manifest.publisher(&request.publishers).map_err(|error| Fault::new(Code::RegistryPublisherRefused, error))?;
    if !request.pin.trim().is_empty() && !manifest.is_pinned(&request.pin) {
        let error = format!("the manifest's digest is {}, not `{}`", manifest.digest, request.pin.trim());
        return Err(Fault::new(Code::RegistryPinMismatch, error));
    }
    manifest.signature(key).map_err(|error| Fault::new(Code::RegistrySignatureInvalid, error))?;
    let Manifest { mut pack, signatures, digest } = manifest;
    pack.signatures = signatures;
    Ok(RegistryEntry {
        folder: format!("{}/{}/{digest}", pack.pack_name, pack.pack_version),
        manifest_text: json::canonical_text(&pack),
        pin_text: format!("sha256:{digest}\n"),
        pack_name: pack.pack_name,
        pack_version: pack.pack_version,
        publisher: pack.publisher,
        pack_source: pack.source,
        digest,
    })
}

/// Reads a manifest by the rules of section 1, in their order.
fn read(text: &[u8]) -> Result<Manifest, Fault> {
    let mut pack: RegistryPack = json::read(text)?;
    if pack.schema_id != PACK_SCHEMA || pack.schema_version != SCHEMA_VERSION {
        let text = format!("the manifest is `{}` `{}`", pack.schema_id, pack.schema_version);
        return Err(Fault::new(Code::SchemaUnsupported, text)
            .hint(format!("a registry manifest is `{PACK_SCHEMA}` `{SCHEMA_VERSION}`")));
    }
    for (field, value) in [("pack_name", &pack.pack_name), ("pack_version", &pack.pack_version)] {
        if value.trim().is_empty() {
            return Err(Fault::new(Code::RegistryManifestInvalid, format!("`{field}` is blank")));
        }
    }
    for value in [&mut pack.pack_type, &mut pack.publisher, &mut pack.source] {
        *value = lower(value.trim());
    }
    if pack.pack_type == "skill" && (pack.publisher.is_empty() || pack.source.is_empty()) {
        let what = if pack.publisher.is_empty() { "publisher" } else { "source" };
        return Err(Fault::new(Code::RegistryManifestInvalid, format!("a skill names no `{what}`")));
    }
    for (field, value) in [("pack_name", &pack.pack_name), ("pack_version", &pack.pack_version)] {
        if !is_component(value) {
            return Err(unsafe_name(field, value));
        }
    }
    // Not every file system tells `Pins` from `pins`.
    if pack.pack_name.eq_ignore_ascii_case(PINS) {
        return Err(unsafe_name("pack_name", &pack.pack_name));
    }
    if pack.signatures.len() > limits::SIGNATURES {
        return Err(Fault::new(Code::RegistryManifestInvalid, "too many signatures"));
    }
    let signatures = core::mem::take(&mut pack.signatures);
    let digest = sha256_hex(&json::canonical(&pack));
    Ok(Manifest { pack, signatures, digest })
}

/// True for a text that names one folder or file in the folder it is put into, and nothing elsewhere.
fn is_component(name: &str) -> bool {
    !matches!(name, "." | "..")
        && name.trim() == name
        && name.len() <= NAME_BYTES
        && !name.contains(|c: char| matches!(c, '/' | '\\') || c.is_control())
}

fn unsafe_name(field: &str, name: &str) -> Fault {
    Fault::new(Code::RegistryNameUnsafe, format!("`{field}` is `{name}`, which cannot be a folder of the cache"))
}

impl Manifest {
    /// Whether a signature by the key verifies; else why the first does not.
    fn signature(&self, key: &PublicKey) -> Result<(), String> {
        let mut first = None;
        for entry in &self.signatures {
            // Only here does the case of the hex digits not matter.
            let entry = Signature { signed_digest: lower(&entry.signed_digest), ..entry.clone() };
            match check(&entry, &self.digest, key) {
                Ok(()) => return Ok(()),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(match first {
            None => "the manifest is not signed".into(),
            Some(error) => format!("no signature verifies: {error}"),
        })
    }

    /// Whether the publisher is on the list; a list without names allows all.
    fn publisher(&self, allowed: &[String]) -> Result<(), String> {
        let mut names = allowed.iter().map(|name| lower(name.trim())).filter(|name| !name.is_empty()).peekable();
        let publisher = &self.pack.publisher;
        if names.peek().is_none() || (!publisher.is_empty() && names.any(|name| name == *publisher)) {
            return Ok(());
        }
        let who = if publisher.is_empty() { Cow::from("nobody") } else { format!("`{publisher}`").into() };
        Err(format!("the publisher is {who}, who is not on the list of allowed publishers"))
    }

    /// Whether a pin names the digest; case and the prefix `sha256:` do not matter.
    fn is_pinned(&self, pin: &str) -> bool {
        let pin = pin.trim().to_ascii_lowercase();
        pin.strip_prefix("sha256:").unwrap_or(&pin) == self.digest
    }
}

fn report_text(report: &RegistryReport, metadata_path: String, producer_version: String) -> String {
    text::indented(&VerificationReport {
        schema_id: REPORT_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: Timestamp::parse(REPORT_TIME).unwrap_or_default(),
        producer_version,
        pack_name: report.pack_name.clone(),
        pack_version: report.pack_version.clone(),
        digest: report.digest.clone(),
        metadata_path,
        pin_path: report.pin_path.clone(),
        pin_digest: report.pin_digest.clone(),
        pin_present: report.pin_present,
        pin_verified: report.pin_verified,
        signature_verified: report.signature_verified,
        publisher: report.publisher.clone(),
        source: report.pack_source.clone(),
        publisher_allowed: report.publisher_allowed,
        status: if report.ok { "pass" } else { "fail" }.into(),
        failure_reasons: report.failure_reasons.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = include_str!("../../tests/cli/conformance/registry/install-local/in/pack.json");
    const DIGEST: &str = "f7149945673f10f30b3d96ec9ab817a6cae5a820fc4038862ef9431e8755107e";

    fn refused(text: &str) -> Code {
        read(text.as_bytes()).err().unwrap().error_code
    }

    #[test]
    fn the_digest_is_of_the_normalized_manifest() {
        let manifest = read(SIGNED.as_bytes()).unwrap();
        assert_eq!(manifest.digest, DIGEST);
        assert_eq!((&*manifest.pack.publisher, &*manifest.pack.source), ("stone mill", "git"));
        let other_spelling = SIGNED.replace("GIT", " git\u{a0}").replace("Stone MILL", "STONE mill");
        assert_eq!(read(other_spelling.as_bytes()).unwrap().digest, DIGEST);
        assert_ne!(read(SIGNED.replace("medium", "low").as_bytes()).unwrap().digest, DIGEST);
    }

    #[test]
    fn artifacts_may_be_absent_or_none() {
        let digest = |artifacts: &str| {
            let text = format!(
                r#"{{"schema_id":"gait.registry.pack","schema_version":"1.0.0","pack_name":"a","pack_version":"1"{artifacts}}}"#
            );
            json::canonical_text(&read(text.as_bytes()).unwrap().pack)
        };
        let absent = digest("");
        assert!(
            absent.starts_with(r#"{"artifacts":null,"created_at":"0001-01-01T00:00:00Z","pack_name":"a""#),
            "{absent}"
        );
        assert_eq!(digest(r#","artifacts":null,"provenance":{},"compatibility":[],"risk_class":"""#), absent);
        assert!(digest(r#","artifacts":[]"#).starts_with(r#"{"artifacts":[],"#));
        assert!(digest(r#","artifacts":[null]"#).starts_with(r#"{"artifacts":[{"path":"","sha256":""}],"#));
        assert!(digest(r#","compatibility":[null]"#).contains(r#""compatibility":[""]"#));
    }

    #[test]
    fn names_are_one_component_of_a_path() {
        for good in ["a", "stone mill", "..a", "a..b", "1.0.0+b", "läufer"] {
            assert!(is_component(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "a\0b", " a", "a\u{a0}", "a\n", "/a", &"x".repeat(201)] {
            assert!(bad.is_empty() || !is_component(bad), "{bad}");
        }
    }

    #[test]
    fn rules_are_looked_at_in_order() {
        let text = |fields: &str| format!(r#"{{"schema_id":"gait.registry.pack","schema_version":"1.0.0",{fields}}}"#);
        assert_eq!(refused("\u{feff}{}"), Code::JsonBom);
        assert_eq!(refused("[]"), Code::JsonType);
        assert_eq!(refused("{}"), Code::SchemaUnsupported);
        assert_eq!(refused(&text(r#""pack_name":" ","pack_version":"..""#)), Code::RegistryManifestInvalid);
        let skill = r#""pack_name":"..","pack_version":"1","pack_type":" SKILL ","publisher":"p""#;
        assert_eq!(refused(&text(skill)), Code::RegistryManifestInvalid);
        assert_eq!(refused(&text(&format!(r#"{skill},"source":"s""#))), Code::RegistryNameUnsafe);
        assert_eq!(refused(&text(r#""pack_name":"Pins","pack_version":"1""#)), Code::RegistryNameUnsafe);
        assert_eq!(refused(&text(r#""pack_name":"a","pack_name":"a","pack_version":"1""#)), Code::JsonDuplicateKey);
    }

    #[test]
    fn lists_and_pins_are_compared_without_case() {
        let manifest = read(SIGNED.as_bytes()).unwrap();
        let allowed = |names: &[&str]| {
            manifest.publisher(&names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>()).is_ok()
        };
        assert!(allowed(&[]) && allowed(&["", " "]) && allowed(&["water", "\tSTONE MILL"]));
        assert!(!allowed(&["stone"]) && !allowed(&["stone mill.example"]));
        assert!(manifest.is_pinned(DIGEST) && manifest.is_pinned(&format!(" Sha256:{}\n", DIGEST.to_uppercase())));
        for other in ["", "sha256:", "md5:x", &DIGEST[1..], &format!("sha256:sha256:{DIGEST}")] {
            assert!(!manifest.is_pinned(other), "{other}");
        }
    }
}
