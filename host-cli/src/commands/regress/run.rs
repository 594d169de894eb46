//! `gait regress run`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::flows::regress_run::{self, Graded, Wanted};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait regress run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub(super) grading: Grading,
}

/// What is graded, and where the results go.
#[derive(Debug, Args)]
pub struct Grading {
    /// The list of fixtures
    #[arg(long, value_name = "file", default_value = "gait.yaml", value_hint = ValueHint::FilePath)]
    config: String,
    /// File for the result
    #[arg(long, value_name = "file", default_value = "regress_result.json", value_hint = ValueHint::FilePath)]
    output: String,
    /// File for the result in JUnit's form
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    junit: Option<String>,
    /// Compare every fixture with this runpack, such as a fresh recording, instead of its own candidate
    #[arg(long, value_name = "run_id|path")]
    candidate: Option<String>,
    /// Allow graders that do not always answer the same; all of today's do
    #[arg(long)]
    allow_nondeterministic: bool,
}

impl Grading {
    pub(super) fn wanted(self) -> Wanted {
        let blank = |text: &str| text.trim().is_empty();
        Wanted {
            config: self.config,
            output: if blank(&self.output) { "regress_result.json".into() } else { self.output },
            junit: self.junit,
            candidate: self.candidate,
        }
    }
}

impl Command for Run {
    const SUMMARY: &'static str = "run regressions";
    const EXPLAIN: &'static str = "regress run grades every fixture of gait.yaml, deterministically, and writes the result for people, programs and CI";
    const USAGE: &'static str = "gait regress run [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait regress run --junit ./gait-out/junit.xml", "grades all fixtures and writes a report that CI can show"),
        ("gait regress run --candidate ./gait-out/runpack_run_new.zip", "compares a fresh recording with the fixtures"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "every grader passes"), (ExitCode::RegressFailed, "a regression was found")];

    fn run(self) -> Outcome {
        Ok(Box::new(regress_run::run(self.grading.wanted())?))
    }
}

/// What is said about a verdict, apart from the fixture.
pub(super) struct Verdict<'a> {
    pub(super) ok: bool,
    pub(super) failed: u64,
    pub(super) failures: &'a [String],
    pub(super) top_failure_reason: &'a str,
    pub(super) output: &'a str,
    pub(super) junit: Option<&'a str>,
}

impl Verdict<'_> {
    pub(super) fn exit(&self) -> ExitCode {
        if self.ok { ExitCode::Success } else { ExitCode::RegressFailed }
    }

    pub(super) fn lines(&self, page: &mut Page) {
        if self.failed > 0 {
            page.pair("failed", self.failed);
        }
        for failure in self.failures {
            page.wrong("failure", failure);
        }
        if !self.top_failure_reason.is_empty() {
            page.wrong("top_failure_reason", self.top_failure_reason);
        }
        page.pair("result", self.output);
        if let Some(junit) = self.junit {
            page.pair("junit", junit);
        }
    }
}

fn verdict(graded: &Graded) -> Verdict<'_> {
    Verdict {
        ok: graded.ok,
        failed: graded.failed,
        failures: &graded.failures,
        top_failure_reason: &graded.top_failure_reason,
        output: &graded.output,
        junit: graded.junit.as_deref(),
    }
}

/// Says that a comparison with oneself proves little.
pub(super) fn self_compared(fixtures: &[String]) -> Option<Note> {
    let first = fixtures.first()?;
    let others = match fixtures.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Some(Note::Hint(format!(
        "fixture {first}{others} was compared with nothing but itself; record the run again and add `--candidate <run_id|path>`"
    )))
}

impl Report for Graded {
    fn exit(&self) -> ExitCode {
        verdict(self).exit()
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.verdict("regress", self.ok, if self.ok { "pass" } else { "fail" });
        page.pair("fixture_set", &self.fixture_set);
        page.pair("graders", self.graders);
        verdict(self).lines(page);
    }

    fn notes(&self) -> Vec<Note> {
        let next = (!self.next_command.is_empty()).then(|| Note::Next(self.next_command.clone()));
        self_compared(&self.self_compared).into_iter().chain(next).collect()
    }
}
