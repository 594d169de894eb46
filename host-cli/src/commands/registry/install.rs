//! `gait registry install`.

use clap::{Args, ValueHint};
use gait_contract::{ExitCode, duration};

use super::names;
use crate::args::usage_fault;
use crate::commands::{Command, flags};
use crate::flows::registry_install::{self, Installed, Wanted};
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait registry install`.
#[derive(Debug, Args)]
pub struct Install {
    /// Path or address of the manifest
    #[arg(value_name = "source", value_hint = ValueHint::FilePath)]
    positional: Option<String>,
    /// Path or address of the manifest, instead of the argument
    #[arg(long, value_name = "path|url", value_hint = ValueHint::FilePath)]
    source: Option<String>,
    /// The cache; `~/.gait/registry` unless it is named
    #[arg(long, value_name = "folder", value_hint = ValueHint::DirPath)]
    cache_dir: Option<String>,
    /// Publishers that are allowed, separated by commas
    #[arg(long, value_name = "names")]
    publisher_allowlist: Option<String>,
    /// The digest that is expected
    #[arg(long, value_name = "sha256:digest")]
    pin: Option<String>,
    #[command(flatten)]
    keys: flags::Keys,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Remote sources")]
struct Remote {
    /// Hosts that may be contacted, separated by commas; every redirect is held against them
    #[arg(long, value_name = "hosts")]
    allow_host: Option<String>,
    /// How often a host is asked
    #[arg(long, value_name = "count", default_value = "3")]
    retry_max_attempts: i64,
    /// Pause before the second attempt; it doubles after each
    #[arg(long, value_name = "duration", default_value = "200ms", value_parser = span)]
    retry_base_delay: i64,
    /// Allow plain HTTP to this machine, for trying things out
    #[arg(long)]
    allow_insecure_http: bool,
    /// Take the manifest that `--pin` names from the cache when the host cannot be reached
    #[arg(long)]
    allow_cached_fallback: bool,
}

fn span(text: &str) -> Result<i64, String> {
    duration::parse(text).ok_or_else(|| "write a number with a unit, for example 200ms".into())
}

impl Command for Install {
    const SUMMARY: &'static str = "put a signed pack's manifest into the cache and pin it";
    const EXPLAIN: &'static str = "registry install checks a pack's manifest against the publisher's key, stores it in the cache and pins its digest; it contacts a host only when the source is an address";
    const USAGE: &'static str = "gait registry install <path|url> --public-key <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait registry install registry_pack.json --public-key publisher.pub", "installs from a file"),
        (
            "gait registry install https://packs.example/harbor.json --allow-host packs.example --public-key publisher.pub --pin sha256:24c4…",
            "fetches a manifest whose digest is known",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "installed and pinned"),
        (ExitCode::VerificationFailed, "the manifest is not to be trusted; nothing was written"),
    ];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let source = match (self.positional, self.source) {
            (Some(source), None) | (None, Some(source)) => source,
            (Some(_), Some(_)) => {
                return Err(usage_fault("the source is named twice, by `--source` and as an argument").into());
            }
            (None, None) => {
                return Err(usage_fault("the source is missing").hint(format!("usage: {}", Self::USAGE)).into());
            }
        };
        let (public, private) = self.keys.sources()?;
        Ok(Box::new(registry_install::install(Wanted {
            source,
            cache_dir: self.cache_dir,
            hosts: names(self.remote.allow_host),
            insecure_http: self.remote.allow_insecure_http,
            attempts: self.remote.retry_max_attempts,
            pause: self.remote.retry_base_delay,
            cached_fallback: self.remote.allow_cached_fallback,
            publishers: names(self.publisher_allowlist),
            pin: self.pin.unwrap_or_default(),
            public,
            private,
        })?))
    }
}

impl Report for Installed {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("registry install ok: {}@{}", self.pack_name, self.pack_version));
        page.line(format_args!("digest: sha256:{}", self.digest));
        if let Some(path) = &self.fallback_path {
            page.line(format_args!("fallback: {path}"));
        }
    }

    fn notes(&self) -> Vec<Note> {
        let unreached = self.unreached.as_ref().map(|why| Note::Warning(format!("the cache stood in: {why}")));
        let moved = self.previous_pin.as_ref().map(|before| {
            Note::Warning(format!(
                "the pin of {} was {before} before; `--pin` says which digest you expect",
                self.pack_name
            ))
        });
        unreached.into_iter().chain(moved).collect()
    }
}
