//! Disks that fill up and users who press Ctrl-C: outputs are there whole, or not at all.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use gait_tests::program::{self, Done, Program};
use gait_tests::vector;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");
const LIMIT: Duration = Duration::from_secs(30);

/// Everything below a folder, as paths relative to it; folders end in a slash.
fn everything(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(everything(&entry.path()).iter().map(|inner| format!("{name}/{inner}")));
            found.push(format!("{name}/"));
        } else {
            found.push(name);
        }
    }
    found.sort_unstable();
    found
}

/// Runs a line in bash, with `gait` on the path.
fn shell(program: &Program, cwd: &Path, line: &str) -> Done {
    let mut shell = program.shell(cwd);
    shell.arg("-c").arg(line);
    program::run(shell, LIMIT).unwrap_or_else(|| panic!("`{line}` takes too long"))
}

/// A record whose archive has a megabyte.
fn large_record() -> String {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{state:016x}")
    };
    let intents: Vec<Value> = (0..3_000)
        .map(|number| {
            let text: String = (0..40).map(|_| noise()).collect();
            json!({"intent_id": format!("i{number}"), "tool_name": "t", "args": {"text": text}})
        })
        .collect();
    json!({"run": {"run_id": "run_large"}, "intents": intents}).to_string()
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-disk-");
    let cwd = work.path();
    fs::write(cwd.join("large.json"), large_record()).expect("a temporary folder");
    shell(&program, cwd, "gait run record large.json --no-sign --out-dir kept");
    fs::rename(cwd.join("kept/runpack_run_large.zip"), cwd.join("large.zip")).expect("the archive");
    fs::remove_dir(cwd.join("kept")).expect("an empty folder");
    let before = everything(cwd);
    // Files may not grow past 64 KiB, and the signal that would end the process is ignored: writing fails, as on a
    // full disk.
    for line in [
        "gait run record large.json --no-sign --json",
        "gait run record large.json --no-sign --out-dir new/folder --json",
        "gait migrate ./large.zip --out migrated.zip --json",
        "gait regress init --from ./large.zip --json",
        "gait regress bootstrap --from ./large.zip --json",
    ] {
        let done = shell(&program, cwd, &format!("trap '' XFSZ; ulimit -f 64; {line}"));
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{line}: {}", done.out()));
        assert_eq!(done.code(), Some(1), "{line}: {answer}");
        assert_eq!(
            (&answer["ok"], &answer["error_code"]),
            (&false.into(), &"file_unwritable".into()),
            "{line}: {answer}"
        );
        assert_eq!(everything(cwd), before, "{line} left something behind");
    }
}

#[test]
fn an_answer_that_cannot_be_printed_is_no_success() {
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-disk-");
    fs::write(work.path().join("p.zip"), vector::blob("sample.zip")).expect("a temporary folder");
    if !Path::new("/dev/full").exists() {
        return;
    }
    for line in ["gait verify ./p.zip > /dev/full", "gait verify ./p.zip --json > /dev/full", "gait help > /dev/full"] {
        let done = shell(&program, work.path(), line);
        assert_eq!(done.code(), Some(1), "{line}: {}", done.err());
        assert!(done.err().contains("cannot be printed"), "{line}: {}", done.err());
    }
    // A reader that has seen enough is no failure.
    let done = shell(&program, work.path(), "set -o pipefail; gait help | head -n 1");
    assert_eq!(done.code(), Some(0), "{}", done.err());
}

#[test]
fn an_interrupted_recording_leaves_nothing_or_all() {
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-disk-");
    let cwd = work.path();
    fs::write(cwd.join("large.json"), large_record()).expect("a temporary folder");
    let (mut whole, mut nothing) = (0, 0);
    for signal in ["-INT", "-TERM", "-HUP"] {
        for delay in [1, 3, 6, 10, 15, 25, 40, 80] {
            let mut command = program.command(cwd);
            command.args(["run", "record", "large.json", "--no-sign"]).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().expect("the program starts");
            std::thread::sleep(Duration::from_millis(delay));
            let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
            let status = child.wait().expect("it ends");
            let written = everything(cwd);
            if written.contains(&"gait-out/runpack_run_large.zip".to_owned()) {
                let verified = shell(&program, cwd, "gait verify run_large");
                assert_eq!(verified.code(), Some(0), "{signal} after {delay} ms: {}", verified.out());
                whole += 1;
            } else {
                assert_ne!(status.code(), Some(0), "{signal} after {delay} ms: success without an archive");
                nothing += 1;
            }
            let odd: Vec<&String> = written
                .iter()
                .filter(|name| !["large.json", "gait-out/", "gait-out/runpack_run_large.zip"].contains(&name.as_str()))
                .collect();
            assert!(odd.is_empty(), "{signal} after {delay} ms left {odd:?}");
            let _ = fs::remove_dir_all(cwd.join("gait-out"));
        }
    }
    assert_eq!(whole + nothing, 24);
}

#[test]
fn two_at_once_make_one_key_and_whole_files() {
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-disk-");
    let line = "for i in 1 2 3 4 5 6; do gait demo --json & done; wait";
    let done = shell(&program, work.path(), line);
    let out = done.out();
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), 6, "{out}");
    for answer in &answers {
        assert_eq!(answer["ok"], true, "{answer}");
        assert_eq!(answer["signature_key_id"], answers[0]["signature_key_id"]);
    }
    assert_eq!(done.err().matches("made a development key").count(), 1, "{}", done.err());
    assert_eq!(everything(work.path()), ["gait-out/", "gait-out/runpack_run_demo.zip"]);
    assert_eq!(shell(&program, work.path(), "gait verify run_demo").code(), Some(0));
}
