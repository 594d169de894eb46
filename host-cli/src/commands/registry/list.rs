//! `gait registry list`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::flows::registry::{self, Listed};
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait registry list`.
#[derive(Debug, Args)]
pub struct List {
    /// The cache; `~/.gait/registry` unless it is named
    #[arg(long, value_name = "folder", value_hint = ValueHint::DirPath)]
    cache_dir: Option<String>,
}

impl Command for List {
    const SUMMARY: &'static str = "which packs are installed";
    const EXPLAIN: &'static str =
        "registry list names the packs in the cache, with the digest of each and whether it is the pinned one";
    const USAGE: &'static str = "gait registry list [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait registry list", "lists the packs in `~/.gait/registry`; signatures are not looked at")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "listed, even if there is nothing")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(registry::list(self.cache_dir.as_deref())?))
    }
}

impl Report for Listed {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let count = self.packs.len();
        page.line(format_args!("registry list ok: {count} pack{}", if count == 1 { "" } else { "s" }));
        for pack in &self.packs {
            let pinned = match (&pack.pin_digest, pack.pin_verified) {
                (_, true) => " (pinned)",
                (Some(_), false) => " (another one is pinned)",
                (None, false) => " (not pinned)",
            };
            page.line(format_args!("- {}@{} sha256:{}{pinned}", pack.pack_name, pack.pack_version, pack.digest));
        }
    }
}
