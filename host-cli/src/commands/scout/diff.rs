//! `gait scout diff`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::args::usage_fault;
use crate::commands::Command;
use crate::commands::flags::unless_blank;
use crate::flows::scout_inventory::{self, Compared};
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait scout diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier snapshot and the later one
    #[arg(value_name = "left right", value_hint = ValueHint::FilePath)]
    snapshots: Vec<String>,
    /// The earlier snapshot, as a flag
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    left: Option<String>,
    /// The later snapshot, as a flag
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    right: Option<String>,
    /// File for the differences, as JSON
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    out: Option<String>,
}

impl Command for Diff {
    const SUMMARY: &'static str = "what changed in an inventory";
    const EXPLAIN: &'static str =
        "scout diff compares two snapshots by id: tools and servers that came, went, moved, or became riskier";
    const USAGE: &'static str = "gait scout diff <left> <right> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait scout diff approved.json today.json", "fails when anything differs from the approved list"),
        ("gait scout diff --left approved.json --right today.json --out drift.json", "also keeps the differences"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "nothing changed"), (ExitCode::VerificationFailed, "something changed")];

    fn run(self) -> Outcome {
        let mut given = self.snapshots.into_iter();
        let (left, right) = (self.left.or_else(|| given.next()), self.right.or_else(|| given.next()));
        match (left, right, given.next()) {
            (Some(left), Some(right), None) => {
                Ok(Box::new(scout_inventory::compare(left, right, unless_blank(self.out))?))
            }
            _ => Err(usage_fault("`scout diff` takes exactly two snapshots")
                .hint("name them as `gait scout diff <left> <right>`, or by `--left` and `--right`")
                .into()),
        }
    }
}

impl Report for Compared {
    fn exit(&self) -> ExitCode {
        if self.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let diff = &self.diff;
        page.verdict("scout_diff", self.ok, if self.ok { "same" } else { "drift" });
        page.pair("added", diff.added_count);
        page.pair("removed", diff.removed_count);
        page.pair("changed", diff.changed_count);
        let risk = |level: &str| if level.is_empty() { String::new() } else { format!(" ({level})") };
        for item in &diff.added {
            page.line(format_args!("  + {}{} in {}", item.id, risk(&item.risk_level), item.locator));
        }
        for item in &diff.removed {
            page.line(format_args!("  - {}{} in {}", item.id, risk(&item.risk_level), item.locator));
        }
        for item in &diff.changed {
            let before = format!("{}{}", item.before_locator, risk(&item.before_risk_level));
            let after = format!("{}{}", item.after_locator, risk(&item.after_risk_level));
            let what =
                if before == after { "name, kind or tags differ".into() } else { format!("{before} → {after}") };
            page.line(format_args!("  ~ {}: {what}", item.id));
        }
        if let Some(output) = &self.output_path {
            page.pair("output", output);
        }
    }
}
