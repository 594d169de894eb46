//! `gait scout signal`.

use std::fs::File;

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::scout::{Driver, Issue};

use crate::commands::Command;
use crate::commands::flags::{list, unless_blank};
use crate::flows::scout_signal::{self, OUTPUT, Signals, Wanted};
use crate::render::{Note, Object, Outcome, Page, Report, json, signal_page};

/// The arguments of `gait scout signal`.
#[derive(Debug, Args)]
pub struct Signal {
    /// Run ids, or paths of runpacks
    #[arg(value_name = "run_id|path")]
    run: Vec<String>,
    /// The same as a list, separated by commas
    #[arg(long, value_name = "list")]
    runs: Option<String>,
    /// Files of traces, separated by commas; a trace counts for the run it names
    #[arg(long, value_name = "list")]
    traces: Option<String>,
    /// Files of regress results, separated by commas
    #[arg(long, value_name = "list")]
    regress: Option<String>,
    /// File for the report [default: ./gait-out/scout_signal_report.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    out: Option<String>,
    /// File for the report as a page that opens from disk
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    html: Option<String>,
}

impl Command for Signal {
    const SUMMARY: &'static str = "families of incidents";
    const EXPLAIN: &'static str = "scout signal puts runs that did and failed alike into families, ranks them, and says what probably changed and what to do; nothing leaves the machine";
    const USAGE: &'static str = "gait scout signal <run_id|path>... [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait scout signal run_a run_b ./gait-out/runpack_run_c.zip", "looks at three runs"),
        (
            "gait scout signal --runs run_a,run_b --traces trace_1.json --regress regress_result.json --html signals.html",
            "adds what the gate and the regressions said, and draws a page",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the report was written")];

    fn run(self) -> Outcome {
        let mut runs = list(self.runs.as_deref());
        runs.extend(self.run);
        let wanted = Wanted {
            runs,
            traces: list(self.traces.as_deref()),
            regress: list(self.regress.as_deref()),
            output: unless_blank(self.out).unwrap_or_else(|| OUTPUT.into()),
            html: unless_blank(self.html),
        };
        Ok(Box::new(scout_signal::signal(wanted, signal_page::page)?))
    }
}

impl Report for Signals {
    fn object(&self) -> Object {
        let mut object = json::object(&serde_json::json!({
            "ok": true,
            "output_path": self.output,
            "run_count": self.summary.run_count,
            "family_count": self.summary.family_count,
            "top_issues": self.summary.top_issues.len(),
        }));
        if let Some(html) = &self.html {
            object.insert("html_path".into(), html.clone().into());
        }
        if !self.warnings.is_empty() {
            object.insert("warnings".into(), self.warnings.clone().into());
        }
        object
    }

    fn document(&self) -> Option<(&'static str, &File)> {
        Some(("report", &self.report))
    }

    fn page(&self, page: &mut Page) {
        let summary = &self.summary;
        page.line(format_args!(
            "scout signal ok: runs={} families={} top_issues={}",
            summary.run_count,
            summary.family_count,
            summary.top_issues.len()
        ));
        page.line(format_args!("output: {}", self.output));
        if let Some(html) = &self.html {
            page.line(format_args!("html: {html}"));
        }
        let Some(first) = summary.top_issues.first() else { return };
        page.line(format_args!(
            "top_issue: family={} severity={} score={} reason={}",
            first.family_id,
            first.severity_level.word(),
            first.severity_score,
            first.top_failure_reason
        ));
        table(&summary.top_issues, page);
        suggestions(&summary.top_issues, page);
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.warnings.iter().cloned().map(Note::Warning).collect();
        for (count, what) in
            [(self.summary.unmatched_traces, "trace"), (self.summary.unmatched_graders, "failed grader")]
        {
            if count > 0 {
                let (are, names) = if count == 1 { ("", "names") } else { ("s", "name") };
                notes.push(Note::Info(format!("{count} {what}{are} {names} none of these runs and did not count")));
            }
        }
        notes
    }
}

/// The first families, one a line.
fn table(issues: &[Issue], page: &mut Page) {
    let head = ["rank", "severity", "score", "runs", "family", "first run", "most frequent reason", "drivers"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(issues.iter().map(|issue| {
        let drivers: Vec<&str> = issue.drivers.iter().map(|driver| driver.word()).collect();
        [
            issue.rank.to_string(),
            issue.severity_level.word().to_owned(),
            issue.severity_score.to_string(),
            issue.count.to_string(),
            issue.family_id.clone(),
            short(&issue.canonical_run_id),
            if issue.most_frequent_reason.is_empty() { "none".into() } else { short(&issue.most_frequent_reason) },
            drivers.join(", "),
        ]
    }));
    page.table(&rows);
}

/// What to do, once for each driver.
fn suggestions(issues: &[Issue], page: &mut Page) {
    let mut told: Vec<Driver> = Vec::new();
    for issue in issues {
        for (driver, suggestion) in issue.drivers.iter().zip(&issue.suggestions) {
            if !told.contains(driver) {
                told.push(*driver);
                page.line(format_args!("{}: {}", driver.word(), suggestion.summary));
            }
        }
    }
}

/// So much of a name as a column holds.
fn short(text: &str) -> String {
    const WIDTH: usize = 32;
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
