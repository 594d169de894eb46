//! `gait-gen` writes the generated files below the current folder; `gait-gen --check` names those that differ.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["--check"] => true,
        _ => {
            eprintln!("usage: gait-gen [--check]");
            return ExitCode::from(6);
        }
    };
    if !Path::new("core-wasm/contract/src").is_dir() {
        eprintln!("error: this is not gait's repository\nhint: run `make gen` in the folder of the workspace");
        return ExitCode::from(6);
    }
    let stale = stale();
    if check {
        for path in &stale {
            eprintln!("stale: {path}");
        }
        if stale.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("hint: run `make gen` and commit the result");
        return ExitCode::FAILURE;
    }
    for path in &stale {
        if let Err(error) = write(path) {
            eprintln!("error: `{path}` cannot be written: {error}");
            return ExitCode::FAILURE;
        }
        println!("{path}");
    }
    ExitCode::SUCCESS
}

/// Paths whose content is not what it should be: missing, different, or generated no longer.
fn stale() -> Vec<String> {
    let files = gait_gen::files();
    let mut stale: Vec<String> = files
        .iter()
        .filter(|file| fs::read(&file.path).ok().as_deref() != Some(file.text.as_bytes()))
        .map(|file| file.path.clone())
        .collect();
    let known = |path: &PathBuf| files.iter().any(|file| Path::new(&file.path) == path);
    stale.extend(
        schema_files(Path::new(gait_gen::schemas::FOLDER))
            .into_iter()
            .filter(|path| !known(path))
            .map(|path| path.to_string_lossy().replace('\\', "/")),
    );
    stale
}

fn schema_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { schema_files(&path) } else { vec![path] })
        .collect();
    files.sort();
    files
}

/// Brings one stale file up to date; a schema that is generated no longer goes away.
fn write(path: &str) -> std::io::Result<()> {
    let Some(file) = gait_gen::files().into_iter().find(|file| file.path == path) else {
        return fs::remove_file(path);
    };
    if let Some(folder) = Path::new(path).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, file.text)
}
