//! `gait version`.

use clap::Args;
use gait_contract::ExitCode;
use serde::Serialize;

use super::Command;
use crate::core::Core;
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait version`: none.
#[derive(Debug, Args)]
pub struct Version {}

impl Command for Version {
    const SUMMARY: &'static str = "version, and the digest of the core that decides";
    const EXPLAIN: &'static str = "version prints gait's version; with --json also the digest of the core, which the packages and the site print as well";
    const USAGE: &'static str = "gait version [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait version", "prints `gait VERSION`; so do `gait`, `gait --version` and `gait -v`"),
        ("gait version --json", "also tells which core decides, for comparison with other installations"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "always")];

    fn run(self) -> Outcome {
        Ok(Box::new(Installed {
            ok: true,
            version: env!("CARGO_PKG_VERSION"),
            core_digest: Core::digest(),
            producer_version: Core::producer_version(),
        }))
    }
}

#[derive(Serialize)]
struct Installed {
    ok: bool,
    version: &'static str,
    core_digest: &'static str,
    producer_version: String,
}

impl Report for Installed {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("gait {}", self.version));
    }
}

/// The answer to `gait` without any argument: the version, and how to go on.
pub fn bare(report: Box<dyn Report>) -> Box<dyn Report> {
    Box::new(Bare(report))
}

struct Bare(Box<dyn Report>);

impl Report for Bare {
    fn object(&self) -> Object {
        self.0.object()
    }

    fn page(&self, page: &mut Page) {
        self.0.page(page);
    }

    fn notes(&self) -> Vec<Note> {
        vec![Note::Hint("`gait demo` is a first win, `gait help` lists the commands".into())]
    }
}
