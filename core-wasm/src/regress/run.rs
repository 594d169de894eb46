//! Grading every fixture of a configuration (regress contract, section 3).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::regress::{GraderResult, RESULT_SCHEMA, RegressReport, RegressResult, RegressRunRequest, Status};
use gait_contract::runpack::{Privacy, SCHEMA_VERSION};
use gait_contract::{Code, Fault, Timestamp};

use super::fixture::{beside, config, fixture_of};
use super::graders::{Candidate, Case, grade};
use super::junit::junit;
use crate::order;
use crate::runpack::{Examined, examine};
use crate::task::Host;
use crate::text;

/// `created_at` of a result whose first fixture has no time.
const NO_TIME: &str = "1980-01-01T00:00:00Z";

/// Answers op `regress.run`.
pub(crate) async fn run(host: &Host, request: RegressRunRequest) -> Result<RegressReport, Fault> {
    let config = config(host, &request.config).await?;
    let mut graders = Vec::new();
    let mut self_compared = Vec::new();
    let mut created_at = None;
    for entry in &config.fixtures {
        let recorded = examine(host, &entry.runpack, Some(Privacy::Full)).await?;
        let fixture = fixture_of(host, entry).await?;
        if recorded.run.run_id != fixture.run_id {
            let text = format!("the archive is of run `{}`, the fixture of `{}`", recorded.run.run_id, fixture.run_id);
            return Err(Fault::new(Code::FixtureInvalid, text).at(entry.runpack.clone()));
        }
        if created_at.is_none() {
            created_at = Some(time_of(&recorded).map_err(|fault| fault.at(entry.runpack.clone()))?);
        }
        let (candidate_path, candidate) = match &request.candidate {
            Some(path) => (path.clone(), Candidate::Read(Box::new(examine(host, path, Some(Privacy::Full)).await?))),
            None if fixture.candidate_runpack.is_empty() => {
                self_compared.push(fixture.name.clone());
                (entry.runpack.clone(), Candidate::Itself)
            }
            None => {
                let path = beside(&entry.runpack, &fixture.candidate_runpack);
                let candidate = match examine(host, &path, Some(Privacy::Full)).await {
                    Ok(examined) => Candidate::Read(Box::new(examined)),
                    Err(fault) if fault.error_code == Code::FileNotFound => Candidate::Absent(fault),
                    Err(fault) => Candidate::Unusable(fault),
                };
                (path, candidate)
            }
        };
        let case = Case { fixture: &fixture, recorded: &recorded, candidate_path: &candidate_path, candidate };
        graders.extend(grade(&case));
    }
    order::by_text(&mut graders, |grader: &GraderResult| &grader.name);
    let failed: Vec<&GraderResult> = graders.iter().filter(|grader| grader.status == Status::Fail).collect();
    let status = if failed.is_empty() { Status::Pass } else { Status::Fail };
    let mut report = RegressReport {
        ok: failed.is_empty(),
        status,
        fixture_set: config.fixture_set.clone(),
        graders: graders.len() as u64,
        failed: failed.len() as u64,
        top_failure_reason: failed.first().map_or_else(String::new, |grader| {
            grader.reason_codes.first().map_or("grader_failed", String::as_str).to_string()
        }),
        next_command: if failed.is_empty() { String::new() } else { next_command(&request) },
        failures: failed.iter().map(|grader| failure(grader)).collect(),
        self_compared,
        result_text: String::new(),
        junit_text: String::new(),
    };
    let result = RegressResult {
        schema_id: RESULT_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: created_at.unwrap_or_default(),
        producer_version: request.producer_version,
        fixture_set: config.fixture_set,
        status,
        graders,
    };
    report.result_text = text::indented(&result);
    report.junit_text = junit(&result);
    Ok(report)
}

fn time_of(recorded: &Examined) -> Result<Timestamp, Fault> {
    let created_at = &recorded.run.created_at;
    let time = if created_at.is_zero() { Timestamp::parse(NO_TIME) } else { created_at.in_utc() };
    time.map_err(|_| {
        Fault::new(Code::FixtureInvalid, format!("`{created_at}` lies outside the years 0000 to 9999 in UTC"))
            .hint("record the run again with another time")
    })
}

fn next_command(request: &RegressRunRequest) -> String {
    let mut command = "gait regress run".to_string();
    let config = request.config.trim();
    if config != "gait.yaml" {
        command.push_str(&format!(" --config {config}"));
    }
    if let Some(candidate) = &request.candidate {
        command.push_str(&format!(" --candidate {candidate}"));
    }
    command.push_str(" --json");
    command
}

/// One line about a failed grader.
fn failure(grader: &GraderResult) -> String {
    let reasons = grader.reason_codes.join(", ");
    let details = &grader.details;
    let what = match (&details.unexpected_files, &details.error) {
        (Some(files), _) => files.join(", "),
        (_, Some(error)) => error.clone(),
        _ => {
            let missing = [&details.missing_results, &details.candidate_missing_results];
            missing.into_iter().flatten().find(|ids| !ids.is_empty()).map_or(String::new(), |ids| ids.join(", "))
        }
    };
    if what.is_empty() { format!("{}: {reasons}", grader.name) } else { format!("{}: {reasons} ({what})", grader.name) }
}
