//! `gait keys verify`.

use clap::Args;
use gait_contract::ExitCode;

use crate::commands::{Command, flags};
use crate::flows::keys::{self, Checked};
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait keys verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    keys: flags::Keys,
}

impl Command for Verify {
    const SUMMARY: &'static str = "checks that a key pair is in order";
    const EXPLAIN: &'static str = "keys verify checks that a private and a public key belong together and that nobody else can read the private one";
    const USAGE: &'static str = "gait keys verify [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait keys verify --private-key release.key --public-key release.pub", "checks a pair"),
        ("gait keys verify", "checks your development pair"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "the pair is in order"), (ExitCode::VerificationFailed, "it is not")];

    fn run(self) -> Outcome {
        let (public, private) = self.keys.sources()?;
        Ok(Box::new(keys::verify(public, private)?))
    }
}

impl Report for Checked {
    fn exit(&self) -> ExitCode {
        if self.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.verdict("keys", self.ok, if self.ok { "ok" } else { "failed" });
        page.pair("private_key", &self.private_key_path);
        page.pair("public_key", &self.public_key_path);
        page.pair("key_id", &self.key_id);
        for problem in &self.problems {
            page.wrong("problem", problem);
        }
    }
}
