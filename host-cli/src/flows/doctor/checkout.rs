//! What only a source tree has: schemas, hooks, first steps.

use std::path::Path;
use std::process::{Command, Stdio};

use super::fix::Fix;
use super::{Check, Folders, Scope, quoted};
use crate::host::paths;

/// Where the contract puts the schemas.
pub(super) const SCHEMAS: &str = "schemas/v1";

/// The schemas that a tree has, in the order they are reported.
const NAMES: [&str; 18] = [
    "runpack/manifest",
    "runpack/run",
    "runpack/intent",
    "runpack/result",
    "runpack/refs",
    "gate/intent_request",
    "gate/gate_result",
    "gate/trace_record",
    "gate/approval_token",
    "gate/approval_audit_record",
    "gate/broker_credential_record",
    "policytest/policy_test_result",
    "regress/regress_result",
    "scout/inventory_snapshot",
    "guard/pack_manifest",
    "registry/registry_pack",
    "scout/adoption_event",
    "scout/operational_event",
];

/// The script of the first steps.
const QUICKSTART: &str = "scripts/quickstart.sh";
/// The first integrations.
const INTEGRATIONS: [&str; 3] = [
    "examples/integrations/openai_agents/quickstart.py",
    "examples/integrations/langchain/quickstart.py",
    "examples/integrations/autogen/quickstart.py",
];

pub(super) fn schema_files(folders: &Folders) -> Check {
    const NAME: &str = "schema_files";
    let paths = NAMES.iter().map(|name| format!("{SCHEMAS}/{name}.schema.json"));
    let missing: Vec<String> = paths.filter(|path| !folders.work.join(path).exists()).collect();
    let check = if missing.is_empty() {
        Check::pass(NAME, format!("all {} schemas are there", NAMES.len()))
    } else {
        let mut check = Check::fail(NAME, format!("missing: {}", missing.join(", ")));
        check.non_fixable = true;
        check
    };
    check.scope(Scope::RepoCheckout)
}

pub(super) fn hooks_path(folders: &Folders) -> Check {
    const NAME: &str = "hooks_path";
    let mut git = Command::new("git");
    git.args(["config", "--get", "core.hooksPath"]).current_dir(&folders.work).stdin(Stdio::null());
    let set = match git.output() {
        Ok(done) if done.status.success() => String::from_utf8_lossy(&done.stdout).trim().to_owned(),
        Ok(_) => String::new(),
        Err(_) => return Check::warn(NAME, "git cannot be run").command("make hooks").scope(Scope::RepoCheckout),
    };
    let check = if !set.is_empty() && paths::clean(&set) == ".githooks" {
        Check::pass(NAME, "git runs the hooks of the tree")
    } else {
        Check::warn(NAME, "git does not run the hooks of the tree").command("make hooks")
    };
    check.scope(Scope::RepoCheckout)
}

pub(super) fn onboarding_assets(folders: &Folders) -> Check {
    const NAME: &str = "onboarding_assets";
    let all = std::iter::once(QUICKSTART).chain(INTEGRATIONS);
    let missing: Vec<&str> = all.filter(|path| !folders.work.join(path).is_file()).collect();
    let script = folders.work.join(QUICKSTART);
    let check = if !missing.is_empty() {
        let restore = missing.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" ");
        Check::warn(NAME, format!("missing: {}", missing.join(", "))).command(format!("git checkout -- {restore}"))
    } else if !is_executable(&script) {
        Check::warn(NAME, format!("{QUICKSTART} cannot be run"))
            .command(format!("chmod +x {QUICKSTART}"))
            .safely(Fix::MakeExecutable(script))
    } else {
        Check::pass(NAME, "the first steps are there")
    };
    check.scope(Scope::RepoCheckout)
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}
