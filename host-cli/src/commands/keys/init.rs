//! `gait keys init`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::flows::keys::{self, Pair};
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait keys init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Folder of the pair; made if need be
    #[arg(long, value_name = "dir", default_value = ".", value_hint = ValueHint::DirPath)]
    out_dir: String,
    /// Name of both files, before `.key` and `.pub`
    #[arg(long, value_name = "name", default_value = "gait")]
    prefix: String,
    /// Replace a pair that is there
    #[arg(long)]
    force: bool,
}

impl Command for Init {
    const SUMMARY: &'static str = "makes a signing key pair";
    const EXPLAIN: &'static str =
        "keys init makes an Ed25519 key pair: NAME.key to sign with and keep, NAME.pub to hand out";
    const USAGE: &'static str = "gait keys init [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait keys init --out-dir keys --prefix release", "writes keys/release.key (mode 0600) and keys/release.pub"),
        ("gait run record run.json --key-mode prod --private-key keys/release.key", "signs with it"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the pair was written")];

    fn run(self) -> Outcome {
        Ok(Box::new(keys::init(&self.out_dir, &self.prefix, self.force)?))
    }
}

impl Report for Pair {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("private_key", &self.private_key_path);
        page.pair("public_key", &self.public_key_path);
        page.pair("key_id", &self.key_id);
    }
}
