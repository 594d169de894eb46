//! Look at this machine and this folder, and name for each problem the command that mends it (doctor contract).
//!
//! `place` looks at folders, `cache` at what other commands left there, `checkout` at what only a source tree has,
//! `keys` at signing keys, `program` at the installed programs, `production` at the project's configuration. `fix`
//! does what can be done without asking.

mod cache;
mod checkout;
mod fix;
mod keys;
mod place;
mod production;
mod program;

use std::path::{Path, PathBuf};

use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Fault, Timestamp};
use serde::Serialize;

use crate::core::Core;
use crate::host::{clock, paths};

pub use fix::Fixed;
pub use keys::Keys;
pub use production::TEMPLATE;

/// `schema_id` of the result.
const SCHEMA: &str = "gait.doctor.result";

/// What is looked at.
pub struct Visit {
    /// The project's folder.
    pub workdir: String,
    /// Where commands put what they make.
    pub output_dir: String,
    /// The keys as they were named.
    pub keys: Keys,
    /// Look at what production needs, rather than at everything.
    pub production: bool,
    /// Do what can be done without asking, then look.
    pub fix: bool,
    /// Only what is not in order.
    pub summary: bool,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In order.
    Pass,
    /// Worth a look.
    Warn,
    /// Not in order.
    Fail,
}

impl Status {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// Where a check belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everywhere.
    Universal,
    /// In a source tree.
    RepoCheckout,
    /// Before production.
    ProductionReadiness,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Its name, for ever.
    pub name: &'static str,
    /// How it came out.
    pub status: Status,
    /// What was found.
    pub message: String,
    /// Where it belongs.
    pub scope: Scope,
    /// What mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_command: Option<String>,
    /// No command mends it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_fixable: bool,
    /// What `--fix` does about it.
    #[serde(skip)]
    fix: Option<fix::Fix>,
}

impl Check {
    fn new(name: &'static str, status: Status, message: impl Into<String>) -> Self {
        let (message, scope) = (message.into(), Scope::Universal);
        Self { name, status, message, scope, fix_command: None, non_fixable: false, fix: None }
    }

    fn pass(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Pass, message)
    }

    fn warn(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Warn, message)
    }

    fn fail(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Fail, message)
    }

    fn command(mut self, command: impl Into<String>) -> Self {
        self.fix_command = Some(command.into());
        self
    }

    fn safely(mut self, fix: fix::Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// Nothing is beyond a command's help; for production, nothing fails.
    pub ok: bool,
    schema_id: &'static str,
    schema_version: &'static str,
    created_at: Timestamp,
    producer_version: String,
    /// The digest of the core that decides; equal digests decide equally.
    pub core_digest: &'static str,
    /// `repo_checkout` or `installed_binary`.
    pub onboarding_mode: &'static str,
    /// Which programs there are.
    #[serde(flatten)]
    pub programs: program::Programs,
    /// The worst of all checks.
    pub status: Status,
    /// Something is beyond a command's help.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_fixable: bool,
    /// All of it in a line.
    pub summary: String,
    /// Only what is not in order is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub summary_mode: bool,
    /// What mends it, each command once, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix_commands: Vec<String>,
    /// What `--fix` did before looking.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fixed>,
    /// What was looked at, in the contract's order.
    pub checks: Vec<Check>,
    /// What production needs was looked at.
    #[serde(skip)]
    pub production: bool,
}

/// The folders that checks are about.
struct Folders {
    work: PathBuf,
    out: PathBuf,
    work_text: String,
    out_text: String,
}

/// Looks, and with `--fix` mends first.
pub fn visit(visit: &Visit) -> Result<Diagnosis, Fault> {
    let folders = Folders::of(visit);
    let mut fixes = Vec::new();
    if visit.fix {
        fixes = fix::apply(look(visit, &folders)?);
    }
    let checks = look(visit, &folders)?;
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (failed, warned) = (count(Status::Fail), count(Status::Warn));
    let status = match (failed, warned) {
        (0, 0) => Status::Pass,
        (0, _) => Status::Warn,
        _ => Status::Fail,
    };
    let non_fixable = checks.iter().any(|check| check.non_fixable);
    let mut fix_commands: Vec<String> = checks.iter().filter_map(|check| check.fix_command.clone()).collect();
    fix_commands.sort();
    fix_commands.dedup();
    let word = status.word();
    Ok(Diagnosis {
        ok: !(non_fixable || visit.production && failed > 0),
        schema_id: SCHEMA,
        schema_version: SCHEMA_VERSION,
        created_at: clock::now(),
        producer_version: Core::producer_version(),
        core_digest: Core::digest(),
        onboarding_mode: if folders.is_checkout() { "repo_checkout" } else { "installed_binary" },
        programs: program::find(),
        status,
        non_fixable,
        summary: format!("doctor: status={word} failed={failed} warned={warned} non_fixable={non_fixable}"),
        summary_mode: visit.summary,
        fix_commands,
        fixes,
        checks,
        production: visit.production,
    })
}

fn look(visit: &Visit, folders: &Folders) -> Result<Vec<Check>, Fault> {
    let mut checks = vec![place::workdir(folders), place::output_dir(folders), place::temp_dir()];
    if !visit.production {
        if folders.is_checkout() {
            checks.extend([checkout::schema_files(folders), checkout::hooks_path(folders)]);
        }
        checks.extend([cache::registry(), cache::rate_limit_lock(folders), program::onboarding_binary()]);
        if folders.is_checkout() {
            checks.push(checkout::onboarding_assets(folders));
        }
    }
    checks.extend(visit.keys.checks()?);
    if visit.production {
        checks.extend(production::checks(&folders.work)?);
    }
    Ok(checks)
}

impl Folders {
    fn of(visit: &Visit) -> Self {
        let or = |text: &str, usual: &str| match text.trim() {
            "" => usual.to_owned(),
            text => text.to_owned(),
        };
        let work_text = or(&visit.workdir, ".");
        let out_text = or(&visit.output_dir, paths::OUT_DIR);
        let out_text = if Path::new(&out_text).is_absolute() {
            paths::clean(&out_text)
        } else {
            paths::clean(&format!("{work_text}/{out_text}"))
        };
        Self { work: PathBuf::from(&work_text), out: PathBuf::from(&out_text), work_text, out_text }
    }

    /// True in a tree that has the contract's schemas where the contract puts them.
    fn is_checkout(&self) -> bool {
        self.work.join(checkout::SCHEMAS).is_dir()
    }
}

/// A path in single quotes, as shells read it.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', "'\\''"))
}
