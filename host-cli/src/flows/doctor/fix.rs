//! What `--fix` does: nothing that could lose anything. Making a folder that gait would make anyway, removing a lock
//! that gait would take over anyway, taking from others the right to write a key, making a script of the tree runnable.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::Check;
use super::cache::age;
use crate::host::fs;

/// Something that can be done without asking.
#[derive(Debug)]
pub(super) enum Fix {
    /// Make a folder and those above it.
    MakeFolder(PathBuf),
    /// Remove a lock, if it is still as old as that.
    RemoveLock { path: PathBuf, older_than: Duration },
    /// Nobody but its owner may write it.
    TakeWriting(PathBuf),
    /// Everybody who may read it may run it.
    MakeExecutable(PathBuf),
}

/// Something that was done, or not.
#[derive(Debug, Serialize)]
pub struct Fixed {
    /// The check it was for.
    pub name: &'static str,
    /// The command it stands for.
    pub command: String,
    /// It was done.
    pub applied: bool,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Does what can be done about these checks. All the others keep their commands.
pub(super) fn apply(checks: Vec<Check>) -> Vec<Fixed> {
    let fixes = checks.into_iter().filter_map(|check| Some((check.name, check.fix_command?, check.fix?)));
    fixes
        .map(|(name, command, fix)| {
            let error = fix.apply().err();
            Fixed { name, command, applied: error.is_none(), error }
        })
        .collect()
}

impl Fix {
    fn apply(&self) -> Result<(), String> {
        match self {
            Self::MakeFolder(folder) => {
                let made = fs::make_folder(folder, 0o750);
                made.map(|mut made| made.keep()).map_err(|fault| fault.error.clone())
            }
            Self::RemoveLock { path, older_than } => {
                // Somebody may have taken it since it was looked at.
                let old =
                    path.symlink_metadata().ok().and_then(|found| age(&found)).is_some_and(|age| age > *older_than);
                if !old {
                    return Err("the lock is in use again".into());
                }
                told(std::fs::remove_file(path))
            }
            Self::TakeWriting(path) => told(change_mode(path, |mode| mode & !0o022)),
            Self::MakeExecutable(path) => told(change_mode(path, |mode| mode | (mode & 0o444) >> 2)),
        }
    }
}

fn told(done: io::Result<()>) -> Result<(), String> {
    done.map_err(|error| fs::words(&error))
}

fn change_mode(path: &Path, change: fn(u32) -> u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata()?.permissions().mode();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(change(mode)))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, change);
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_a_lock_that_is_still_stale_goes() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("x.lock");
        let file = std::fs::File::create(&path).expect("a file");
        let lock = Fix::RemoveLock { path: path.clone(), older_than: Duration::from_secs(30) };
        assert!(lock.apply().is_err_and(|why| why.contains("in use")) && path.exists());
        file.set_modified(SystemTime::now() - Duration::from_secs(31)).expect("set");
        lock.apply().expect("removed");
        assert!(!path.exists() && lock.apply().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn rights_of_others_are_taken_and_nothing_else() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("key");
        std::fs::write(&path, b"x").expect("written");
        let mode = || path.metadata().expect("there").permissions().mode() & 0o777;
        for (before, fix, after) in [
            (0o666, Fix::TakeWriting(path.clone()), 0o644),
            (0o640, Fix::MakeExecutable(path.clone()), 0o750),
            (0o600, Fix::MakeExecutable(path.clone()), 0o700),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(before)).expect("set");
            fix.apply().expect("applied");
            assert_eq!(mode(), after);
        }
        let made = root.path().join("a/b");
        Fix::MakeFolder(made.clone()).apply().expect("made");
        assert!(made.is_dir() && Fix::MakeFolder(path.join("x")).apply().is_err());
    }
}
