//! `gait scout snapshot`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::commands::flags::{list, unless_blank};
use crate::flows::scout_inventory::{self, Covered, Taken, Wanted};
use crate::render::{Failure, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait scout snapshot`.
#[derive(Debug, Args)]
pub struct Snapshot {
    /// Folders to look into, separated by commas [default: .]
    #[arg(long, value_name = "list")]
    roots: Option<String>,
    /// Look only into files that match one of these patterns: a part of the path, or a glob of all of it
    #[arg(long, value_name = "list")]
    include: Option<String>,
    /// Pass over files that match one of these patterns
    #[arg(long, value_name = "list")]
    exclude: Option<String>,
    /// Policies to hold the list against, separated by commas
    #[arg(long, value_name = "list")]
    policy: Option<String>,
    /// File for the snapshot [default: ./gait-out/inventory_snapshot_<id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    out: Option<String>,
    /// File for the coverage [default: ./gait-out/inventory_coverage_<id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    coverage_out: Option<String>,
}

impl Command for Snapshot {
    const SUMMARY: &'static str = "inventory of tools and servers";
    const EXPLAIN: &'static str = "scout snapshot lists the agent tools in Python files and the MCP servers in configurations, and how many of them policies name; nothing is run";
    const USAGE: &'static str = "gait scout snapshot [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait scout snapshot --roots agents,tools --exclude gait-out/", "lists what is in two folders"),
        ("gait scout snapshot --policy gait.policy.yaml", "also says which risky tools no rule names"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the snapshot was written")];

    fn run(self) -> Outcome {
        let taken = scout_inventory::take(Wanted {
            roots: list(self.roots.as_deref()),
            include: list(self.include.as_deref()),
            exclude: list(self.exclude.as_deref()),
            output: unless_blank(self.out),
        })?;
        let policies = list(self.policy.as_deref());
        let covered = match policies.is_empty() {
            true => None,
            false => match scout_inventory::cover(&taken, policies, unless_blank(self.coverage_out)) {
                Ok(covered) => Some(covered),
                Err(fault) => {
                    let taken = Answer { taken, covered: None };
                    let mut failure = Failure::new(fault, taken.object());
                    failure.notes = taken.notes();
                    return Err(failure);
                }
            },
        };
        Ok(Box::new(Answer { taken, covered }))
    }
}

/// What was taken, and what of it policies speak of.
struct Answer {
    taken: Taken,
    covered: Option<Covered>,
}

impl Report for Answer {
    fn object(&self) -> Object {
        let Taken { path, snapshot_id, items, .. } = &self.taken;
        let mut object =
            json::object(&serde_json::json!({ "ok": true, "snapshot_path": path, "snapshot_id": snapshot_id }));
        if !items.is_empty() {
            object.insert("items".into(), items.len().into());
        }
        if let Some(Covered { path, coverage }) = &self.covered {
            object.insert("coverage".into(), json::object(coverage).into());
            object.insert("coverage_path".into(), path.clone().into());
        }
        if self.taken.skipped_total > 0 {
            let skipped: Vec<Object> = self.taken.skipped.iter().map(json::object).collect();
            object.insert("skipped".into(), skipped.into());
            object.insert("skipped_total".into(), self.taken.skipped_total.into());
        }
        object
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("scout snapshot ok: {}", self.taken.path));
        page.pair("snapshot_id", &self.taken.snapshot_id);
        page.pair("items", self.taken.items.len());
        if let Some(Covered { path, coverage }) = &self.covered {
            page.line(format_args!(
                "coverage: discovered={} gated={} high_risk_ungated={} coverage_percent={:.2}",
                coverage.discovered_tools,
                coverage.gated_tools,
                coverage.high_risk_ungated_tools,
                coverage.coverage_percent
            ));
            page.line(format_args!("coverage_path: {path}"));
            for id in &coverage.high_risk_ungated_tool_ids {
                page.care("high_risk_ungated", id);
            }
        }
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some(first) = self.taken.skipped.first() {
            let more = match self.taken.skipped_total {
                1 => String::new(),
                total => format!(", and {} more files were passed over", total - 1),
            };
            notes.push(Note::Info(format!("`{}` was passed over: {}{more}", first.path, first.reason)));
        }
        if self.taken.nameless > 0 {
            let count = self.taken.nameless;
            notes.push(Note::Warning(format!(
                "{count} files or folders have names that are no UTF-8 and were passed over"
            )));
        }
        notes
    }
}
