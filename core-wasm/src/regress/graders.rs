//! The graders: each looks at the fixture and at the candidate and says what is wrong (regress contract, section 3).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::regress::{Details, Fixture, GraderResult, Status};
use gait_contract::runpack::{Privacy, REFS_SCHEMA, RUN_SCHEMA, SCHEMA_VERSION};

use crate::order;
use crate::runpack::{Examined, compare, replay_of};

/// A fixture with everything the graders look at.
pub(super) struct Case<'a> {
    pub(super) fixture: &'a Fixture,
    pub(super) recorded: &'a Examined,
    /// Path of the archive compared with.
    pub(super) candidate_path: &'a str,
    pub(super) candidate: Candidate,
}

/// The archive compared with.
pub(super) enum Candidate {
    /// None was named: the fixture is compared with itself.
    Itself,
    /// It was read.
    Read(Box<Examined>),
    /// Nothing has that name.
    Absent(Fault),
    /// It cannot be read or was tampered with.
    Unusable(Fault),
}

impl Candidate {
    fn read(&self) -> Option<&Examined> {
        match self {
            Self::Read(examined) => Some(examined),
            _ => None,
        }
    }
}

/// Runs every grader.
pub(super) fn grade(case: &Case<'_>) -> [GraderResult; 3] {
    [diff(case), expected_exit_code(case), schema_validation(case)]
}

fn result(case: &Case<'_>, grader: &str, reasons: Vec<String>, details: Details) -> GraderResult {
    GraderResult {
        name: format!("{}/{grader}", case.fixture.name),
        status: if reasons.is_empty() { Status::Pass } else { Status::Fail },
        reason_codes: order::set(reasons),
        details: Details { fixture: case.fixture.name.clone(), run_id: case.fixture.run_id.clone(), ..details },
    }
}

/// Did anything change that may not?
fn diff(case: &Case<'_>) -> GraderResult {
    let candidate = match &case.candidate {
        Candidate::Itself => case.recorded,
        Candidate::Read(examined) => examined,
        Candidate::Absent(fault) => return unreadable(case, "candidate_path_invalid", fault),
        Candidate::Unusable(fault) => return unreadable(case, "diff_error", fault),
    };
    let summary = compare(case.recorded, candidate, Privacy::Full).summary;
    let mut changed = summary.files_changed;
    let members = [
        (summary.manifest_changed, "manifest.json"),
        (summary.intents_changed, "intents.jsonl"),
        (summary.results_changed, "results.jsonl"),
        (summary.refs_changed, "refs.json"),
    ];
    changed.extend(members.into_iter().filter(|(changed, _)| *changed).map(|(_, name)| name.to_string()));
    let changed = order::set(changed);
    let allowed = case.fixture.diff_allow_changed_files.clone();
    let unexpected: Vec<String> = changed.iter().filter(|path| !allowed.contains(path)).cloned().collect();
    let reasons = reason(!unexpected.is_empty(), "unexpected_diff");
    let details = Details {
        candidate_runpack: Some(case.candidate_path.into()),
        changed_files: Some(changed),
        allowed_files: Some(allowed),
        unexpected_files: (!unexpected.is_empty()).then_some(unexpected),
        ..Details::default()
    };
    result(case, "diff", reasons, details)
}

fn unreadable(case: &Case<'_>, reason_code: &str, fault: &Fault) -> GraderResult {
    let place = fault.at.as_deref().unwrap_or(case.candidate_path);
    let details = Details {
        candidate_runpack: Some(case.candidate_path.into()),
        error: Some(format!("{place}: {}", fault.error)),
        ..Details::default()
    };
    result(case, "diff", reason(true, reason_code), details)
}

/// Does the replay end as expected, for the fixture and for the candidate?
fn expected_exit_code(case: &Case<'_>) -> GraderResult {
    let expected = case.fixture.expected_replay_exit_code;
    let mut details = Details::default();
    let mut reasons = Vec::new();
    match exit_code(case.recorded) {
        Ok((code, missing)) => {
            reasons.extend(reason(code != expected, "unexpected_exit_code"));
            details.expected_exit_code = Some(expected);
            details.actual_exit_code = Some(code);
            details.missing_results = Some(missing);
        }
        Err(fault) => {
            reasons.extend(reason(true, "replay_error"));
            details.error = Some(fault.into_envelope().error);
        }
    }
    match case.candidate.read().map(exit_code) {
        None => {}
        Some(Ok((code, missing))) => {
            reasons.extend(reason(code != expected, "candidate_unexpected_exit_code"));
            details.candidate_exit_code = Some(code);
            details.candidate_missing_results = Some(missing);
        }
        Some(Err(fault)) => {
            reasons.extend(reason(true, "candidate_replay_error"));
            details.error.get_or_insert(fault.into_envelope().error);
        }
    }
    result(case, "expected_exit_code", reasons, details)
}

fn exit_code(examined: &Examined) -> Result<(i64, Vec<String>), Fault> {
    let replay = replay_of(examined)?;
    Ok((if replay.ok { 0 } else { 2 }, replay.missing_results))
}

/// Are the records of the kind they say, in the fixture and in the candidate?
fn schema_validation(case: &Case<'_>) -> GraderResult {
    let mut reasons: Vec<String> = wrong_schemas(case.recorded).map(Into::into).collect();
    if let Some(candidate) = case.candidate.read() {
        reasons.extend(wrong_schemas(candidate).map(|reason| format!("candidate_{reason}")));
    }
    let recorded = case.recorded;
    let details = Details {
        missing_files: Some(None),
        hash_mismatches: Some(0),
        intent_records: Some(recorded.intents.len() as u64),
        result_records: Some(recorded.results.len() as u64),
        reference_receipts: Some(recorded.refs.receipts.as_ref().map_or(0, Vec::len) as u64),
        ..Details::default()
    };
    result(case, "schema_validation", reasons, details)
}

fn wrong_schemas(examined: &Examined) -> impl Iterator<Item = &'static str> {
    let Examined { run, refs, intents, results, .. } = examined;
    let wrong = |id: &str, version: &str, wanted: &str| id != wanted || version != SCHEMA_VERSION;
    [
        (wrong(&run.schema_id, &run.schema_version, RUN_SCHEMA), "run_schema_invalid"),
        (wrong(&refs.schema_id, &refs.schema_version, REFS_SCHEMA), "refs_schema_invalid"),
        (intents.iter().any(|note| !note.schema_ok), "intent_schema_invalid"),
        (results.iter().any(|note| !note.schema_ok), "result_schema_invalid"),
    ]
    .into_iter()
    .filter(|(wrong, _)| *wrong)
    .map(|(_, reason)| reason)
}

fn reason(applies: bool, code: &str) -> Vec<String> {
    applies.then(|| code.to_string()).into_iter().collect()
}
