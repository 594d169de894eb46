//! `gait guard encrypt`.

use clap::{Args, ValueHint};
use gait_contract::{ExitCode, Fault};

use crate::commands::{Command, flags};
use crate::flows::guard_crypt::{self, Encrypted, Wanted};
use crate::flows::project_config::list;
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait guard encrypt`.
#[derive(Debug, Args)]
pub struct Encrypt {
    #[command(flatten)]
    sealing: Sealing,
}

/// Which file, and which key.
#[derive(Debug, Args)]
pub struct Sealing {
    /// The file
    #[arg(value_name = "file", value_hint = ValueHint::FilePath)]
    file: Option<String>,
    /// The file, instead of the argument
    #[arg(long = "in", value_name = "file", value_hint = ValueHint::FilePath)]
    input: Option<String>,
    /// Where the result goes; an existing file is replaced [default: with .gaitenc added or taken away]
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    out: String,
    /// Environment variable with the key: base64 of 32 bytes
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    key_env: String,
    /// File with the key: base64 of 32 bytes
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    key_file: String,
    /// Program that prints the key, run without a shell; it has 30 seconds and 4 KiB
    #[arg(long, value_name = "program", default_value = "", hide_default_value = true)]
    key_command: String,
    /// Its arguments, separated by commas
    #[arg(long, value_name = "arguments", default_value = "", hide_default_value = true)]
    key_command_args: String,
}

impl Sealing {
    /// What is wanted.
    pub fn wanted(self, usage: &str) -> Result<Wanted, Fault> {
        Ok(Wanted {
            input: flags::named("file", self.input, self.file, usage)?,
            out: self.out,
            key_env: self.key_env,
            key_file: self.key_file,
            key_command: self.key_command,
            key_command_args: list(&self.key_command_args),
        })
    }
}

impl Command for Encrypt {
    const SUMMARY: &'static str = "encrypts a file for keeping";
    const EXPLAIN: &'static str = "guard encrypt puts a file into an envelope that only a key opens and nobody can change unnoticed (AES-256-GCM)";
    const USAGE: &'static str = "gait guard encrypt <file> --key-env <name> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait guard encrypt evidence_pack.zip --key-env EVIDENCE_KEY", "writes evidence_pack.zip.gaitenc"),
        (
            "gait guard encrypt evidence_pack.zip --key-command vault --key-command-args kv,get,-field=key,evidence",
            "with a key that a program prints",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the envelope was written")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(guard_crypt::encrypt(&self.sealing.wanted(Self::USAGE)?)?))
    }
}

impl Report for Encrypted {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("guard encrypt ok: {}", self.path));
        page.pair("plain_sha256", &self.plain_sha256);
    }
}
