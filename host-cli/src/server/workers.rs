//! The threads that judge. Each has a gate of its own, with the compiled policy in an instance of the core that nobody else
//! touches.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use gait_contract::gate::Decision;
use gait_contract::intent::Given;
use gait_contract::tool_call::CallForm;
use gait_contract::{Code, Fault};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::caller::Caller;
use super::metrics::Metrics;
use super::queue::Queue;
use super::scribe::{Decided, Entry, Then, beside};
use crate::flows::gate::{Asked, Gate, Intent};
use crate::flows::mcp_call::{Answer, Pack, facts};
use crate::flows::session_pack::Wish;
use crate::host::evidence::NewFile;
use crate::host::{clock, fs};

/// A request that waits for a thread.
pub struct Job {
    /// Its body.
    pub body: Bytes,
    /// Who waits for the answer.
    pub caller: Caller,
}

/// What all threads have in common.
pub struct Shared {
    /// What waits for them.
    pub jobs: Queue<Job>,
    /// What they hand on.
    pub entries: Arc<Queue<Entry>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Dialect of requests that name none.
    pub adapter: String,
    /// Folder of traces; none for the working folder, under their ids.
    pub trace_dir: Option<PathBuf>,
    /// Folder of runpacks.
    pub runpack_dir: Option<PathBuf>,
    /// Runpacks keep arguments, and not only their digests.
    pub raw_capture: bool,
    /// Requests may name files.
    pub client_paths: bool,
    /// Names of files, each used once.
    pub names: Names,
    /// Digest of the policy that judged last.
    pub policy_digest: Mutex<String>,
}

/// The body of a request. Whatever is not in here is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking<'a> {
    #[serde(borrow)]
    call: Option<&'a RawValue>,
    #[serde(default)]
    adapter: Option<String>,
    #[serde(default)]
    run_id: Option<String>,
    #[serde(default)]
    session_id: Option<String>,
    #[serde(default)]
    checkpoint_interval: Option<u64>,
    #[serde(default)]
    trace_path: Option<String>,
    #[serde(default)]
    runpack_out: Option<String>,
    #[serde(default)]
    emit_runpack: Option<bool>,
    /// Approval tokens, as `gait approve` writes them.
    #[serde(default, borrow)]
    approval_tokens: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    approval_ref: Option<String>,
}

