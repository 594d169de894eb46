//! A runpack whose manifest is usable: the first steps of every command that reads one
//! (runpack contract, section 8, steps 1 to 4).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::limits;
use gait_contract::runpack::{MANIFEST_SCHEMA, Manifest, SCHEMA_VERSION, Signature};
use gait_contract::{Code, Fault};

use crate::digest::sha256_hex;
use crate::json;
use crate::order;
use crate::task::Host;
use crate::zip::Archive;

/// Name of the manifest's member.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Name of the run's member.
pub(crate) const RUN: &str = "run.json";
/// Name of the receipts' member.
pub(crate) const REFS: &str = "refs.json";
/// Name of the intents' member.
pub(crate) const INTENTS: &str = "intents.jsonl";
/// Name of the results' member.
pub(crate) const RESULTS: &str = "results.jsonl";
/// The members a manifest has to list.
pub(crate) const REQUIRED: [&str; 4] = [INTENTS, REFS, RESULTS, RUN];

/// An archive with a manifest of the right kind. Nothing else of it has been looked at.
pub(crate) struct Runpack {
    pub(crate) archive: Archive,
    pub(crate) manifest: Manifest,
    manifest_text: Vec<u8>,
}

impl Runpack {
    /// Opens an archive and reads its manifest.
    pub(crate) async fn open(host: &Host, source: &str) -> Result<Self, Fault> {
        Self::of(host, Archive::open(host, source).await?, source).await
    }

    /// Reads the manifest of an archive that is open; `source` is what faults call it.
    pub(crate) async fn of(host: &Host, archive: Archive, source: &str) -> Result<Self, Fault> {
        let Some(member) = archive.find(MANIFEST) else {
            return Err(Fault::new(Code::ManifestMissing, "the archive holds no manifest.json").at(source));
        };
        let place = || format!("{source}: {MANIFEST}");
        let manifest_text = archive.read_all(host, member, limits::DOCUMENT_BYTES).await?;
        let manifest: Manifest = json::read(&manifest_text).map_err(|fault| fault.at(place()))?;
        if manifest.schema_id != MANIFEST_SCHEMA || manifest.schema_version != SCHEMA_VERSION {
            return Err(Fault::new(
                Code::SchemaUnsupported,
                format!(
                    "the manifest is `{}` `{}`, not `{MANIFEST_SCHEMA}` `{SCHEMA_VERSION}`",
                    manifest.schema_id, manifest.schema_version
                ),
            )
            .at(place()));
        }
        if manifest.run_id.is_empty() {
            return Err(Fault::new(Code::ManifestInvalid, "the manifest names no run").at(place()));
        }
        if manifest.signatures.len() > limits::SIGNATURES {
            return Err(Fault::new(
                Code::ManifestInvalid,
                format!("the manifest carries more than {} signatures", limits::SIGNATURES),
            )
            .at(place()));
        }
        Ok(Self { archive, manifest, manifest_text })
    }

    /// The manifest digest that follows from the manifest's content (section 6).
    pub(crate) fn computed_digest(&self) -> String {
        manifest_digest(&self.manifest)
    }

    /// Digest of what signatures sign: the manifest as stored, without `signatures` (section 7).
    pub(crate) fn payload_digest(&self) -> Result<String, Fault> {
        Ok(sha256_hex(&json::canonicalize_without(&self.manifest_text, Some("signatures"))?))
    }

    /// The development signature in the archive's comment (ADR 0006). Other comments say nothing.
    pub(crate) fn comment_signature(&self) -> Option<Signature> {
        let signature: Signature = json::read(self.archive.comment()).ok()?;
        (!signature.sig.is_empty()).then_some(signature)
    }

    /// Names the manifest lists that the archive lacks, and required names the manifest does not list; sorted.
    pub(crate) fn missing_files(&self) -> Vec<String> {
        let listed = self.manifest.files.as_deref().unwrap_or_default();
        let absent = listed.iter().map(|entry| entry.path.as_str()).filter(|path| self.archive.find(path).is_none());
        let unlisted = REQUIRED.into_iter().filter(|name| listed.iter().all(|entry| entry.path != *name));
        let mut missing: Vec<String> = absent.chain(unlisted).map(Into::into).collect();
        order::by_text(&mut missing, |name| name);
        missing.dedup();
        missing
    }

    /// Members that the manifest does not list, in the archive's order.
    pub(crate) fn unlisted_members(&self) -> Vec<String> {
        let listed = self.manifest.files.as_deref().unwrap_or_default();
        let is_listed = |name: &str| name == MANIFEST || listed.iter().any(|entry| entry.path == name);
        let members = self.archive.members().iter().map(|member| &member.name);
        members.filter(|name| !is_listed(name)).cloned().collect()
    }
}

/// Digest of a manifest with an empty `manifest_digest` and without signatures (section 6).
pub(crate) fn manifest_digest(manifest: &Manifest) -> String {
    let unnamed = Manifest { manifest_digest: String::new(), signatures: Vec::new(), ..manifest.clone() };
    sha256_hex(&json::canonical(&unnamed))
}
