//! Writing a runpack: members, digests, signature, archive (runpack contract, sections 2 to 7).

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::runpack::{
    FileEntry, INTENT_SCHEMA, Intent, MANIFEST_SCHEMA, Manifest, REFS_SCHEMA, RESULT_SCHEMA, RUN_SCHEMA,
    RecordDefaults, Recorded, Refs, ResultRecord, Run, SCHEMA_VERSION, Signature, Signing,
};
use gait_contract::{Fault, Timestamp};
use serde::Serialize;

use super::footer::ticket_footer;
use super::open::{INTENTS, MANIFEST, REFS, RESULTS, RUN, manifest_digest};
use crate::digest::sha256_hex;
use crate::json::{self, Canonical, canonical_into};
use crate::task::Host;
use crate::zip::{FinishedMember, MemberWriter, WrittenArchive, write_archive};

/// A runpack under construction. Records come in order; documents come last.
pub(crate) struct RunpackWriter<'h> {
    host: &'h Host,
    intents: MemberWriter,
    results: MemberWriter,
    form: Canonical,
}

/// A runpack that was written.
pub(crate) struct Written {
    pub(crate) manifest: Manifest,
    pub(crate) archive: WrittenArchive,
    pub(crate) signature_key_id: String,
}

/// Who vouches for the new archive.
pub(crate) enum Seal {
    /// The host signs, or nobody does.
    New(Signing),
    /// A development signature of the archive this one was made from; kept if it fits the new manifest too.
    Kept(Option<Signature>),
}

impl<'h> RunpackWriter<'h> {
    /// An empty runpack.
    pub(crate) fn new(host: &'h Host) -> Self {
        Self {
            host,
            intents: MemberWriter::new(INTENTS),
            results: MemberWriter::new(RESULTS),
            form: Canonical::default(),
        }
    }

    /// Appends an intent.
    pub(crate) async fn intent(&mut self, intent: &Intent) -> Result<(), Fault> {
        line(&mut self.form, intent);
        self.intents.write(self.host, self.form.bytes()).await
    }

    /// Appends a result.
    pub(crate) async fn result(&mut self, result: &ResultRecord) -> Result<(), Fault> {
        line(&mut self.form, result);
        self.results.write(self.host, self.form.bytes()).await
    }

    /// Writes the archive.
    pub(crate) async fn finish(self, run: &Run, refs: &Refs, capture_mode: &str, seal: Seal) -> Result<Written, Fault> {
        let host = self.host;
        let mut members = vec![
            self.intents.finish()?,
            document(host, REFS, refs).await?,
            self.results.finish()?,
            document(host, RUN, run).await?,
        ];
        let mut manifest = Manifest {
            schema_id: MANIFEST_SCHEMA.into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: run.created_at.clone(),
            producer_version: run.producer_version.clone(),
            run_id: run.run_id.clone(),
            capture_mode: capture_mode.into(),
            files: Some(
                members
                    .iter()
                    .map(|member| FileEntry { path: member.name.clone(), sha256: member.sha256.clone() })
                    .collect(),
            ),
            manifest_digest: String::new(),
            signatures: Vec::new(),
        };
        manifest.manifest_digest = manifest_digest(&manifest);
        let payload_digest = sha256_hex(&json::canonical(&manifest));
        let mut comment = None;
        match seal {
            Seal::New(Signing::None) => {}
            Seal::New(Signing::Archive) => comment = Some(signed(host, payload_digest).await?),
            Seal::New(Signing::Manifest) => manifest.signatures.push(signed(host, payload_digest).await?),
            Seal::Kept(signature) => comment = signature.filter(|kept| kept.signed_digest == payload_digest),
        }
        let signature_key_id =
            manifest.signatures.iter().chain(&comment).map(|signature| signature.key_id.clone()).collect();
        members.push(document(host, MANIFEST, &manifest).await?);
        let comment = comment.map(|signature| json::canonical(&signature)).unwrap_or_default();
        let archive = write_archive(host, members, &comment).await?;
        Ok(Written { manifest, archive, signature_key_id })
    }
}

impl Written {
    /// The reply about a new recording.
    pub(crate) fn recorded(self) -> Recorded {
        let Manifest { run_id, manifest_digest, .. } = self.manifest;
        Recorded {
            ticket_footer: ticket_footer(&run_id, &manifest_digest),
            run_id,
            manifest_digest,
            signature_key_id: self.signature_key_id,
            warnings: Vec::new(),
        }
    }
}

/// Has the host sign a digest.
pub(crate) async fn signed(host: &Host, digest: String) -> Result<Signature, Fault> {
    let (key_id, sig) = host.sign(&digest).await?;
    Ok(Signature { alg: "ed25519".into(), key_id, sig, signed_digest: digest })
}

fn line<T: Serialize>(form: &mut Canonical, record: &T) {
    form.clear();
    canonical_into(record, form);
    form.byte(b'\n');
}

async fn document<T: Serialize>(host: &Host, name: &str, value: &T) -> Result<FinishedMember, Fault> {
    let mut member = MemberWriter::new(name);
    member.write(host, &json::canonical(value)).await?;
    member.finish()
}

fn or_else(value: &mut String, default: &str) {
    if value.is_empty() {
        *value = default.to_string();
    }
}

fn or_time(value: &mut Timestamp, default: &Timestamp) {
    if value.is_zero() {
        *value = default.clone();
    }
}

/// Fills what a run lacks (runpack contract, "run record", step 3).
pub(crate) fn complete_run(run: &mut Run, defaults: &RecordDefaults) {
    or_else(&mut run.schema_id, RUN_SCHEMA);
    or_else(&mut run.schema_version, SCHEMA_VERSION);
    or_time(&mut run.created_at, &defaults.now);
    or_else(&mut run.producer_version, &defaults.producer_version);
    or_else(&mut run.env.os, &defaults.env.os);
    or_else(&mut run.env.arch, &defaults.env.arch);
    or_else(&mut run.env.runtime, &defaults.env.runtime);
}

/// Fills what an intent lacks from a complete run.
pub(crate) fn complete_intent(intent: &mut Intent, run: &Run) {
    or_else(&mut intent.schema_id, INTENT_SCHEMA);
    or_else(&mut intent.schema_version, SCHEMA_VERSION);
    or_time(&mut intent.created_at, &run.created_at);
    or_else(&mut intent.producer_version, &run.producer_version);
    or_else(&mut intent.run_id, &run.run_id);
}

/// Fills what a result lacks from a complete run.
pub(crate) fn complete_result(result: &mut ResultRecord, run: &Run) {
    or_else(&mut result.schema_id, RESULT_SCHEMA);
    or_else(&mut result.schema_version, SCHEMA_VERSION);
    or_time(&mut result.created_at, &run.created_at);
    or_else(&mut result.producer_version, &run.producer_version);
    or_else(&mut result.run_id, &run.run_id);
}

/// Fills what the receipts lack from a complete run.
pub(crate) fn complete_refs(refs: &mut Refs, run: &Run) {
    or_else(&mut refs.schema_id, REFS_SCHEMA);
    or_else(&mut refs.schema_version, SCHEMA_VERSION);
    or_time(&mut refs.created_at, &run.created_at);
    or_else(&mut refs.producer_version, &run.producer_version);
    or_else(&mut refs.run_id, &run.run_id);
    refs.receipts.get_or_insert_default();
}
