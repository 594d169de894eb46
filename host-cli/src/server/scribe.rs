//! The one thread that writes evidence. Decisions that are made at the same time share one trip to the disk, and nobody
//! hears a verdict before its trace is there.
//!
//! What is promised when a decision is answered: its trace (and approval audit, and credential evidence) stands complete under
//! its name; its lines in exports and in the session's journal are written. With syncing (the default) the disk
//! itself has been asked to keep files and names, so that they survive a machine that loses power; without, they survive
//! gait being killed, and not more. Lines are not synced: everything in them stands in the traces.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use gait_contract::Fault;
use gait_contract::gate::Decision;

use super::caller::Caller;
use super::checkpoints::Checkpoints;
use super::metrics::Metrics;
use super::queue::Queue;
use super::retention::Retention;
use super::sessions::Sessions;
use crate::flows::mcp_call::Answer;
use crate::flows::mcp_exports::{Event, Exports};
use crate::host::evidence::{self, NewFile};

/// Decisions that share a trip to the disk, at most.
const BATCH: usize = 256;

/// Something that waits for being written down.
pub struct Entry {
    /// Files, the trace first.
    pub files: Vec<NewFile>,
    /// What follows when they are there.
    pub then: Then,
}

/// What follows when files are written.
pub enum Then {
    /// The decision is noted and answered.
    Answer(Box<Decided>),
    /// Somebody goes on.
    Tell(mpsc::SyncSender<Result<(), Fault>>),
}

/// A decision with what will be answered about it.
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// The answer so far.
    pub answer: Answer,
    /// Who waits for it.
    pub caller: Caller,
}

/// Writes.
pub struct Scribe {
    /// What waits.
    pub queue: Arc<Queue<Entry>>,
    /// The disk is asked to keep what is written.
    pub durable: bool,
    /// Who gets lines.
    pub exports: Exports,
    /// Who gets numbers.
    pub sessions: Sessions,
    /// Who writes checkpoints.
    pub checkpoints: Checkpoints,
    /// What goes away.
    pub retention: Retention,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Scribe {
    /// Writes until the queue is closed and empty.
    pub fn work(mut self) {
        loop {
            let batch = self.queue.pop_batch(BATCH);
            if batch.is_empty() {
                return;
            }
            self.commit(batch);
        }
    }

    fn commit(&mut self, batch: Vec<Entry>) {
        let mut files = Vec::new();
        let mut waiting = Vec::with_capacity(batch.len());
        for entry in batch {
            let from = files.len();
            files.extend(entry.files);
            waiting.push((from..files.len(), entry.then));
        }
        let outcomes = evidence::write(&files, self.durable);
        let stand = files.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        self.retention.wrote(stand.map(|(file, _)| file));
        self.metrics.traces.add(outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64);
        self.metrics.syncs.add(u64::from(self.durable && !files.is_empty()));
        let mut written = Vec::with_capacity(waiting.len());
        for (range, then) in waiting {
            let wrong = outcomes.get(range).into_iter().flatten().find_map(|outcome| outcome.as_ref().err());
            match (wrong.cloned(), then) {
                (None, Then::Answer(decided)) => written.push(*decided),
                (Some(fault), Then::Answer(decided)) => decided.caller.tell(Err(fault)),
                (wrong, Then::Tell(waiting)) => {
                    let _ = waiting.send(wrong.map_or(Ok(()), Err));
                }
            }
        }
        if !written.is_empty() {
            self.note(written);
        }
    }

    /// Lines, journals, and what is too old; then the answers.
    fn note(&mut self, written: Vec<Decided>) {
        let events: Vec<_> = written
            .iter()
            .map(|decided| Event {
                decision: &decided.decision,
                run_id: &decided.answer.run_id,
                trace_path: &decided.answer.trace_path,
            })
            .collect();
        let exported = self.exports.append(&events);
        let noted: Vec<_> = written
            .into_iter()
            .map(|decided| {
                let Decided { decision, mut answer, caller } = decided;
                let outcome = exported.clone().and_then(|()| self.journal(&decision, &mut answer));
                answer.log_export.clone_from(&self.exports.log);
                answer.otel_export.clone_from(&self.exports.otel);
                (outcome.map(|()| answer), caller)
            })
            .collect();
        let removed = self.retention.apply();
        for (mut outcome, caller) in noted {
            if let Ok(answer) = &mut outcome {
                answer.warnings.extend(removed.iter().cloned());
            }
            self.checkpoints.tell(caller, outcome);
        }
    }

    fn journal(&mut self, decision: &Decision, answer: &mut Answer) -> Result<(), Fault> {
        if answer.session_id.is_empty() {
            return Ok(());
        }
        let noted = self.sessions.note(&answer.session_id, &answer.run_id, decision, &answer.trace_path)?;
        answer.warnings.push(format!("session_journal={} sequence={}", noted.path.display(), noted.sequence));
        answer.checkpoint.noted(&noted.path, noted.sequence);
        Ok(())
    }
}

/// The file of a trace beside others of the same decision.
pub fn beside(trace: &Path, what: &str) -> PathBuf {
    let name = trace.file_name().unwrap_or_default().to_string_lossy();
    let name = match name.strip_prefix("trace_") {
        Some(rest) => format!("{what}_{rest}"),
        None => format!("{what}_{name}"),
    };
    trace.with_file_name(name)
}
