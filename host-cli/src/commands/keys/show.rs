//! `gait keys show`.

use clap::Args;
use gait_contract::ExitCode;

use crate::commands::{Command, flags};
use crate::flows::keys::{self, Shown};
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait keys show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    keys: flags::Keys,
}

impl Command for Show {
    const SUMMARY: &'static str = "shows a public key and its id";
    const EXPLAIN: &'static str = "keys show prints where a key is, its public half and its key id: your development key's, unless you name another";
    const USAGE: &'static str = "gait keys show [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait keys show", "your development key"),
        ("gait keys show --public-key release.pub", "the key id that signatures by that key name"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the key was shown")];

    fn run(self) -> Outcome {
        let (public, private) = self.keys.sources()?;
        Ok(Box::new(keys::show(public, private)?))
    }
}

impl Report for Shown {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("kind", self.kind);
        page.pair("path", &self.path);
        page.pair("public_key", &self.public_key);
        page.pair("key_id", &self.key_id);
    }
}
