//! Journals of sessions: one line for each decision, numbered without gaps (mcp contract, section 8).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use gait_contract::gate::Decision;
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault};
use serde::{Deserialize, Serialize};

use crate::host::{appended, clock, fs};

/// What the name of a journal ends with.
pub const JOURNAL: &str = ".journal.jsonl";
/// How many journals the numbers are remembered of; of others they are read again.
const REMEMBERED: usize = 10_000;

/// The journals in one folder. Only one process may write them.
pub struct Sessions {
    folder: PathBuf,
    known: BTreeMap<String, Journal>,
}

/// What is known of a journal without reading it.
#[derive(Clone)]
struct Journal {
    run_id: String,
    last: u64,
}

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "record_type", rename_all = "snake_case")]
pub enum Record {
    /// Whose journal it is.
    Header {
        /// That.
        header: Header,
    },
    /// A decision.
    Event {
        /// That.
        event: Box<Event>,
    },
    /// A runpack of decisions that stand above it.
    Checkpoint {
        /// That.
        checkpoint: Checkpoint,
    },
    /// Something later.
    #[serde(other)]
    Other,
}

/// The first line.
#[derive(Serialize, Deserialize)]
pub struct Header {
    schema_id: String,
    schema_version: String,
    created_at: String,
    producer_version: String,
    /// The session.
    pub session_id: String,
    /// Its run.
    pub run_id: String,
    started_at: String,
}

/// One decision in a session.
#[derive(Serialize, Deserialize)]
pub struct Event {
    schema_id: String,
    schema_version: String,
    /// When it was noted.
    pub created_at: String,
    producer_version: String,
    /// The session.
    pub session_id: String,
    /// Its run.
    pub run_id: String,
    /// Its number.
    pub sequence: u64,
    /// Its name within the run.
    pub intent_id: String,
    /// Which tool.
    pub tool_name: String,
    /// Digest of the arguments.
    pub args_digest: String,
    intent_digest: String,
    policy_digest: String,
    /// Its trace.
    pub trace_id: String,
    trace_path: String,
    /// What held.
    pub verdict: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason_codes: Vec<String>,
    /// What the call violated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
}

/// A runpack of decisions, chained to the one before it.
#[derive(Serialize, Deserialize)]
pub struct Checkpoint {
    /// `gait.runpack.session_checkpoint`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When it was written.
    pub created_at: String,
    /// Who wrote it.
    pub producer_version: String,
    /// The session.
    pub session_id: String,
    /// Its run.
    pub run_id: String,
    /// Its number among the session's checkpoints.
    pub checkpoint_index: u64,
    /// The first decision in it.
    pub sequence_start: u64,
    /// The last one.
    pub sequence_end: u64,
    /// Where it is.
    pub runpack_path: String,
    /// Digest of its content.
    pub manifest_digest: String,
    /// Digest of the checkpoint before it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prev_checkpoint_digest: String,
    /// SHA-256 of `manifest_digest:prev_checkpoint_digest:checkpoint_index:sequence_start:sequence_end`.
    pub checkpoint_digest: String,
}

impl Record {
    /// The line, without its line feed.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where a decision was noted.
pub struct Noted {
    /// The journal.
    pub path: PathBuf,
    /// The decision's number in it.
    pub sequence: u64,
}

impl Sessions {
    /// The journals of a folder, which is there.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, known: BTreeMap::new() }
    }

