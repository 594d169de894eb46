//! Where things stand in the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's folder.
pub fn root() -> PathBuf {
    folder("..")
}

/// A folder below `tests/`.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    path.canonicalize().unwrap_or(path)
}

/// All files below a folder, sorted, that `wanted` says yes to. What is generated or fetched is not looked at.
pub fn files(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if !path.is_dir() {
                found.push(path);
            } else if !matches!(name.to_str(), Some("target" | "node_modules" | ".git" | "gait-out")) {
                open.push(path);
            }
        }
    }
    found.retain(|path| wanted(path));
    found.sort_unstable();
    found
}

/// True for names that end in `.extension`.
pub fn has_extension(extension: &str) -> impl Fn(&Path) -> bool {
    move |path| path.extension().is_some_and(|found| found == extension)
}

/// Reads a file that is part of the repository.
pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
