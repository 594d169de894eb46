//! `gait guard decrypt`.

use clap::Args;
use gait_contract::ExitCode;

use super::encrypt::Sealing;
use crate::commands::Command;
use crate::flows::guard_crypt::{self, Decrypted};
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait guard decrypt`.
#[derive(Debug, Args)]
pub struct Decrypt {
    #[command(flatten)]
    sealing: Sealing,
}

impl Command for Decrypt {
    const SUMMARY: &'static str = "gets an encrypted file back";
    const EXPLAIN: &'static str =
        "guard decrypt opens what guard encrypt wrote, and writes nothing unless all of it is as it was";
    const USAGE: &'static str = "gait guard decrypt <file.gaitenc> --key-env <name> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait guard decrypt evidence_pack.zip.gaitenc --key-env EVIDENCE_KEY", "writes evidence_pack.zip")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the file was written")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(guard_crypt::decrypt(&self.sealing.wanted(Self::USAGE)?)?))
    }
}

impl Report for Decrypted {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("guard decrypt ok: {}", self.path));
        page.pair("plain_sha256", &self.plain_sha256);
    }
}
