//! Many new files at once, durable together: what a server leaves behind for each decision.
//!
//! A file has no name until it is complete, so that a process that is killed leaves nothing half-written. A batch is
//! synced as a whole, once, however many files it holds; only then do they get their names.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gait_contract::Fault;

use super::fs::{self, Draft};

/// A batch up to this size is synced file by file: nobody else's writing is waited for.
const ONE_BY_ONE: usize = 4;

/// A file that is to be written.
#[derive(Debug)]
pub struct NewFile {
    /// Where.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
    /// Another file may stand there, and is replaced.
    pub replaces: bool,
}

/// A file without a name.
enum Staged {
    /// Nowhere but in the system's memory of open files.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// Beside its place.
    Draft(Draft),
}

/// Writes files, all of them into folders that exist. What went wrong with one of them, its place in the result says;
/// nobody may rely on a file that is not there as `Ok`.
pub fn write(files: &[NewFile], durable: bool) -> Vec<Result<(), Fault>> {
    let mut staged: Vec<_> = files.iter().map(stage).collect();
    if durable && let Err(error) = sync(files, &staged) {
        for (file, outcome) in files.iter().zip(&mut staged) {
            if outcome.is_ok() {
                *outcome = Err(fs::unwritable(&file.path, &error));
            }
        }
    }
    let mut named: Vec<_> = files.iter().zip(staged).map(|(file, staged)| name(file, staged?)).collect();
    if durable && let Err((folder, error)) = sync_names(files) {
        for (file, outcome) in files.iter().zip(&mut named) {
            if outcome.is_ok() && fs::parent(&file.path) == folder {
                *outcome = Err(fs::unwritable(&file.path, &error));
            }
        }
    }
    named
}

#[cfg(target_os = "linux")]
fn stage(file: &NewFile) -> Result<Staged, Fault> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    if file.replaces {
        return draft(file);
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    // File systems without nameless files say so in several ways; the other way of writing tells what is really wrong.
    let Ok(opened) = openat(CWD, fs::parent(&file.path), flags, Mode::from_raw_mode(0o600)) else {
        return draft(file);
    };
    let mut opened = File::from(opened);
    opened.write_all(file.text.as_bytes()).map_err(|error| fs::unwritable(&file.path, &error))?;
    Ok(Staged::Unnamed(opened))
}

#[cfg(not(target_os = "linux"))]
fn stage(file: &NewFile) -> Result<Staged, Fault> {
    draft(file)
}

fn draft(file: &NewFile) -> Result<Staged, Fault> {
    Draft::holding(&file.path, file.text.as_bytes()).map(Staged::Draft)
}

/// Makes the content durable. Drafts see to themselves.
#[cfg(target_os = "linux")]
fn sync(files: &[NewFile], staged: &[Result<Staged, Fault>]) -> io::Result<()> {
    let mut nameless = staged.iter().filter_map(|staged| match staged {
        Ok(Staged::Unnamed(file)) => Some(file),
        _ => None,
    });
    if staged.len() <= ONE_BY_ONE {
        return nameless.try_for_each(File::sync_data);
    }
    if nameless.next().is_some() {
        for folder in folders(files) {
            rustix::fs::syncfs(File::open(folder)?)?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn sync(_: &[NewFile], _: &[Result<Staged, Fault>]) -> io::Result<()> {
    let _ = ONE_BY_ONE;
    Ok(())
}

fn name(file: &NewFile, staged: Staged) -> Result<(), Fault> {
    match staged {
        #[cfg(target_os = "linux")]
        Staged::Unnamed(opened) => {
            use std::os::fd::AsRawFd;

            use rustix::fs::{AtFlags, CWD, linkat};
            use rustix::io::Errno;
            let named = match linkat(&opened, "", CWD, &file.path, AtFlags::EMPTY_PATH) {
                // Older systems let only the administrator do it this way; without `/proc` there is no other.
                Err(Errno::NOENT) => {
                    let nameless = format!("/proc/self/fd/{}", opened.as_raw_fd());
                    linkat(CWD, nameless, CWD, &file.path, AtFlags::SYMLINK_FOLLOW)
                }
                named => named,
            };
            named.map_err(|error| fs::unwritable(&file.path, &error.into()))
        }
        Staged::Draft(draft) if file.replaces => draft.put(&file.path),
        Staged::Draft(draft) => match draft.put_new(&file.path)? {
            true => Ok(()),
            false => Err(fs::unwritable(&file.path, &io::ErrorKind::AlreadyExists.into())),
        },
    }
}

/// Makes the names durable; the folder where that failed.
fn sync_names(files: &[NewFile]) -> Result<(), (&Path, io::Error)> {
    for folder in folders(files) {
        let synced = if cfg!(unix) { File::open(folder).and_then(|folder| folder.sync_all()) } else { Ok(()) };
        synced.map_err(|error| (folder, error))?;
    }
    Ok(())
}

fn folders(files: &[NewFile]) -> Vec<&Path> {
    let mut folders: Vec<_> = files.iter().map(|file| fs::parent(&file.path)).collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests {
    use gait_contract::Code;

    use super::*;

    fn file(path: PathBuf, replaces: bool) -> NewFile {
        NewFile { text: path.display().to_string(), path, replaces }
    }

    #[test]
    fn a_batch_is_there_whole() {
        let root = tempfile::tempdir().expect("a folder");
        for (size, durable) in [(1, true), (1, false), (40, true), (40, false)] {
            let files: Vec<_> =
                (0..size).map(|index| file(root.path().join(format!("{durable}_{size}_{index}")), false)).collect();
            assert!(write(&files, durable).iter().all(Result::is_ok));
            for file in &files {
                assert_eq!(std::fs::read_to_string(&file.path).expect("there"), file.text);
            }
        }
        assert_eq!(std::fs::read_dir(root.path()).expect("list").count(), 82);
    }

    #[test]
    fn one_failure_is_one_failure() {
        let root = tempfile::tempdir().expect("a folder");
        let taken = root.path().join("taken");
        std::fs::write(&taken, "mine").expect("written");
        let files = [
            file(root.path().join("a"), false),
            file(taken.clone(), false),
            file(root.path().join("no/such/b"), false),
            file(root.path().join("c"), true),
        ];
        let outcomes = write(&files, true);
        let codes: Vec<_> =
            outcomes.iter().map(|outcome| outcome.as_ref().err().map(|fault| fault.error_code)).collect();
        assert_eq!(codes, [None, Some(Code::FileUnwritable), Some(Code::FileUnwritable), None]);
        assert_eq!(std::fs::read_to_string(&taken).expect("there"), "mine");
        assert!(write(&[file(taken.clone(), true)], false)[0].is_ok());
        assert_ne!(std::fs::read_to_string(&taken).expect("there"), "mine");
        assert_eq!(std::fs::read_dir(root.path()).expect("list").count(), 3);
    }
}
