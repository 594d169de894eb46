//! `gait registry verify`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use super::names;
use crate::args::usage_fault;
use crate::commands::{Command, flags};
use crate::flows::registry::{self, Check, Checked};
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait registry verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The manifest
    #[arg(value_name = "registry_pack.json", value_hint = ValueHint::FilePath)]
    manifest: Option<String>,
    /// The manifest, instead of the argument
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    path: Option<String>,
    /// The cache whose pin counts; known by itself for a manifest that is in one
    #[arg(long, value_name = "folder", value_hint = ValueHint::DirPath)]
    cache_dir: Option<String>,
    /// Publishers that are allowed, separated by commas
    #[arg(long, value_name = "names")]
    publisher_allowlist: Option<String>,
    /// Write a report here
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    report_out: Option<String>,
    #[command(flatten)]
    keys: flags::Keys,
}

impl Command for Verify {
    const SUMMARY: &'static str = "is a manifest signed, pinned and of an allowed publisher?";
    const EXPLAIN: &'static str = "registry verify checks offline that a manifest is signed with the key you name, that the pin fits, and that its publisher is allowed";
    const USAGE: &'static str = "gait registry verify <registry_pack.json> --public-key <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait registry verify registry_pack.json --public-key publisher.pub", "checks the signature"),
        (
            "gait registry verify registry_pack.json --public-key publisher.pub --report-out report.json",
            "also writes a report, whatever the verdict",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "everything verifies"),
        (ExitCode::VerificationFailed, "signature, pin or publisher do not"),
    ];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let path = match (self.manifest, self.path) {
            (Some(path), None) | (None, Some(path)) => path,
            (Some(_), Some(_)) => {
                return Err(usage_fault("the manifest is named twice, by `--path` and as an argument").into());
            }
            (None, None) => {
                return Err(usage_fault("the manifest is missing").hint(format!("usage: {}", Self::USAGE)).into());
            }
        };
        let (public, private) = self.keys.sources()?;
        let publishers = names(self.publisher_allowlist);
        let (cache_dir, report_out) = (self.cache_dir, self.report_out);
        Ok(Box::new(registry::verify(Check { path, cache_dir, publishers, report_out, public, private })?))
    }
}

impl Report for Checked {
    fn exit(&self) -> ExitCode {
        if self.report.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let report = &self.report;
        if report.ok {
            let (name, version, digest) = (&report.pack_name, &report.pack_version, &report.digest);
            page.line(format_args!("registry verify ok: {name}@{version} sha256:{digest}"));
        } else {
            page.line(format_args!("registry verify failed: {}", self.reason()));
        }
        if !report.publisher.is_empty() {
            page.line(format_args!("publisher: {}", report.publisher));
        }
        if report.pin_present {
            page.line(format_args!("pin: {}", if report.pin_verified { "fits" } else { "does not fit" }));
        }
        if let Some(path) = &self.report_path {
            page.line(format_args!("report: {path}"));
        }
    }
}

impl Checked {
    fn reason(&self) -> String {
        let report = &self.report;
        let pin = (report.pin_present && !report.pin_verified)
            .then(|| format!("the pin is {}, the digest sha256:{}", report.pin_digest, report.digest));
        let error = Some(report.signature_error.clone()).filter(|error| !error.is_empty());
        [error, pin].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}
