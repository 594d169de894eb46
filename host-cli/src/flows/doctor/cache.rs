//! What other commands left behind: the registry cache and the lock of the rate limits.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::fix::Fix;
use super::{Check, Folders, quoted};
use crate::host::{fs, pack_cache, paths};

/// The lock of the rate-limit state where commands put it unless told otherwise.
const LOCK: &str = "gate_rate_limits.json.lock";
/// A lock that is older was left by a process that is gone.
const STALE: Duration = Duration::from_secs(30);

pub(super) fn registry() -> Check {
    const NAME: &str = "registry_cache";
    const MAKE: &str = "mkdir -p ~/.gait/registry";
    let Some(cache) = pack_cache::in_home() else {
        return Check::warn(NAME, "HOME is not set, so packs cannot be installed without --cache-dir").command(MAKE);
    };
    let folder = Path::new(&cache);
    if !folder.exists() {
        return Check::warn(NAME, format!("{cache} is not there yet; `gait registry install` makes it"))
            .command(MAKE)
            .safely(Fix::MakeFolder(folder.into()));
    }
    if !folder.is_dir() {
        return Check::fail(NAME, format!("{cache} is a file, not a folder; move it away"));
    }
    match bad_pins(&cache) {
        Ok(bad) if bad.is_empty() => Check::pass(NAME, format!("every pin in {cache} leads to its pack")),
        Ok(bad) => Check::warn(NAME, format!("pins that lead to no pack: {}", bad.join(", "))).command(listing(&cache)),
        Err(why) => Check::warn(NAME, format!("{cache} cannot be read: {why}")).command(listing(&cache)),
    }
}

fn listing(cache: &str) -> String {
    format!("gait registry list --cache-dir {}", quoted(cache))
}

/// Pins whose digest has no manifest.
fn bad_pins(cache: &str) -> Result<Vec<String>, String> {
    let manifests = pack_cache::manifests(cache).map_err(|fault| fault.error.clone())?;
    let installed =
        |digest: &str| manifests.iter().any(|manifest| paths::folder_of(manifest).rsplit('/').next() == Some(digest));
    let mut bad = Vec::new();
    for path in pack_cache::pins(cache).map_err(|error| fs::words(&error))? {
        let path = path.display().to_string();
        let text = pack_cache::pin(&path).ok().flatten().unwrap_or_default();
        let digest = pack_cache::pin_digest(&text);
        if digest.len() != 64 || !installed(&digest) {
            bad.push(path);
        }
    }
    Ok(bad)
}

pub(super) fn rate_limit_lock(folders: &Folders) -> Check {
    const NAME: &str = "gate_rate_limit_lock";
    let path = folders.out.join(LOCK);
    let shown = path.display().to_string();
    let Ok(found) = path.symlink_metadata() else {
        return Check::pass(NAME, "no lock is held");
    };
    if !found.is_file() {
        return Check::warn(NAME, format!("{shown} should be a file; move it away"));
    }
    match age(&found) {
        Some(age) if age <= STALE => Check::pass(NAME, "a lock is held by a call that is running"),
        Some(age) => Check::warn(NAME, format!("{shown} was left {} seconds ago", age.as_secs()))
            .command(format!("rm -f {}", quoted(&shown)))
            .safely(Fix::RemoveLock { path, older_than: STALE }),
        None => Check::warn(NAME, format!("{shown} has no time that could be compared")),
    }
}

/// How long ago a file was written; a time in the future is none.
pub(super) fn age(found: &std::fs::Metadata) -> Option<Duration> {
    let modified = found.modified().ok()?;
    Some(SystemTime::now().duration_since(modified).unwrap_or_default())
}