impl Shared {
    /// Digest of the policy that judged last.
    pub fn policy(&self) -> String {
        self.policy_digest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Judges until there is nothing left to do.
pub fn work(mut gate: Gate, shared: &Shared) {
    while let Some(Job { body, caller }) = shared.jobs.pop() {
        // Nobody hears the verdict any more, and nothing has been counted yet.
        if caller.is_gone() {
            continue;
        }
        match shared.judge(&mut gate, &body) {
            Ok(judged) => shared.settle(&gate, judged, caller),
            Err(fault) => shared.refuse(caller, fault),
        }
    }
}

/// A decision, and what is to be left behind.
struct Judged<'a> {
    decision: Decision,
    answer: Answer,
    files: Vec<NewFile>,
    pack: Option<(&'a [u8], CallForm)>,
}

impl Shared {
    fn refuse(&self, caller: Caller, fault: Fault) {
        self.metrics.refusals.add(1);
        caller.tell(Err(fault));
    }

    fn judge<'a>(&self, gate: &mut Gate, body: &'a [u8]) -> Result<Judged<'a>, Fault> {
        let asking = read(body)?;
        let call = asking.call.map(RawValue::get).filter(|call| call.starts_with('{'));
        let Some(call) = call else {
            return Err(Fault::new(Code::CallInvalid, "the request has no `call`, or it is no object"));
        };
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if !self.client_paths && (given(&asking.trace_path).is_some() || given(&asking.runpack_out).is_some()) {
            return Err(Fault::new(
                Code::InvalidInput,
                "the request names files, which this server does not let it do",
            )
            .hint("leave `trace_path` and `runpack_out` out, or start it with `--allow-client-artifact-paths`"));
        }
        let form = CallForm {
            adapter: given(&asking.adapter).unwrap_or_else(|| self.adapter.clone()),
            run_id: asking.run_id.unwrap_or_default(),
            ..CallForm::default()
        };
        let tokens = asking.approval_tokens.unwrap_or_default();
        let named = |index: usize| format!("approval_tokens[{index}]");
        let mut decision = gate.judge(&Asked {
            form: Some(form.clone()),
            approvals: (0..tokens.len()).map(|index| Given::Source(named(index))).collect(),
            held: tokens.iter().enumerate().map(|(index, token)| (named(index), token.get().into())).collect(),
            approval_ref: asking.approval_ref.as_deref().unwrap_or_default(),
            ..Asked::about(Intent::Text(call.as_bytes()))
        })?;
        self.note_policy(&decision.policy_digest);
        let facts = facts(&mut decision)?;
        let named_run = facts.named_run.clone();
        let mut answer = Answer::about(&decision, facts);
        if let Some(session_id) = given(&asking.session_id) {
            answer.session_id = session_id;
        }
        answer.checkpoint = Wish::of(asking.checkpoint_interval);
        if answer.checkpoint != Wish::None && answer.session_id.is_empty() {
            return Err(Fault::new(Code::InvalidInput, "the request wants checkpoints of a session and names none")
                .hint("add `session_id`, or leave `checkpoint_interval` out"));
        }
        answer.warnings.clone_from(&gate.remarks().warnings);
        let files = self.files(&mut decision, &mut answer, &named_run, given(&asking.trace_path))?;
        answer.runpack_path = match (given(&asking.runpack_out), &self.runpack_dir) {
            (Some(path), _) => path,
            (None, Some(folder)) if asking.emit_runpack == Some(true) => {
                folder.join(format!("runpack_{named_run}_{}.zip", self.names.next())).display().to_string()
            }
            _ => String::new(),
        };
        let pack = (!answer.runpack_path.is_empty()).then_some((call.as_bytes(), form));
        Ok(Judged { decision, answer, files, pack })
    }

    /// The files of a decision, the trace first. Their texts move out of it.
    fn files(
        &self,
        decision: &mut Decision,
        answer: &mut Answer,
        named_run: &str,
        trace_path: Option<String>,
    ) -> Result<Vec<NewFile>, Fault> {
        let Some(texts) = decision.files.take() else {
            return Err(Fault::new(Code::CoreTrap, "the core decided and gives no trace"));
        };
        let replaces = trace_path.is_some() || self.trace_dir.is_none();
        let trace = match (trace_path, &self.trace_dir) {
            (Some(path), _) => {
                // Only named files can be where nothing is yet; the others were made at the start.
                fs::make_folder(fs::parent(Path::new(&path)), 0o750)?.keep();
                PathBuf::from(path)
            }
            (None, Some(folder)) => folder.join(format!("trace_{named_run}_{}.json", self.names.next())),
            (None, None) => PathBuf::from(format!("trace_{}.json", decision.trace_id)),
        };
        answer.trace_path = trace.display().to_string();
        let mut files = Vec::with_capacity(1);
        if let Some(text) = texts.approval_audit {
            let path = beside(&trace, "approval_audit");
            answer.approval_audit_path = path.display().to_string();
            files.push(NewFile { path, text, replaces });
        }
        if let Some(text) = texts.credential_evidence {
            let path = beside(&trace, "credential_evidence");
            answer.credential_evidence_path = path.display().to_string();
            files.push(NewFile { path, text, replaces });
        }
        files.insert(0, NewFile { path: trace, text: texts.trace, replaces });
        Ok(files)
    }

