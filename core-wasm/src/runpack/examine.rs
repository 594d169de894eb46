//! Reading a runpack: every member is hashed and parsed in one pass, and only what the answers need is kept
//! (runpack contract, section 9). Memory grows with the number of records, not with their size.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::runpack::{INTENT_SCHEMA, Manifest, Privacy, RESULT_SCHEMA, Refs, Run, SCHEMA_VERSION};
use gait_contract::{Code, Fault, limits};
use memchr::memchr_iter;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::open::{INTENTS, REFS, REQUIRED, RESULTS, RUN, Runpack};
use super::shape::{self, NOTES, Shape};
use crate::digest::hex;
use crate::json::{self, Canonical, JsonError};
use crate::order;
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
    let mut examiner = Examiner { compare, form: Canonical::default(), notes: Default::default() };
    let (mut intents, mut results) = (Vec::new(), Vec::new());
    let mut lines = reading.lines(host, INTENTS)?;
    while lines.next(&mut |line| examiner.intent(line, &mut intents)).await? {}
    let mut lines = reading.lines(host, RESULTS)?;
    while lines.next(&mut |line| examiner.result(line, &mut results)).await? {}
    let manifest = reading.finish(host).await?;
    Ok(Examined { manifest, run, refs, intents, results })
}

/// Takes notes of records.
struct Examiner {
    compare: Option<Privacy>,
    form: Canonical,
    notes: [String; NOTES],
}

impl Examiner {
    fn intent(&mut self, line: &[u8], intents: &mut Vec<IntentNote>) -> Result<(), Fault> {
        let fingerprint = self.read(line, shape::INTENT, intents.len())?;
        let schema_ok = self.is_of(INTENT_SCHEMA);
        let [_, _, intent_id, tool_name, args_digest] = core::mem::take(&mut self.notes);
        intents.push(IntentNote { intent_id, tool_name, args_digest, schema_ok, fingerprint });
        Ok(())
    }

    fn result(&mut self, line: &[u8], results: &mut Vec<ResultNote>) -> Result<(), Fault> {
        let fingerprint = self.read(line, shape::RESULT, results.len())?;
        let schema_ok = self.is_of(RESULT_SCHEMA);
        let [_, _, intent_id, status, result_digest] = core::mem::take(&mut self.notes);
        results.push(ResultNote { intent_id, status, result_digest, schema_ok, fingerprint });
        Ok(())
    }

    fn read(&mut self, line: &[u8], shape: Shape, count: usize) -> Result<Fingerprint, Fault> {
        if count >= limits::RECORDS {
            return Err(Fault::new(Code::RecordTooLarge, format!("more than {} records", limits::RECORDS))
                .hint("split the run; the limits stand in docs/contracts/limits.md"));
        }
        shape::read(line, shape, self.compare, &mut self.form, &mut self.notes).map_err(at_column)?;
        Ok(match self.compare {
            Some(_) => Sha256::digest(self.form.bytes()).into(),
            None => [0; 32],
        })
    }

    fn is_of(&self, schema: &str) -> bool {
        let [schema_id, schema_version, ..] = &self.notes;
        schema_id == schema && schema_version == SCHEMA_VERSION
    }
}

/// An error in a line as a fault with its column.
pub(super) fn at_column(error: JsonError) -> Fault {
    let column = error.offset().map_or(1, |offset| offset + 1);
    error.without_place().at(format!("{column}"))
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

    /// Reads a member that is one record a line.
    pub(crate) fn lines<'r>(&'r self, host: &'r Host, name: &'static str) -> Result<Lines<'r>, Fault> {
        Ok(Lines { hashing: self.hashing(host, name)?, partial: Vec::new(), number: 0, failed: None, over: false })
    }

    /// Reads a member that is one record a line, batch by batch.
    pub(crate) fn records<'r, T: DeserializeOwned>(
        &'r self,
        host: &'r Host,
        name: &'static str,
    ) -> Result<Records<'r, T>, Fault> {
        Ok(Records { lines: self.lines(host, name)?, batch: Vec::new() })
    }

    /// Checks the other members that the manifest lists, and gives the manifest.
    pub(crate) async fn finish(self, host: &Host) -> Result<Manifest, Fault> {
        // Each member once, however often the manifest lists it: its digest is compared with every entry of its name.
        let listed = self.runpack.manifest.files.iter().flatten().map(|entry| entry.path.clone()).collect();
        for path in order::set(listed).iter().filter(|path| !REQUIRED.contains(&path.as_str())) {
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

/// The lines of a member. A malformed one is reported after the member's digest was found right: only then is the
/// archive as its maker left it, and the record itself at fault.
pub(crate) struct Lines<'r> {
    hashing: Hashing<'r>,
    /// The line that a piece ended in.
    partial: Vec<u8>,
    /// Number of the last line, from 1.
    number: u64,
    failed: Option<Fault>,
    over: bool,
}

impl Lines<'_> {
    /// Hands over the lines that the next piece of the member completes; false after the last one.
    pub(crate) async fn next(&mut self, each: &mut impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<bool, Fault> {
        let Self { hashing, partial, number, failed, over } = self;
        if *over {
            return Ok(false);
        }
        if let Some(piece) = hashing.next().await? {
            if failed.is_none() {
                *failed = split(piece, partial, number, each).err();
            }
            return Ok(true);
        }
        *over = true;
        let failed = failed.take().or_else(|| {
            *number += 1;
            record(&core::mem::take(partial), each).err()
        });
        match failed {
            None => Ok(false),
            Some(mut fault) => {
                let column = fault.at.take().unwrap_or_default();
                fault.at = Some(format!("{}: {}:{number}:{column}", hashing.reading.source, hashing.name));
                Err(fault)
            }
        }
    }
}

fn split(
    piece: &[u8],
    partial: &mut Vec<u8>,
    number: &mut u64,
    each: &mut impl FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut start = 0;
    for end in memchr_iter(b'\n', piece) {
        let line = piece.get(start..end).unwrap_or_default();
        start = end + 1;
        *number += 1;
        if partial.is_empty() {
            record(line, each)?;
        } else {
            partial.extend_from_slice(line);
            record(partial, each)?;
            partial.clear();
        }
    }
    let last = piece.get(start..).unwrap_or_default();
    partial.extend_from_slice(last);
    if partial.len() > limits::LINE_BYTES {
        *number += 1;
        return Err(too_long());
    }
    Ok(())
}

fn record(line: &[u8], each: &mut impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    if line.len() > limits::LINE_BYTES {
        return Err(too_long());
    }
    let line = trim(line);
    if line.is_empty() { Ok(()) } else { each(line) }
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

/// The records of a member, built as a type.
pub(crate) struct Records<'r, T> {
    lines: Lines<'r>,
    batch: Vec<T>,
}

impl<T: DeserializeOwned> Records<'_, T> {
    /// The records that the next piece of the member completes; `None` after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        let Self { lines, batch } = self;
        let mut each = |line: &[u8]| {
            batch.push(json::read_document(line).map_err(at_column)?);
            Ok(())
        };
        let more = lines.next(&mut each).await?;
        let batch = core::mem::take(batch);
        Ok((more || !batch.is_empty()).then_some(batch))
    }
}
