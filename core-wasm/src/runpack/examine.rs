//! Reading a runpack: every member is hashed and parsed in one pass, and only what the answers need is kept
//! (runpack contract, section 9). Memory grows with the number of records, not with their size.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::runpack::{
    INTENT_SCHEMA, Intent, Manifest, Privacy, RESULT_SCHEMA, Refs, ResultRecord, Run, SCHEMA_VERSION,
};
use gait_contract::{Code, Fault, FreeObject, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::open::{INTENTS, REFS, REQUIRED, RESULTS, RUN, Runpack};
use crate::digest::hex;
use crate::json::{self, Canonical, canonical_into};
use crate::task::Host;
use crate::zip::MemberReader;

/// What the answers need to know of one runpack.
pub(crate) struct Examined {
    pub(crate) manifest: Manifest,
    pub(crate) run: Run,
    pub(crate) refs: Refs,
    pub(crate) intents: Vec<IntentNote>,
    pub(crate) results: Vec<ResultNote>,
}

/// What is kept of an intent.
pub(crate) struct IntentNote {
    pub(crate) intent_id: String,
    pub(crate) tool_name: String,
    pub(crate) args_digest: String,
    pub(crate) schema_ok: bool,
    pub(crate) fingerprint: Fingerprint,
}

/// What is kept of a result.
pub(crate) struct ResultNote {
    pub(crate) intent_id: String,
    pub(crate) status: String,
    pub(crate) result_digest: String,
    pub(crate) schema_ok: bool,
    pub(crate) fingerprint: Fingerprint,
}

/// Digest of the parts of a record that a comparison looks at.
pub(crate) type Fingerprint = [u8; 32];

/// Opens, checks and reads a runpack. `compare` says how much of the records their fingerprints cover.
pub(crate) async fn examine(host: &Host, source: &str, compare: Option<Privacy>) -> Result<Examined, Fault> {
    let reading = Reading::begin(host, source).await?;
    let run: Run = reading.document(host, RUN).await?;
    let refs: Refs = reading.document(host, REFS).await?;
    let mut form = Canonical::default();
    let (mut intents, mut results) = (Vec::new(), Vec::new());
    let mut records = reading.records::<Intent>(host, INTENTS)?;
    while let Some(batch) = records.next().await? {
        intents.extend(batch.into_iter().map(|intent| IntentNote {
            schema_ok: intent.schema_id == INTENT_SCHEMA && intent.schema_version == SCHEMA_VERSION,
            fingerprint: compare.map_or([0; 32], |privacy| intent_fingerprint(&intent, privacy, &mut form)),
            intent_id: intent.intent_id,
            tool_name: intent.tool_name,
            args_digest: intent.args_digest,
        }));
        within_limit(intents.len())?;
    }
    let mut records = reading.records::<ResultRecord>(host, RESULTS)?;
    while let Some(batch) = records.next().await? {
        results.extend(batch.into_iter().map(|result| ResultNote {
            schema_ok: result.schema_id == RESULT_SCHEMA && result.schema_version == SCHEMA_VERSION,
            fingerprint: compare.map_or([0; 32], |privacy| result_fingerprint(&result, privacy, &mut form)),
            intent_id: result.intent_id,
            status: result.status,
            result_digest: result.result_digest,
        }));
        within_limit(results.len())?;
    }
    let manifest = reading.finish(host).await?;
    Ok(Examined { manifest, run, refs, intents, results })
}

fn within_limit(count: usize) -> Result<(), Fault> {
    if count > limits::RECORDS {
        return Err(Fault::new(Code::RecordTooLarge, format!("more than {} records", limits::RECORDS))
            .hint("split the run; the limits stand in docs/contracts/limits.md"));
    }
    Ok(())
}

/// A runpack that is being read: the four required members in any order, then [`Reading::finish`].
pub(crate) struct Reading {
    source: String,
    pub(crate) runpack: Runpack,
}

impl Reading {
    /// Opens the archive; missing members and a wrong manifest digest are refused before anything is read.
    pub(crate) async fn begin(host: &Host, source: &str) -> Result<Self, Fault> {
        let runpack = Runpack::open(host, source).await?;
        if let Some(missing) = runpack.missing_files().first() {
            return Err(Fault::new(Code::RunpackIncomplete, format!("`{missing}` is missing")).at(source));
        }
        let (stored, computed) = (&runpack.manifest.manifest_digest, runpack.computed_digest());
        if !stored.eq_ignore_ascii_case(&computed) {
            return Err(Fault::new(
                Code::RunpackTampered,
                format!("the manifest's digest is `{stored}`, its content gives `{computed}`"),
            )
            .at(source));
        }
        Ok(Self { source: source.into(), runpack })
    }

    /// Reads a member that is one document.
    pub(crate) async fn document<T: DeserializeOwned>(&self, host: &Host, name: &str) -> Result<T, Fault> {
        let mut hashing = self.hashing(host, name)?;
        let mut text = Vec::new();
        while let Some(piece) = hashing.next().await? {
            text.extend_from_slice(piece);
        }
        json::read(&text).map_err(|fault| fault.at(format!("{}: {name}", self.source)))
    }

    /// Reads a member that is one record a line, batch by batch.
    pub(crate) fn records<'r, T: DeserializeOwned>(
        &'r self,
        host: &'r Host,
        name: &'static str,
    ) -> Result<Records<'r, T>, Fault> {
        Ok(Records { hashing: self.hashing(host, name)?, lines: Lines::default(), batch: Vec::new(), failed: None })
    }

    /// Checks the other members that the manifest lists, and gives the manifest.
    pub(crate) async fn finish(self, host: &Host) -> Result<Manifest, Fault> {
        let listed = self.runpack.manifest.files.iter().flatten().map(|entry| entry.path.as_str());
        for path in listed.filter(|path| !REQUIRED.contains(path)) {
            let mut hashing = self.hashing(host, path)?;
            while hashing.next().await?.is_some() {}
        }
        Ok(self.runpack.manifest)
    }

    fn hashing<'r>(&'r self, host: &'r Host, name: &'r str) -> Result<Hashing<'r>, Fault> {
        let Some(member) = self.runpack.archive.find(name) else {
            return Err(Fault::new(Code::RunpackIncomplete, format!("`{name}` is missing")).at(self.source.clone()));
        };
        let reader = self.runpack.archive.reader(host, member);
        Ok(Hashing { reading: self, name, reader, hasher: Sha256::new() })
    }
}

