//! Folders: there, and writable.

use std::path::Path;

use super::fix::Fix;
use super::{Check, Folders, quoted};
use crate::host::fs;

pub(super) fn workdir(folders: &Folders) -> Check {
    const NAME: &str = "workdir";
    let shown = &folders.work_text;
    if !folders.work.is_dir() {
        // A folder that somebody mistyped is not to be made.
        return Check::fail(NAME, format!("{shown} is no folder")).command(format!("mkdir -p {}", quoted(shown)));
    }
    match probe(&folders.work) {
        Ok(()) => Check::pass(NAME, format!("{shown} is writable")),
        Err(why) => Check::fail(NAME, format!("{shown} is not writable: {why}")).command(writable(shown)),
    }
}

pub(super) fn output_dir(folders: &Folders) -> Check {
    const NAME: &str = "output_dir";
    let shown = &folders.out_text;
    if !folders.out.exists() {
        let check = Check::warn(NAME, format!("{shown} is not there yet; commands make it when they need it"))
            .command(format!("mkdir -p {}", quoted(shown)));
        // Making it would make a folder above it that may be a typing error.
        return if folders.work.is_dir() { check.safely(Fix::MakeFolder(folders.out.clone())) } else { check };
    }
    if !folders.out.is_dir() {
        return Check::fail(NAME, format!("{shown} is a file, not a folder; choose another with --output-dir"));
    }
    match probe(&folders.out) {
        Ok(()) => Check::pass(NAME, format!("{shown} is writable")),
        Err(why) => Check::fail(NAME, format!("{shown} is not writable: {why}")).command(writable(shown)),
    }
}

pub(super) fn temp_dir() -> Check {
    const NAME: &str = "temp_dir";
    let folder = std::env::temp_dir();
    let shown = folder.display().to_string();
    match probe(&folder) {
        Ok(()) => Check::pass(NAME, format!("{shown} is writable")),
        Err(why) => Check::fail(NAME, format!("{shown} is not writable: {why}")).command(writable(&shown)),
    }
}

fn writable(path: &str) -> String {
    format!("chmod u+w {}", quoted(path))
}

/// Makes a file and removes it again.
fn probe(folder: &Path) -> Result<(), String> {
    let made = tempfile::Builder::new().prefix(".gait-doctor-").tempfile_in(folder);
    made.and_then(tempfile::NamedTempFile::close).map_err(|error| fs::words(&error))
}
