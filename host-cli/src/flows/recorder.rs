//! A conversation becomes a runpack: what was asked, what came back, what was learned about the server, collected while
//! it goes on and written as a whole at its end (`record` does that). Until then nothing of it has a name on the disk.

use std::io::{self, Seek, Write};

use gait_contract::runpack::RecordRequest;
use gait_contract::{Code, Fault, Timestamp, limits};
use serde::Serialize;
use serde_json::json;
use tempfile::SpooledTempFile;

use super::record::{self, Written};
use super::signing::Signing;
use super::texts::Texts;
use crate::core::Core;
use crate::host::clock;
use crate::host::files::Files;

/// Records up to this size stay in memory.
const IN_MEMORY: usize = 4 << 20;
/// Events that are kept; a conversation that has more goes on without.
const EVENTS: usize = 100_000;
/// Room in a record for everything that is no content.
const HEAD_BYTES: usize = 64 << 10;
/// Name under which the core asks for the record.
const SOURCE: &str = "the recorded conversation";

/// A conversation that is being recorded.
pub struct Recorder {
    run_id: String,
    began: Timestamp,
    /// Everything happens at this time, because the clock is not to show.
    stopped: Option<Timestamp>,
    /// Arguments and results are kept, not only their digests.
    raw: bool,
    intents: Texts,
    results: Texts,
    events: Vec<serde_json::Value>,
    receipts: Vec<serde_json::Value>,
    /// The first record that could not be kept; then there is no runpack either, because it would not be the whole.
    failed: Option<Fault>,
}

/// One record without its content.
#[derive(Serialize)]
struct Head<'a> {
    created_at: Timestamp,
    intent_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args_digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_digest: Option<&'a str>,
}

impl Recorder {
    /// Begins; with `raw`, content is kept.
    pub fn begin(run_id: &str, raw: bool) -> Self {
        Self::new(run_id, raw, None)
    }

    /// Begins with content, at a time that does not go on: the same conversation gives the same runpack.
    pub fn at(run_id: &str, time: Timestamp) -> Self {
        Self::new(run_id, true, Some(time))
    }

    fn new(run_id: &str, raw: bool, stopped: Option<Timestamp>) -> Self {
        let mut recorder = Self {
            run_id: run_id.to_owned(),
            began: stopped.clone().unwrap_or_else(clock::now),
            stopped,
            raw,
            intents: Texts::new(),
            results: Texts::new(),
            events: Vec::new(),
            receipts: Vec::new(),
            failed: None,
        };
        recorder.event("conversation_start", "");
        recorder
    }

    /// Whether content is kept.
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    fn now(&self) -> Timestamp {
        self.stopped.clone().unwrap_or_else(clock::now)
    }

    /// Notes that something happened, about an intent or about nothing in particular.
    pub fn event(&mut self, event: &str, reference: &str) {
        if self.events.len() < EVENTS {
            let mut entry = json!({"event": event, "ts": self.now()});
            if !reference.is_empty() {
                entry["ref"] = reference.into();
            }
            self.events.push(entry);
        }
    }

    /// A call; `args` is canonical JSON. Tells its id within the run.
    pub fn intent(&mut self, tool_name: &str, args_digest: &str, args: &str) -> String {
        let intent_id = format!("intent_{}", self.intents.count() + 1);
        let head = Head {
            created_at: self.now(),
            intent_id: &intent_id,
            tool_name: Some(tool_name),
            args_digest: Some(args_digest),
            status: None,
            result_digest: None,
        };
        let content = Some(("args", args)).filter(|_| self.raw);
        let kept = add(&mut self.intents, &head, content);
        self.note(kept);
        intent_id
    }

    /// What came of a call; `result` is canonical JSON, or empty when it is not at hand.
    pub fn result(&mut self, intent_id: &str, is_error: bool, result_digest: &str, result: &str) {
        let head = Head {
            created_at: self.now(),
            intent_id,
            tool_name: None,
            args_digest: None,
            status: Some(if is_error { "error" } else { "ok" }),
            result_digest: Some(result_digest),
        };
        let content = Some(("result", result)).filter(|(_, text)| self.raw && text.starts_with('{'));
        let kept = add(&mut self.results, &head, content);
        self.note(kept);
    }