/// A member that is hashed while it is read; its end is reached only if the digest is right.
struct Hashing<'r> {
    reading: &'r Reading,
    name: &'r str,
    reader: MemberReader<'r>,
    hasher: Sha256,
}

impl Hashing<'_> {
    async fn next(&mut self) -> Result<Option<&[u8]>, Fault> {
        let Some(piece) = self.reader.next().await? else {
            let actual = hex(&self.hasher.finalize_reset());
            let mut entries =
                self.reading.runpack.manifest.files.iter().flatten().filter(|entry| entry.path == self.name);
            if entries.any(|entry| !entry.sha256.eq_ignore_ascii_case(&actual)) {
                let text = format!("`{}` is not what the manifest says", self.name);
                return Err(Fault::new(Code::RunpackTampered, text).at(self.reading.source.clone()));
            }
            return Ok(None);
        };
        self.hasher.update(piece);
        Ok(Some(piece))
    }
}

/// The records of a member. A malformed record is reported after the member's digest was found right: only then is
/// the archive as its maker left it, and the record itself at fault.
pub(crate) struct Records<'r, T> {
    hashing: Hashing<'r>,
    lines: Lines,
    batch: Vec<T>,
    failed: Option<Fault>,
}

impl<T: DeserializeOwned> Records<'_, T> {
    /// The records that the next piece of the member completes; `None` after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        match self.hashing.next().await? {
            Some(piece) => {
                if self.failed.is_none() {
                    self.failed = self.lines.push(piece, &mut self.batch).err();
                }
                Ok(Some(core::mem::take(&mut self.batch)))
            }
            None => {
                let failed = self.failed.take().or_else(|| self.lines.end(&mut self.batch).err());
                if let Some(fault) = failed {
                    let Hashing { reading, name, .. } = &self.hashing;
                    let column = fault.at.clone().unwrap_or_default();
                    let place = format!("{}: {name}:{}:{column}", reading.source, self.lines.number);
                    return Err(Fault { at: Some(place), ..fault });
                }
                let batch = core::mem::take(&mut self.batch);
                Ok((!batch.is_empty()).then_some(batch))
            }
        }
    }
}

