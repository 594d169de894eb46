//! What lies in a folder.

use std::path::Path;

use gait_contract::Fault;

use super::fs;

/// The names in a folder that are text, sorted, each with whether a file is behind it. What has no such name cannot be
/// named in an artifact either.
pub fn names(folder: &str) -> Result<Vec<(String, bool)>, Fault> {
    let place = Path::new(folder);
    let refused = |error: std::io::Error| fs::unreadable(place, &error);
    let mut names = Vec::new();
    for entry in place.read_dir().map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if let Ok(name) = entry.file_name().into_string() {
            names.push((name, entry.path().is_file()));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    #[test]
    fn files_are_told_from_folders() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("b")).expect("made");
        std::fs::write(root.path().join("a"), b"x").expect("written");
        let names = super::names(&root.path().display().to_string()).expect("names");
        assert_eq!(names, [("a".to_owned(), true), ("b".to_owned(), false)]);
        assert!(super::names("no/such").is_err());
    }
}