    /// Something that was learned and is known by its digest: a tool's definition, a server's description. Where content
    /// is kept, so is its text, JSON: a replay shows it again.
    pub fn receipt(&mut self, source_type: &str, source_locator: &str, content_digest: &str, content: &str) {
        let content = serde_json::from_str::<serde_json::Value>(content).ok().filter(|_| self.raw);
        let mut receipt = json!({
            "ref_id": format!("ref_{}", self.receipts.len() + 1),
            "source_type": source_type,
            "source_locator": source_locator,
            "query_digest": content_digest,
            "content_digest": content_digest,
            "retrieved_at": self.now(),
            "redaction_mode": if content.is_some() { "raw" } else { "reference" },
        });
        if let Some(content) = content {
            receipt["retrieval_params"] = json!({ "content": content });
        }
        self.receipts.push(receipt);
    }

    /// A receipt of another run, JSON, as it is.
    pub fn keep(&mut self, receipt: &str) {
        self.receipts.extend(serde_json::from_str(receipt));
    }

    fn note(&mut self, kept: io::Result<()>) {
        if let (Err(error), None) = (kept, &self.failed) {
            let text = format!("the conversation cannot be recorded: {error}");
            self.failed = Some(Fault::new(Code::FileUnwritable, text));
        }
    }

    /// Writes the runpack, signed and verified, into a folder that is made if need be.
    pub fn finish(mut self, out_dir: &str, signing: Signing) -> Result<Written, Fault> {
        self.event("conversation_end", "");
        if let Some(fault) = self.failed.take() {
            return Err(fault);
        }
        let core = Core::load()?;
        let failed = |error: io::Error| {
            Fault::new(Code::FileUnwritable, format!("the record of the conversation cannot be put together: {error}"))
        };
        let (text, size) = self.together().map_err(failed)?;
        let mut files =
            Files::new().quietly().holding(SOURCE, text, size).writing_into_new(out_dir).signing_with(signing.key);
        let request = RecordRequest {
            input: SOURCE.into(),
            run_id: String::new(),
            capture_mode: String::new(),
            defaults: record::defaults(),
            signing: signing.place,
        };
        let recorded = core.call(&request, &mut files).map_err(|fault| files.explain(fault))?;
        record::finish(&core, files, recorded, out_dir, signing.warnings)
    }

    /// The run record.
    fn together(&mut self) -> io::Result<(SpooledTempFile, u64)> {
        let mut out = SpooledTempFile::new(IN_MEMORY);
        let head = json!({
            "run": {"run_id": self.run_id, "created_at": self.began, "timeline": self.events},
            "capture_mode": if self.raw { "raw" } else { "reference" },
            "refs": {"receipts": self.receipts},
        });
        // The run comes first, so that the record is read in one pass.
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        out.write_all(head.as_bytes())?;
        for (key, list) in [("intents", &mut self.intents), ("results", &mut self.results)] {
            write!(out, ",\"{key}\":[")?;
            list.copy(&mut out)?;
            out.write_all(b"]")?;
        }
        out.write_all(b"}")?;
        let size = out.stream_position()?;
        Ok((out, size))
    }
}

/// Adds a record; content that would make it larger than a record may be is left out.
fn add(list: &mut Texts, head: &Head<'_>, content: Option<(&str, &str)>) -> io::Result<()> {
    let head = serde_json::to_string(head)?;
    match content.filter(|(_, text)| head.len() + text.len() + HEAD_BYTES <= limits::LINE_BYTES) {
        Some((key, text)) => {
            let open = head.strip_suffix('}').unwrap_or(&head);
            list.push(&[open, ",\"", key, "\":", text, "}"])
        }
        None => list.push(&[&head]),
    }
}