    /// Notes a decision in the journal of its session, and has the disk keep it.
    pub fn note(
        &mut self,
        session_id: &str,
        run_id: &str,
        decision: &Decision,
        trace_path: &str,
    ) -> Result<Noted, Fault> {
        let path = self.folder.join(format!("{}{JOURNAL}", file_base(session_id)));
        let known = match self.known.get(session_id) {
            Some(known) => Some(known.clone()),
            None => read(&path, session_id)?,
        };
        let now = clock::now().as_str().to_owned();
        let trace = &decision.trace;
        let mut texts = Vec::new();
        let known = known.unwrap_or_else(|| {
            let header = Header {
                schema_id: "gait.runpack.session_journal".into(),
                schema_version: SCHEMA_VERSION.into(),
                created_at: now.clone(),
                producer_version: trace.producer_version.clone(),
                session_id: session_id.into(),
                run_id: run_id.into(),
                started_at: now.clone(),
            };
            texts.push(Record::Header { header }.text());
            Journal { run_id: run_id.into(), last: 0 }
        });
        let sequence = known.last + 1;
        let event = Event {
            schema_id: "gait.runpack.session_event".into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: now,
            producer_version: trace.producer_version.clone(),
            session_id: session_id.into(),
            run_id: known.run_id.clone(),
            sequence,
            intent_id: format!("intent_{sequence}"),
            tool_name: trace.tool_name.clone(),
            args_digest: trace.args_digest.clone(),
            intent_digest: trace.intent_digest.clone(),
            policy_digest: trace.policy_digest.clone(),
            trace_id: trace.trace_id.clone(),
            trace_path: trace_path.into(),
            verdict: trace.verdict.clone(),
            reason_codes: decision.reason_codes.clone(),
            violations: decision.violations.clone(),
        };
        texts.push(Record::Event { event: Box::new(event) }.text());
        // Until it is written, nobody knows where the journal stands.
        self.known.remove(session_id);
        appended::append(&path, texts.iter().map(String::as_str))?;
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(session_id.to_owned(), Journal { run_id: known.run_id, last: sequence });
        Ok(Noted { path, sequence })
    }
}

/// Where a journal stands; `None` when there is none yet. A line that was torn by a crash counts for nothing.
fn read(path: &Path, session_id: &str) -> Result<Option<Journal>, Fault> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fs::unreadable(path, &error)),
    };
    let mut journal = None;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|error| fs::unreadable(path, &error))?;
        match (serde_json::from_str(&line), &mut journal) {
            (Ok(Record::Header { header }), None) => {
                if header.session_id != session_id {
                    let shown = path.display().to_string();
                    let text = format!("the journal `{shown}` belongs to another session");
                    return Err(Fault::new(Code::OutputIsInput, text)
                        .at(shown)
                        .hint("give sessions names that differ in more than odd characters"));
                }
                journal = Some(Journal { run_id: header.run_id, last: 0 });
            }
            (Ok(Record::Event { event }), Some(journal)) => journal.last = journal.last.max(event.sequence),
            _ => {}
        }
    }
    Ok(journal)
}

/// A session's name as the name of a file.
fn file_base(session_id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = session_id.trim().chars().map(plain).take(120).collect();
    match name.trim_matches(['.', '_']) {
        "" => "session".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gaps_and_survive() {
        let root = tempfile::tempdir().expect("a folder");
        let decision = Decision::default();
        let mut sessions = Sessions::new(root.path().into());
        let note = |sessions: &mut Sessions, session: &str| {
            let noted = sessions.note(session, "run_x", &decision, "t.json").expect("noted");
            (noted.path.file_name().expect("a name").to_string_lossy().into_owned(), noted.sequence)
        };
        assert_eq!(note(&mut sessions, "s 1"), ("s_1.journal.jsonl".into(), 1));
        assert_eq!(note(&mut sessions, "s 1").1, 2);
        assert_eq!(note(&mut sessions, "../../x").0, "x.journal.jsonl");
        let mut again = Sessions::new(root.path().into());
        assert_eq!(note(&mut again, "s 1").1, 3);
        let text = std::fs::read_to_string(root.path().join("s_1.journal.jsonl")).expect("read");
        assert_eq!(text.lines().filter(|line| line.contains("\"record_type\":\"header\"")).count(), 1);
        assert_eq!(text.lines().count(), 4);
        // Another session with the same file name is not mixed in.
        assert!(again.note("s/1", "run_x", &decision, "t.json").is_err());
    }
}
