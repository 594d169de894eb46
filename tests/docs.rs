//! Runs every `console` block of the README and the docs, the way a reader would.
//!
//! All blocks of a page run in order, in one shell that starts in a new, empty folder with a new home; the repository's
//! own folders stand beside it (`../examples`). A line that
//! begins with `$ ` is a command; the lines up to the next one are what it prints, standard error included. `…` stands
//! for anything: alone on its line for any number of lines, inside a line for any text. A backslash at a command's end
//! continues it on the next line.

use std::path::Path;

use gait_tests::console;
use gait_tests::program::Program;
use gait_tests::repository::{files, has_extension, root};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");

#[test]
fn every_console_block_shows_what_happens() {
    let mut pages = files(&root().join("docs"), has_extension("md"));
    pages.extend(files(&root().join("examples"), has_extension("md")));
    pages.push(root().join("README.md"));
    keep_keys_private();
    let run = |page: &Path| console::run(page, &Program::new(PROGRAM));
    let results: Vec<_> = pages.iter().map(|page| run(page)).collect();
    let commands: usize = results.iter().filter_map(|result| result.as_ref().ok()).sum();
    let complaints: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(commands > 0, "no page shows a command");
}

/// Git keeps no modes, so a fresh clone has example keys that others can read, and gait says so beside every answer.
fn keep_keys_private() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for key in files(&root().join("examples"), has_extension("key")) {
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("the key is ours");
        }
    }
}
