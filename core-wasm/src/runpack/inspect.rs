//! Looking into a runpack: everything that can be read of it, with what its manifest expects beside what is there.
//! Nothing is judged here; a tampered archive is shown as it is.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::inspect::{InspectRequest, InspectedMember, Inspection};
use gait_contract::runpack::FileEntry;
use gait_contract::{Fault, limits};
use memchr::memchr;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::open::{INTENTS, MANIFEST, REFS, RESULTS, RUN, Runpack};
use crate::digest::hex;
use crate::json;
use crate::order;
use crate::task::Host;

/// Records that are handed over when the caller names no number.
const RECORDS: u64 = 1_000;
/// Bytes of one document, and of all records of one kind, that are handed over.
const SHOWN_BYTES: usize = 8 * 1_048_576;

/// Answers op `run.inspect`.
pub(crate) async fn inspect(host: &Host, request: InspectRequest) -> Result<Inspection, Fault> {
    let runpack = Runpack::open(host, &request.archive).await?;
    let manifest = &runpack.manifest;
    let wanted = request.records.unwrap_or(RECORDS);
    let mut inspection = Inspection {
        run_id: manifest.run_id.clone(),
        capture_mode: manifest.capture_mode.clone(),
        manifest_digest: manifest.manifest_digest.clone(),
        producer_version: manifest.producer_version.clone(),
        ..Inspection::default()
    };
    // The first digest listed for a name is the one shown; `verify` compares every one.
    let mut listed: Vec<&FileEntry> = manifest.files.iter().flatten().collect();
    order::by_text(&mut listed, |entry| &entry.path);
    listed.dedup_by(|later, first| later.path == first.path);
    for FileEntry { path, sha256: expected } in &listed {
        let mut shown =
            InspectedMember { path: path.clone(), expected: expected.clone(), ..InspectedMember::default() };
        if let Some(member) = runpack.archive.find(path) {
            let mut content = Content::of(path, wanted);
            let mut hasher = Sha256::new();
            let mut reader = runpack.archive.reader(host, member);
            while let Some(piece) = reader.next().await? {
                hasher.update(piece);
                content.take(piece);
            }
            shown.bytes = member.uncompressed;
            shown.found = hex(&hasher.finalize());
            content.put_into(&mut inspection);
        }
        inspection.members.push(shown);
    }
    for member in runpack.archive.members() {
        if member.name != MANIFEST && listed.binary_search_by(|entry| entry.path.cmp(&member.name)).is_err() {
            let (path, bytes) = (member.name.clone(), member.uncompressed);
            inspection.members.push(InspectedMember { path, bytes, ..InspectedMember::default() });
        }
    }
    Ok(inspection)
}

/// What is kept of a member while it passes by.
struct Content<'p> {
    path: &'p str,
    /// The whole document, or the line that a piece ended in.
    text: Vec<u8>,
    /// Complete lines, as far as they are handed over.
    lines: Vec<Vec<u8>>,
    kept: usize,
    wanted: u64,
    total: u64,
    too_large: bool,
}

impl<'p> Content<'p> {
    fn of(path: &'p str, wanted: u64) -> Self {
        Self { path, text: Vec::new(), lines: Vec::new(), kept: 0, wanted, total: 0, too_large: false }
    }

    fn take(&mut self, piece: &[u8]) {
        match self.path {
            RUN | REFS => self.append(piece, SHOWN_BYTES),
            INTENTS | RESULTS => {
                let mut rest = piece;
                while let Some(end) = memchr(b'\n', rest) {
                    let (line, after) = rest.split_at(end);
                    self.append(line, limits::LINE_BYTES);
                    self.end_line();
                    rest = after.get(1..).unwrap_or_default();
                }
                self.append(rest, limits::LINE_BYTES);
            }
            _ => {}
        }
    }

    fn append(&mut self, bytes: &[u8], limit: usize) {
        if self.text.len() + bytes.len() > limit {
            self.too_large = true;
            self.text.clear();
        } else if !self.too_large {
            self.text.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) {
        let line = core::mem::take(&mut self.text);
        if line.trim_ascii().is_empty() {
            return;
        }
        self.total += 1;
        if self.total <= self.wanted && self.kept + line.len() <= SHOWN_BYTES {
            self.kept += line.len();
            self.lines.push(line);
        }
    }

    fn put_into(mut self, inspection: &mut Inspection) {
        let unreadable = &mut inspection.unreadable;
        match self.path {
            RUN => inspection.run = self.document(unreadable),
            REFS => inspection.refs = self.document(unreadable),
            INTENTS => {
                self.end_line();
                inspection.intents = self.records(unreadable);
                inspection.intents_total = self.total;
            }
            RESULTS => {
                self.end_line();
                inspection.results = self.records(unreadable);
                inspection.results_total = self.total;
            }
            _ => {}
        }
    }

    fn document<T: DeserializeOwned>(&self, unreadable: &mut Vec<String>) -> Option<T> {
        if self.too_large {
            unreadable.push(format!("`{}` is too large to be shown", self.path));
            return None;
        }
        let read = json::read(&self.text);
        read.map_err(|fault| unreadable.push(told(self.path, &fault))).ok()
    }

    fn records<T: DeserializeOwned>(&self, unreadable: &mut Vec<String>) -> Vec<T> {
        if self.too_large {
            unreadable.push(format!("`{}` holds a line that is too long to be shown", self.path));
        }
        let mut records = Vec::new();
        for line in &self.lines {
            match json::read(line) {
                Ok(record) => records.push(record),
                // One is enough to know that the member is damaged.
                Err(fault) => {
                    unreadable.push(told(self.path, &fault));
                    break;
                }
            }
        }
        records
    }
}

fn told(path: &str, fault: &Fault) -> String {
    format!("`{path}` cannot be read: {}", fault.error)
}
