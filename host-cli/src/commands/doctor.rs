//! `gait doctor`.

pub mod adoption;

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::cli::Plain;
use crate::commands::Command;
use crate::flows::doctor::{self, Diagnosis, Keys, Status, TEMPLATE, Visit};
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The project's folder
    #[arg(long, value_name = "folder", default_value = ".", value_hint = ValueHint::DirPath)]
    workdir: String,
    /// Where commands put what they make; relative to the project's folder
    #[arg(long, value_name = "folder", default_value = "./gait-out", value_hint = ValueHint::DirPath)]
    output_dir: String,
    /// Do what can be done without asking, then look
    #[arg(long)]
    fix: bool,
    /// Show only what is not in order
    #[arg(long)]
    summary: bool,
    /// Look at what production needs in `.gait/config.yaml`; what fails is exit 2
    #[arg(long)]
    production_readiness: bool,
    /// Print a configuration for production, and do nothing else
    #[arg(long)]
    production_template: bool,
    #[command(flatten)]
    keys: KeyFlags,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
struct KeyFlags {
    /// How you sign
    #[arg(long, value_name = "dev|prod", default_value = "dev")]
    key_mode: String,
    /// File of the private key
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    private_key: Option<String>,
    /// Environment variable that holds the private key
    #[arg(long, value_name = "name")]
    private_key_env: Option<String>,
    /// File of the public key
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    public_key: Option<String>,
    /// Environment variable that holds the public key
    #[arg(long, value_name = "name")]
    public_key_env: Option<String>,
}

impl Command for Doctor {
    const SUMMARY: &'static str = "is everything in order, and if not, which command mends it?";
    const EXPLAIN: &'static str =
        "doctor looks at folders, caches, keys and configuration, and names the command that mends each problem";
    const USAGE: &'static str = "gait doctor [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait doctor", "looks, and changes nothing"),
        ("gait doctor --fix", "makes missing folders and removes stale locks first"),
        (
            "gait doctor --key-mode prod --private-key traces.key --public-key traces.pub",
            "also looks whether the keys of production are usable and belong together",
        ),
        ("gait doctor --production-readiness", "looks at `.gait/config.yaml` before production"),
        ("gait doctor adoption --from log.jsonl", "tells how far the users of an adoption log got"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "looked, whatever was found"),
        (ExitCode::VerificationFailed, "not ready for production"),
        (ExitCode::DependencyMissing, "something is missing that no command can mend"),
    ];

    fn run(self) -> Outcome {
        if self.production_template {
            return Ok(Box::new(Plain::new("template", TEMPLATE.into())));
        }
        let keys = self.keys;
        Ok(Box::new(doctor::visit(&Visit {
            workdir: self.workdir,
            output_dir: self.output_dir,
            keys: Keys {
                mode: keys.key_mode,
                private_key: keys.private_key,
                private_key_env: keys.private_key_env,
                public_key: keys.public_key,
                public_key_env: keys.public_key_env,
            },
            production: self.production_readiness,
            fix: self.fix,
            summary: self.summary,
        })?))
    }
}

impl Report for Diagnosis {
    fn exit(&self) -> ExitCode {
        match (self.non_fixable, self.ok) {
            (true, _) => ExitCode::DependencyMissing,
            (false, false) => ExitCode::VerificationFailed,
            (false, true) => ExitCode::Success,
        }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        for fixed in &self.fixes {
            match &fixed.error {
                None => page.line(format_args!("fixed: {}", fixed.command)),
                Some(error) => page.line(format_args!("not fixed: {} ({error})", fixed.command)),
            }
        }
        page.line(&self.summary);
        if !self.summary_mode {
            page.line(format_args!("core: {}", self.core_digest));
        }
        for check in self.checks.iter().filter(|check| !self.summary_mode || check.status != Status::Pass) {
            page.check(check.name, check.status.word(), &check.message);
            if let Some(command) = &check.fix_command {
                page.line(format_args!("  fix: {command}"));
            }
        }
    }
}