/// Splits pieces of a `.jsonl` member into records.
#[derive(Default)]
struct Lines {
    /// The line that a piece ended in.
    partial: Vec<u8>,
    /// Number of the last line, from 1.
    number: u64,
}

impl Lines {
    fn push<T: DeserializeOwned>(&mut self, piece: &[u8], batch: &mut Vec<T>) -> Result<(), Fault> {
        let mut lines = piece.split(|byte| *byte == b'\n');
        let last = lines.next_back().unwrap_or_default();
        for line in lines {
            self.number += 1;
            if self.partial.is_empty() {
                record(line, batch)?;
            } else {
                self.partial.extend_from_slice(line);
                record(&self.partial, batch)?;
                self.partial.clear();
            }
        }
        self.partial.extend_from_slice(last);
        if self.partial.len() > limits::LINE_BYTES {
            self.number += 1;
            return Err(too_long());
        }
        Ok(())
    }

    fn end<T: DeserializeOwned>(&mut self, batch: &mut Vec<T>) -> Result<(), Fault> {
        self.number += 1;
        record(&core::mem::take(&mut self.partial), batch)
    }
}

fn record<T: DeserializeOwned>(line: &[u8], batch: &mut Vec<T>) -> Result<(), Fault> {
    if line.len() > limits::LINE_BYTES {
        return Err(too_long());
    }
    let line = trim(line);
    if line.is_empty() {
        return Ok(());
    }
    let record = json::read_document(line).map_err(|error| {
        let column = error.offset.map_or(1, |offset| offset + 1);
        Fault::new(error.code, error.message).at(format!("{column}"))
    })?;
    batch.push(record);
    Ok(())
}

fn too_long() -> Fault {
    Fault::new(Code::RecordTooLarge, format!("a line holds more than {} bytes", limits::LINE_BYTES)).at("1")
}

/// A line without Unicode white space around it.
fn trim(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii);
    if plain(line.first()) && plain(line.last()) {
        return line;
    }
    core::str::from_utf8(line).map_or(line, |text| text.trim().as_bytes())
}

/// The parts of an intent that a comparison looks at.
#[derive(Serialize)]
struct ComparedIntent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<&'a FreeObject>,
    args_digest: &'a str,
    intent_id: &'a str,
    schema_id: &'a str,
    schema_version: &'a str,
    tool_name: &'a str,
}

/// The parts of a result that a comparison looks at.
#[derive(Serialize)]
struct ComparedResult<'a> {
    intent_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a FreeObject>,
    result_digest: &'a str,
    schema_id: &'a str,
    schema_version: &'a str,
    status: &'a str,
}

fn compared(object: &Option<FreeObject>, privacy: Privacy) -> Option<&FreeObject> {
    object.as_ref().filter(|object| privacy == Privacy::Full && !object.is_empty())
}

fn intent_fingerprint(intent: &Intent, privacy: Privacy, form: &mut Canonical) -> Fingerprint {
    let compared = ComparedIntent {
        args: compared(&intent.args, privacy),
        args_digest: &intent.args_digest,
        intent_id: &intent.intent_id,
        schema_id: &intent.schema_id,
        schema_version: &intent.schema_version,
        tool_name: &intent.tool_name,
    };
    fingerprint(&compared, form)
}

fn result_fingerprint(result: &ResultRecord, privacy: Privacy, form: &mut Canonical) -> Fingerprint {
    let compared = ComparedResult {
        intent_id: &result.intent_id,
        result: compared(&result.result, privacy),
        result_digest: &result.result_digest,
        schema_id: &result.schema_id,
        schema_version: &result.schema_version,
        status: &result.status,
    };
    fingerprint(&compared, form)
}

fn fingerprint<T: Serialize>(compared: &T, form: &mut Canonical) -> Fingerprint {
    form.clear();
    canonical_into(compared, form);
    Sha256::digest(form.bytes()).into()
}
