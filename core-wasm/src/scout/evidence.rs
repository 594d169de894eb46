//! What traces and regress results say about runs (scout contract, section 2.2).

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::trace::Trace;

use super::fingerprint::count_reason;
use super::words::{identifier, run_id_in};
use crate::json::{self, JsonError, Kind, Scanner};
use crate::task::Host;
use crate::{document, order};

/// Evidence by run.
#[derive(Default)]
pub(super) struct Evidence {
    /// Places in `runs`, by run id.
    places: BTreeMap<String, usize>,
    runs: Vec<RunEvidence>,
}

/// Evidence about one run.
#[derive(Default)]
pub(super) struct RunEvidence {
    /// Reasons, and how often each was given.
    pub(super) reasons: BTreeMap<String, usize>,
    /// Number of traces, with reasons or without.
    pub(super) traces: u64,
    /// Number of failed graders.
    pub(super) graders: u64,
    /// There is such a run.
    pub(super) used: bool,
}

impl Evidence {
    /// Reads traces and regress results; a file that is named twice counts once.
    pub(super) async fn read(host: &Host, traces: Vec<String>, regress: Vec<String>) -> Result<Self, Fault> {
        let mut evidence = Self::default();
        for source in order::set(traces) {
            let text = document::read(host, &source).await?;
            let read = || -> Result<Trace, Fault> {
                Scanner::new(&text)
                    .and_then(|mut scanner| scanner.of_kind(Kind::Object))
                    .map_err(|error| error.fault(&text))?;
                json::read(&text)
            };
            evidence.trace(&read().map_err(|fault| fault.at(source))?);
        }
        for source in order::set(regress) {
            let text = document::read(host, &source).await?;
            evidence.regress(&text).map_err(|error| error.fault(&text).at(source))?;
        }
        Ok(evidence)
    }

    /// What is known about a run.
    pub(super) fn about(&mut self, run_id: &str) -> Option<&mut RunEvidence> {
        self.runs.get_mut(*self.places.get(run_id)?)
    }

    /// Traces and failed graders about runs that are not there.
    pub(super) fn unmatched(&self) -> (u64, u64) {
        let unused = self.runs.iter().filter(|run| !run.used);
        unused.fold((0, 0), |(traces, graders), run| (traces + run.traces, graders + run.graders))
    }

    fn of(&mut self, run_id: &str) -> Option<&mut RunEvidence> {
        if !self.places.contains_key(run_id) {
            self.places.insert(run_id.to_string(), self.runs.len());
            self.runs.push(RunEvidence::default());
        }
        self.about(run_id)
    }

    fn trace(&mut self, trace: &Trace) {
        // A trace that names no run is kept below the empty name, which no run has.
        let run_id = run_id_in(&trace.correlation_id).or_else(|| run_id_in(&trace.trace_id)).unwrap_or_default();
        let Some(run) = self.of(run_id) else { return };
        run.traces += 1;
        let verdict = identifier(&trace.verdict);
        if verdict != "allow" {
            count_reason(&mut run.reasons, format!("trace_verdict_{verdict}"), 1);
        }
        for violation in &trace.violations {
            count_reason(&mut run.reasons, format!("violation_{}", identifier(violation)), 1);
        }
    }

    fn regress(&mut self, text: &[u8]) -> Result<(), JsonError> {
        let mut scanner = Scanner::new(text)?;
        scanner.of_kind(Kind::Object)?;
        scanner.members(&RESULT, &mut |scanner, which| match which {
            0 => scanner.elements(&mut |scanner| self.grader(scanner)),
            1 => scanner.time().map(drop),
            _ => scanner.text_or_null().map(drop),
        })?;
        scanner.end()
    }

    fn grader(&mut self, scanner: &mut Scanner<'_>) -> Result<(), JsonError> {
        let (mut name, mut status, mut run_id) = (Cow::Borrowed(""), Cow::Borrowed(""), Cow::Borrowed(""));
        let mut reasons = Vec::new();
        scanner.members(&["name", "status", "reason_codes", "details"], &mut |scanner, which| {
            match which {
                0 => name = scanner.text_or_null()?,
                1 => status = scanner.text_or_null()?,
                2 => scanner.elements(&mut |scanner| {
                    reasons.push(identifier(&scanner.text_or_null()?));
                    Ok(())
                })?,
                _ => scanner.members(&["run_id"], &mut |scanner, _| {
                    // Details are free: something else than text names no run.
                    match scanner.kind()? {
                        Kind::String => run_id = scanner.string()?,
                        _ => scanner.skip()?,
                    }
                    Ok(())
                })?,
            }
            Ok(())
        })?;
        if status.trim().eq_ignore_ascii_case("pass") {
            return Ok(());
        }
        let first = || name.trim().split('/').next().unwrap_or_default().trim();
        let run_id = if run_id.trim().is_empty() { first() } else { run_id.trim() };
        let Some(run) = self.of(run_id) else { return Ok(()) };
        run.graders += 1;
        if reasons.is_empty() {
            reasons.push("regress_failure".to_string());
        }
        reasons.into_iter().for_each(|reason| count_reason(&mut run.reasons, reason, 1));
        Ok(())
    }
}

/// Members of a regress result that have to be what they are.
const RESULT: [&str; 7] =
    ["graders", "created_at", "schema_id", "schema_version", "producer_version", "fixture_set", "status"];
