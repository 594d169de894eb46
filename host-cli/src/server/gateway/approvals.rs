//! Approval tokens for calls that wait for one: from a folder, or from the call itself. Each lets a call through once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gait_contract::gateway::McpCall;
use gait_contract::intent::Given;
use gait_contract::op::{Call, Op};
use gait_contract::{Code, Fault};
use serde::{Deserialize, Serialize};

use crate::flows::gate::Gate;

/// Bytes of a file that may be a token.
const TOKEN_BYTES: u64 = 64 << 10;
/// Files of the folder that are looked at.
const FILES: usize = 10_000;

/// Where tokens come from, and which were used.
pub(super) struct Approvals {
    folder: Option<PathBuf>,
    known: BTreeMap<PathBuf, Known>,
    spent: BTreeSet<String>,
}

/// Tokens for one call.
#[derive(Default)]
pub(super) struct Found {
    pub(super) tokens: Vec<Given>,
    /// Those of them that came with the call: name and text.
    pub(super) held: Vec<(String, String)>,
}

/// A file that was looked at.
struct Known {
    stamp: (Option<SystemTime>, u64),
    token: Option<Token>,
}

/// What gait needs to know of a token before the core judges it.
#[derive(Clone, Deserialize)]
struct Token {
    token_id: String,
    intent_digest: String,
}

/// Asks for the digest of an intent.
#[derive(Serialize)]
struct DigestRequest {
    intent: Given,
}

/// The digests of an intent.
#[derive(Deserialize)]
pub(super) struct Digests {
    pub(super) intent_digest: String,
    pub(super) args_digest: String,
}

impl Call for DigestRequest {
    const OP: Op = Op("intent.digest");
    type Reply = Digests;
}

impl Approvals {
    pub(super) fn new(folder: &str) -> Self {
        let folder = Some(PathBuf::from(folder)).filter(|_| !folder.trim().is_empty());
        Self { folder, known: BTreeMap::new(), spent: BTreeSet::new() }
    }

    /// Tokens for this call that were not used yet. Whether they are good is for the core to say.
    pub(super) fn find(&mut self, gate: &mut Gate, call: &McpCall) -> Result<Found, Fault> {
        let mut found = Found::default();
        for (number, text) in call.approvals.iter().enumerate() {
            let token: Option<Token> = serde_json::from_str(text).ok();
            if token.is_none_or(|token| !self.spent.contains(&token.token_id)) {
                let name = format!("approval {} of the call", number + 1);
                found.tokens.push(Given::Source(name.clone()));
                found.held.push((name, text.clone()));
            }
        }
        let files = self.files();
        if files.is_empty() {
            return Ok(found);
        }
        let digest = digests(gate, call)?.intent_digest;
        let fits = |token: &Token| token.intent_digest == digest && !self.spent.contains(&token.token_id);
        for path in files {
            if self.known.get(&path).and_then(|known| known.token.as_ref()).is_some_and(fits) {
                found.tokens.push(Given::Source(path.display().to_string()));
            }
        }
        Ok(found)
    }

    /// A call passes by these tokens, whose ids are joined by commas: none of them counts again.
    pub(super) fn spend(&mut self, ids: &str) -> Result<(), Fault> {
        for id in ids.split(',') {
            if !self.spent.insert(id.to_owned()) {
                return Err(Fault::new(Code::ApprovalRequestInvalid, format!("approval `{id}` was used before")));
            }
            let is_it = |known: &Known| known.token.as_ref().is_some_and(|token| token.token_id == id);
            for (path, _) in self.known.iter().filter(|(_, known)| is_it(known)) {
                // So that another gateway does not take it either; in this one it is spent whatever comes of that.
                let _ = fs::rename(path, used(path));
            }
        }
        Ok(())
    }

    /// The files of the folder that look like tokens; each is read once.
    fn files(&mut self) -> Vec<PathBuf> {
        let Some(Ok(entries)) = self.folder.as_ref().map(fs::read_dir) else { return Vec::new() };
        let mut files = Vec::new();
        for entry in entries.flatten().take(FILES) {
            let path = entry.path();
            let Ok(found) = fs::metadata(&path) else { continue };
            if !found.is_file() || found.len() > TOKEN_BYTES || path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            let stamp = (found.modified().ok(), found.len());
            if self.known.get(&path).is_none_or(|known| known.stamp != stamp) {
                let token = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
                self.known.insert(path.clone(), Known { stamp, token });
            }
            files.push(path);
        }
        files.sort();
        files
    }
}

/// The digests of a call's intent.
pub(super) fn digests(gate: &mut Gate, call: &McpCall) -> Result<Digests, Fault> {
    gate.ask(&DigestRequest { intent: Given::Attached }, call.intent.as_bytes())
}

fn used(path: &Path) -> PathBuf {
    path.with_extension("json.used")
}
