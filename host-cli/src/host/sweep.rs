//! Finding and deleting files in a folder and below it. Links are never followed, and what has a name that is no text
//! is left alone.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use gait_contract::Fault;
use gait_contract::retention::FoundFile;

use super::{clock, fs};

/// What was found.
#[derive(Default)]
pub struct Found {
    /// Files and links, each with its time.
    pub files: Vec<FoundFile>,
    /// Number of entries whose names are no text.
    pub unnamed: u64,
}

/// Every file below a root, which may be a file itself. Paths begin with the root, unless that is the present folder.
pub fn below(root: &str) -> Result<Found, Fault> {
    let refused = |path: &Path, error: io::Error| fs::unreadable(path, &error);
    let mut found = Found::default();
    let top = Path::new(root);
    let known = top.metadata().map_err(|error| refused(top, error))?;
    if !known.is_dir() {
        let known = top.symlink_metadata().map_err(|error| refused(top, error))?;
        found.files.push(FoundFile { path: root.to_owned(), modified_at: clock::of(known.modified().ok()) });
        return Ok(found);
    }
    let mut folders: Vec<(PathBuf, String)> = vec![(top.to_path_buf(), root.to_owned())];
    while let Some((folder, shown)) = folders.pop() {
        for entry in folder.read_dir().map_err(|error| refused(&folder, error))? {
            let entry = entry.map_err(|error| refused(&folder, error))?;
            let Ok(name) = entry.file_name().into_string() else {
                found.unnamed += 1;
                continue;
            };
            let path = match shown.as_str() {
                "." => name,
                shown if shown.ends_with('/') => format!("{shown}{name}"),
                shown => format!("{shown}/{name}"),
            };
            // Of a link this is the link itself.
            let known = match entry.metadata() {
                Ok(known) => known,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(refused(&entry.path(), error)),
            };
            if known.is_dir() {
                folders.push((entry.path(), path));
            } else if known.is_file() || known.is_symlink() {
                found.files.push(FoundFile { path, modified_at: clock::of(known.modified().ok()) });
            }
        }
    }
    Ok(found)
}

/// Deletes a file that is still the one that was found; `Ok(false)` when it has changed since. One that is gone
/// already needs no deleting.
pub fn delete(file: &FoundFile) -> Result<bool, Fault> {
    let path = Path::new(&file.path);
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match path.symlink_metadata() {
        Err(error) if gone(&error) => return Ok(true),
        Err(error) => return Err(fs::unwritable(path, &error)),
        Ok(known) if !is_the_same(&known, file) => return Ok(false),
        Ok(_) => {}
    }
    match std::fs::remove_file(path) {
        Err(error) if !gone(&error) => Err(fs::unwritable(path, &error)),
        _ => Ok(true),
    }
}

fn is_the_same(known: &Metadata, file: &FoundFile) -> bool {
    !known.is_dir() && clock::of(known.modified().ok()) == file.modified_at
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_followed_and_changed_files_stay() {
        let root = tempfile::tempdir().expect("a folder");
        let place = |name: &str| root.path().join(name);
        std::fs::create_dir_all(place("a/b")).expect("made");
        std::fs::create_dir_all(place("outside")).expect("made");
        std::fs::write(place("a/b/one"), b"1").expect("written");
        std::fs::write(place("outside/two"), b"2").expect("written");
        std::os::unix::fs::symlink(place("outside"), place("a/link")).expect("linked");
        let found = below(&place("a").display().to_string()).expect("found");
        let mut paths: Vec<&str> = found.files.iter().filter_map(|file| file.path.rsplit('/').next()).collect();
        paths.sort_unstable();
        assert_eq!((paths.as_slice(), found.unnamed), (&["link", "one"][..], 0));
        for file in &found.files {
            assert_eq!(delete(file).ok(), Some(true), "{}", file.path);
            assert_eq!(delete(file).ok(), Some(true), "it is gone already");
        }
        assert!(place("outside/two").exists());
        let file = FoundFile { path: place("outside/two").display().to_string(), ..FoundFile::default() };
        assert_eq!(delete(&file).ok(), Some(false));
        assert!(place("outside/two").exists());
        let folder = FoundFile { path: place("outside").display().to_string(), ..FoundFile::default() };
        assert_eq!(delete(&folder).ok(), Some(false));
        assert!(below(&place("nowhere").display().to_string()).is_err());
    }
}