    /// Hands a decision on to be written down and answered. A runpack comes after the trace and before the lines, so for
    /// one this thread waits.
    fn settle(&self, gate: &Gate, judged: Judged<'_>, caller: Caller) {
        let Judged { decision, answer, mut files, pack } = judged;
        if let Some((call, form)) = pack {
            let (tell, told) = mpsc::sync_channel(1);
            let first = Entry { files: std::mem::take(&mut files), then: Then::Tell(tell) };
            let written = match self.entries.push(first) {
                Ok(()) => told.recv().unwrap_or_else(|_| Err(gone())),
                Err(_) => Err(gone()),
            };
            let pack = Pack {
                call,
                form,
                decision: &decision,
                with_args: self.raw_capture,
                key: gate.key(),
                signing: gate.signing(),
            };
            if let Err(fault) = written.and_then(|()| pack.write(&answer.runpack_path)) {
                return self.refuse(caller, fault);
            }
        }
        let decided = Box::new(Decided { decision, answer, caller });
        if let Err(entry) = self.entries.push(Entry { files, then: Then::Answer(decided) })
            && let Then::Answer(decided) = entry.then
        {
            self.refuse(decided.caller, gone());
        }
    }

    fn note_policy(&self, digest: &str) {
        let mut last = self.policy_digest.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != digest {
            digest.clone_into(&mut last);
            self.metrics.policy_changes.add(1);
        }
    }
}

fn gone() -> Fault {
    Fault::new(Code::InternalFailure, "the thread that writes evidence has no room")
}

fn read(body: &[u8]) -> Result<Asking<'_>, Fault> {
    let refused = |error: &serde_json::Error| {
        // Its words name types of this program.
        let (code, what) = match error.is_data() {
            true => (Code::JsonType, SHAPE),
            false => (Code::JsonSyntax, "the request is not JSON"),
        };
        Fault::new(code, format!("{what} (line {}, column {})", error.line(), error.column()))
    };
    // A list would be taken for the fields in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        let read = serde_json::from_slice::<serde::de::IgnoredAny>(body);
        return Err(read.map_or_else(|error| refused(&error), |_| Fault::new(Code::JsonType, SHAPE)));
    }
    serde_json::from_slice(body).map_err(|error| refused(&error))
}

/// What a request is.
const SHAPE: &str = "the request is no object of `call`, `adapter`, `run_id`, `session_id`, `checkpoint_interval`, `emit_runpack`, `approval_tokens`, `approval_ref`, `trace_path` and `runpack_out`";

/// Names that sort by time and are given once.
#[derive(Default)]
pub struct Names(AtomicU64);

impl Names {
    /// `YYYYMMDDTHHMMSS.nnnnnnnnn`, later than every one before.
    pub fn next(&self) -> String {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(since.as_nanos()).unwrap_or_default();
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
        let nanos = now.max(before.unwrap_or_default() + 1);
        clock::compact(Duration::from_nanos(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let names = Names::default();
        let mut given: Vec<_> = (0..1_000).map(|_| names.next()).collect();
        assert!(given.is_sorted() && given.iter().all(|name| name.len() == 25));
        given.dedup();
        assert_eq!(given.len(), 1_000);
    }

    #[test]
    fn requests_are_read_strictly() {
        for (body, code) in [
            ("", Code::JsonSyntax),
            ("{", Code::JsonSyntax),
            ("[]", Code::JsonType),
            ("null", Code::JsonType),
            (r#"{"call":{},"call":{}}"#, Code::JsonType),
            (r#"{"call":{},"surprise":1}"#, Code::JsonType),
            (r#"{"call":{}} x"#, Code::JsonSyntax),
            (r#"{"call":{},"emit_runpack":"yes"}"#, Code::JsonType),
        ] {
            assert_eq!(read(body.as_bytes()).map(|_| ()).map_err(|fault| fault.error_code), Err(code), "{body}");
        }
        assert!(read(br#" {"call":{"name":"x"},"adapter":null} "#).is_ok());
    }
}
