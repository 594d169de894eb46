//! Trust snapshots, from their text to entries that are known by one name each. What may be meant and is not understood
//! makes the whole snapshot invalid: half of what is known about a server is worse than nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::intent::CallServer;
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::trust::{RegistryVerification, TRUST_SNAPSHOT_SCHEMA, TrustEntry};
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::json::{JsonError, Kind, Scanner};
use crate::order;
use crate::task::Host;
use crate::text::lower;

/// Why there is no snapshot, in words for people.
pub(super) enum Unusable {
    /// The host cannot come up with it.
    Unavailable(String),
    /// It is there, and it is none.
    Invalid(String),
}

/// A snapshot that can be asked.
pub(super) struct Snapshot {
    /// By the name each server is known by, sorted.
    entries: Vec<(String, TrustEntry)>,
}

/// The name a server is known by: its id, or its name where it has none. `None` when it has neither.
pub(super) fn known_as(server_id: &str, server_name: &str) -> Option<String> {
    [server_id, server_name].into_iter().map(|name| lower(name.trim())).find(|name| !name.is_empty())
}

impl Snapshot {
    /// What is known about a server.
    pub(super) fn find(&self, server: &CallServer) -> Option<&TrustEntry> {
        let name = known_as(&server.server_id, &server.server_name)?;
        let at = self.entries.binary_search_by(|(known, _)| known.cmp(&name)).ok()?;
        self.entries.get(at).map(|(_, entry)| entry)
    }
}

/// Reads the snapshot of a source.
pub(super) async fn open(host: &Host, source: &str) -> Result<Snapshot, Unusable> {
    let text = document::read_within(host, source, limits::TRUST_BYTES).await.map_err(|fault| {
        let is_there = fault.error_code == Code::JsonTooLarge;
        if is_there { Unusable::Invalid(words(fault)) } else { Unusable::Unavailable(words(fault)) }
    })?;
    read(&text).map_err(Unusable::Invalid)
}

fn words(fault: Fault) -> String {
    let envelope = fault.into_envelope();
    match envelope.at {
        // What the host says names the source itself.
        Some(at) if !envelope.error.contains(&at) => format!("{} ({at})", envelope.error),
        _ => envelope.error,
    }
}

/// Reads a snapshot's text.
pub(super) fn read(text: &[u8]) -> Result<Snapshot, String> {
    let given = scan(text).map_err(|error| words(error.fault(text)))?;
    let mut entries = Vec::with_capacity(given.len());
    for (at, entry) in given.into_iter().enumerate() {
        let name = known_as(&entry.server_id, &entry.server_name);
        let name = name.ok_or_else(|| format!("`entries[{at}]` has neither `server_id` nor `server_name`"))?;
        entries.push((name, entry));
    }
    order::by_text(&mut entries, |(name, _)| name);
    let twice = entries.array_windows().find(|[(one, _), (other, _)]| one == other);
    match twice {
        // Readers would disagree about which one counts.
        Some([(name, _), _]) => Err(format!("`{name}` is listed twice")),
        None => Ok(Snapshot { entries }),
    }
}

fn scan(text: &[u8]) -> Result<Vec<TrustEntry>, JsonError> {
    const FIELDS: [&str; 5] = ["schema_id", "schema_version", "entries", "created_at", "producer_version"];
    // `Status` beside `status` would be the one that counts to readers without regard to case.
    let mut scanner = Scanner::new(text)?.refusing_lookalikes();
    let mut entries = Vec::new();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => exactly(scanner, TRUST_SNAPSHOT_SCHEMA)?,
            1 => exactly(scanner, SCHEMA_VERSION)?,
            2 => scanner.elements(&mut |scanner| {
                entries.push(entry(scanner)?);
                Ok(())
            })?,
            3 => drop(scanner.time()?),
            _ => drop(scanner.text_or_null()?),
        }
        Ok(())
    })?;
    scanner.end()?;
    Ok(entries)
}

/// One word, or nothing.
fn exactly(scanner: &mut Scanner<'_>, word: &str) -> Result<(), JsonError> {
    let at = scanner.offset();
    let found = trimmed(scanner)?;
    if found.is_empty() || found == word {
        return Ok(());
    }
    Err(JsonError::at(Code::SchemaUnsupported, format!("`{found}` stands where `{word}` is read"), at))
}

fn entry(scanner: &mut Scanner<'_>) -> Result<TrustEntry, JsonError> {
    const FIELDS: [&str; 9] = [
        "server_id",
        "server_name",
        "publisher",
        "source",
        "status",
        "updated_at",
        "score",
        "evidence_path",
        "registry_verification",
    ];
    let mut entry = TrustEntry::default();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => entry.server_id = trimmed(scanner)?,
            1 => entry.server_name = trimmed(scanner)?,
            2 => entry.publisher = lower(&trimmed(scanner)?),
            3 => entry.source = lower(&trimmed(scanner)?),
            4 => entry.status = lower(&trimmed(scanner)?),
            5 => entry.updated_at = scanner.time()?,
            6 => entry.score = number(scanner)?,
            7 => entry.evidence_path = trimmed(scanner)?,
            _ => entry.registry_verification = registry(scanner)?,
        }
        Ok(())
    })?;
    Ok(entry)
}

fn registry(scanner: &mut Scanner<'_>) -> Result<Option<RegistryVerification>, JsonError> {
    const FIELDS: [&str; 4] = ["signature_verified", "publisher_allowed", "pin_present", "pin_verified"];
    let mut found = RegistryVerification::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        let truth = scanner.truth()?;
        match field {
            0 => found.signature_verified = truth,
            1 => found.publisher_allowed = truth,
            2 => found.pin_present = truth,
            _ => found.pin_verified = truth,
        }
        Ok(())
    })?;
    Ok(Some(found))
}

fn trimmed(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    Ok(scanner.text_or_null()?.trim().to_string())
}

fn number(scanner: &mut Scanner<'_>) -> Result<f64, JsonError> {
    if scanner.null()? {
        return Ok(0.0);
    }
    scanner.of_kind(Kind::Number)?;
    scanner.double()
}
