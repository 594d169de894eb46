//! A stretch of a session becomes a runpack: its decisions as intents and results, by digest. Collected one by one, signed,
//! read back and verified, and only then there under its name.

use std::io::{self, Seek, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gait_contract::intent::Given;
use gait_contract::primitives::JsonDigestRequest;
use gait_contract::runpack::{RecordRequest, Recorded, Signing};
use gait_contract::{Code, Fault};
use serde_json::{Value, json};
use tempfile::SpooledTempFile;

use super::record;
use super::texts::Texts;
use crate::core::{Core, Session};
use crate::host::documents::Documents;
use crate::host::files::Files;
use crate::host::keys::PrivateKey;
use crate::host::{clock, fs};

/// Records up to this size stay in memory.
const IN_MEMORY: usize = 1 << 20;
/// Name under which the core asks for the record.
const SOURCE: &str = "the session's record";

/// Whether a decision is the last one of a stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nobody asked for checkpoints.
    #[default]
    None,
    /// One is due whenever so many decisions were made.
    Every(NonZeroU64),
    /// It is due: the journal, and the number of the decision in it.
    Due(PathBuf, u64),
}

impl Wish {
    /// What a request says; 0 is as good as nothing.
    pub fn of(interval: Option<u64>) -> Self {
        interval.and_then(NonZeroU64::new).map_or(Self::None, Self::Every)
    }

    /// The decision got its number.
    pub fn noted(&mut self, journal: &Path, sequence: u64) {
        if let Self::Every(interval) = *self {
            *self = if sequence % interval == 0 { Self::Due(journal.to_owned(), sequence) } else { Self::None };
        }
    }
}

/// One decision of a session.
pub struct Step<'a> {
    /// When it was made.
    pub created_at: &'a str,
    /// Its id within the run.
    pub intent_id: &'a str,
    /// Which tool.
    pub tool_name: &'a str,
    /// Digest of the arguments.
    pub args_digest: &'a str,
    /// Its trace.
    pub trace_id: &'a str,
    /// What held.
    pub verdict: &'a str,
    /// Why.
    pub reason_codes: &'a [String],
    /// What the call violated.
    pub violations: &'a [String],
}

/// A runpack that is being collected.
pub struct SessionPack {
    core: Core,
    /// Digests results.
    session: Session,
    timeline: Texts,
    intents: Texts,
    results: Texts,
}

impl SessionPack {
    /// Begins one.
    pub fn begin() -> Result<Self, Fault> {
        let core = Core::load()?;
        let session = core.session()?;
        Ok(Self { core, session, timeline: Texts::new(), intents: Texts::new(), results: Texts::new() })
    }

    /// Takes in a decision.
    pub fn add(&mut self, step: &Step<'_>) -> Result<(), Fault> {
        let result = json!({
            "reason_codes": step.reason_codes,
            "trace_id": step.trace_id,
            "verdict": step.verdict,
            "violations": step.violations,
        });
        let digested = JsonDigestRequest { document: Given::Attached };
        let text = result.to_string();
        let digest = self.session.call_attached(&digested, text.as_bytes(), &mut Documents::new())?.digest;
        let status = if matches!(step.verdict, "allow" | "dry_run") { "ok" } else { "error" };
        let (at, id) = (step.created_at, step.intent_id);
        let event = json!({"event": "session_event", "ts": at, "ref": step.trace_id});
        let intent = json!({
            "created_at": at, "intent_id": id, "tool_name": step.tool_name, "args_digest": step.args_digest,
        });
        let outcome =
            json!({"created_at": at, "intent_id": id, "status": status, "result_digest": digest, "result": result});
        for (list, entry) in [(&mut self.timeline, event), (&mut self.intents, intent), (&mut self.results, outcome)] {
            list.push(&[&entry.to_string()]).map_err(|error| unkept(&error))?;
        }
        Ok(())
    }

    /// Writes it as a new file, signed. A file that is there already stays as it is, and is a fault.
    pub fn write(
        mut self,
        run_id: &str,
        label: &str,
        target: &Path,
        key: Arc<PrivateKey>,
        signing: Signing,
    ) -> Result<Recorded, Fault> {
        let emitted = json!({"event": "session_checkpoint_emitted", "ts": clock::now(), "ref": label});
        self.timeline.push(&[&emitted.to_string()]).map_err(|error| unkept(&error))?;
        let (text, size) = self.together(run_id).map_err(|error| unkept(&error))?;
        let folder = fs::parent(target).display().to_string();
        let mut files =
            Files::new().quietly().holding(SOURCE, text, size).writing_into_new(&folder).signing_with(Some(key));
        let request = RecordRequest {
            input: SOURCE.into(),
            run_id: String::new(),
            capture_mode: String::new(),
            defaults: record::defaults(),
            signing,
        };
        let recorded = self.core.call(&request, &mut files).map_err(|fault| files.explain(fault))?;
        let draft = files.into_draft()?;
        record::check(&self.core, &draft)?;
        if draft.put_new(target)? {
            return Ok(recorded);
        }
        let shown = target.display().to_string();
        Err(Fault::new(Code::FileUnwritable, format!("`{shown}` is there already")).at(shown))
    }

    /// The run record; the run comes first, so that it is read in one pass.
    fn together(&mut self, run_id: &str) -> io::Result<(SpooledTempFile, u64)> {
        let mut out = SpooledTempFile::new(IN_MEMORY);
        let (run_id, now) = (Value::from(run_id), json!(clock::now()));
        write!(out, "{{\"run\":{{\"run_id\":{run_id},\"created_at\":{now},\"timeline\":[")?;
        self.timeline.copy(&mut out)?;
        out.write_all(b"]},\"capture_mode\":\"reference\",\"refs\":{\"receipts\":[]},\"intents\":[")?;
        self.intents.copy(&mut out)?;
        out.write_all(b"],\"results\":[")?;
        self.results.copy(&mut out)?;
        out.write_all(b"]}")?;
        let size = out.stream_position()?;
        Ok((out, size))
    }
}

fn unkept(error: &io::Error) -> Fault {
    Fault::new(Code::FileUnwritable, format!("the session's record cannot be put together: {}", fs::words(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_come_due() {
        let journal = Path::new("j");
        let due = |interval, sequence| {
            let mut wish = Wish::of(interval);
            wish.noted(journal, sequence);
            wish == Wish::Due(journal.into(), sequence)
        };
        assert!(due(Some(1), 1) && due(Some(3), 6));
        assert!(!due(Some(3), 5) && !due(Some(0), 1) && !due(None, 1));
    }
}
