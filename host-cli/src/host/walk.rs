//! Every file below a folder, in the order of their names.

use std::fs::Metadata;
use std::path::Path;

use gait_contract::{Code, Fault};

use super::{files, fs};

/// Folders that are never looked into: history, caches, and other people's code.
const PASSED: [&str; 4] = [".git", ".beads", "node_modules", "__pycache__"];

/// What was found so far.
#[derive(Debug, Default)]
pub struct Walk {
    /// Files, spelled with `/` and without `./`. Devices, pipes and links that lead nowhere are none.
    pub files: Vec<String>,
    /// Files and folders whose names are no text.
    pub nameless: u64,
}

impl Walk {
    /// Walks below a cleaned path. Links to folders are not followed, but for the root itself.
    pub fn below(&mut self, root: &str) -> Result<(), Fault> {
        let found = Path::new(root).metadata().map_err(|error| fs::unreadable(Path::new(root), &error))?;
        if !found.is_dir() {
            return Err(Fault::new(Code::InvalidInput, format!("`{root}` is no folder"))
                .hint("`--roots` names folders; `--include` chooses files below them"));
        }
        if is_passed(root.rsplit('/').next().unwrap_or(root)) {
            return Ok(());
        }
        // What is still to be looked at, the next one last.
        let mut waiting = vec![(if root == "." { String::new() } else { root.to_owned() }, true)];
        while let Some((path, is_folder)) = waiting.pop() {
            if !is_folder {
                self.files.push(path);
                continue;
            }
            if let Err(error) = files::check_interrupt() {
                return Err(Fault::new(Code::FileUnreadable, error.message));
            }
            let mut inside = self.list(&path)?;
            inside.sort_unstable_by(|one, other| other.cmp(one));
            let prefix = if path.is_empty() || path.ends_with('/') { path } else { format!("{path}/") };
            waiting.extend(inside.into_iter().map(|(name, is_folder)| (format!("{prefix}{name}"), is_folder)));
        }
        Ok(())
    }

    /// Names in a folder, with whether they are folders.
    fn list(&mut self, path: &str) -> Result<Vec<(String, bool)>, Fault> {
        let folder = Path::new(if path.is_empty() { "." } else { path });
        let failed = |error| fs::unreadable(folder, &error);
        let mut inside = Vec::new();
        for entry in folder.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let is_file = || kind.is_file() || entry.path().metadata().is_ok_and(|found: Metadata| found.is_file());
            let Ok(name) = entry.file_name().into_string() else {
                self.nameless += u64::from(kind.is_dir() || is_file());
                continue;
            };
            if kind.is_dir() && !is_passed(&name) || !kind.is_dir() && is_file() {
                inside.push((name, kind.is_dir()));
            }
        }
        Ok(inside)
    }
}

fn is_passed(name: &str) -> bool {
    PASSED.contains(&name.to_lowercase().as_str())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn files_come_in_the_order_of_their_names() {
        let root = tempfile::tempdir().expect("a folder");
        let at = |name: &str| root.path().join(name);
        for folder in ["a", "a-b", "Node_Modules", "z/.GIT", "z/deep"] {
            std::fs::create_dir_all(at(folder)).expect("a folder");
        }
        for file in ["a/2.py", "a/1.py", "a-b/x", "b", "Node_Modules/x", "z/.GIT/x", "z/deep/y"] {
            std::fs::write(at(file), b"").expect("a file");
        }
        for (target, link) in [("a", "folder-link"), ("b", "link"), ("nowhere", "broken"), (".", "z/loop")] {
            std::os::unix::fs::symlink(target, at(link)).expect("a link");
        }
        std::fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"\xFF.py")), b"").expect("a file");
        let base = root.path().display().to_string();
        let mut walk = Walk::default();
        walk.below(&base).expect("walked");
        let names: Vec<_> = walk.files.iter().map(|path| &path[base.len() + 1..]).collect();
        assert_eq!(names, ["a/1.py", "a/2.py", "a-b/x", "b", "link", "z/deep/y"]);
        assert_eq!(walk.nameless, 1);
        assert!(walk.below(&format!("{base}/b")).is_err() && walk.below(&format!("{base}/none")).is_err());
        let before = walk.files.len();
        walk.below(&format!("{base}/Node_Modules")).expect("nothing to see");
        assert_eq!(walk.files.len(), before);
        walk.below(&format!("{base}/folder-link")).expect("a root may be a link");
        assert_eq!(walk.files.len(), before + 2);
    }
}
