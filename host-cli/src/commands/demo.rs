//! `gait demo`.

use clap::Args;
use gait_contract::ExitCode;

use super::run::record::{announced, warnings};
use super::{Command, flags};
use crate::flows::{demo, signing};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait demo`.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    signing: flags::Signing,
}

impl Command for Demo {
    const SUMMARY: &'static str = "offline first win";
    const EXPLAIN: &'static str = "demo writes a small signed runpack to ./gait-out and verifies it, so that every other command has something to work on";
    const USAGE: &'static str = "gait demo [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait demo", "writes ./gait-out/runpack_run_demo.zip and prints the line to paste into a ticket"),
        ("gait verify run_demo", "checks it, as anybody can who has the file"),
        ("gait regress bootstrap --from run_demo", "makes a regression test of it"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "written and verified"),
        (ExitCode::VerificationFailed, "the new runpack does not verify"),
    ];

    fn run(self) -> Outcome {
        let signing = signing::choose(&self.signing.wish()?)?;
        announced(signing, demo::demo)
    }
}

impl Report for demo::Demo {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("run_id", &self.written.run_id);
        page.pair("bundle", &self.written.bundle);
        page.pair("ticket_footer", &self.written.ticket_footer);
        page.verdict("verify", true, self.verify);
    }

    fn notes(&self) -> Vec<Note> {
        warnings(&self.written.warnings)
    }
}
