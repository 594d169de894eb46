//! Attestations are what others understand: securesystemslib, installed from PyPI by its pinned digest, accepts what
//! `gait guard pack --format in-toto` writes, and refuses what was changed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gait_tests::program::{self, Program};
use gait_tests::repository;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");

/// The package, installed once into the build's own folder.
fn installed() -> String {
    let requirements = repository::folder("intoto").join("requirements.txt");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("intoto");
    let known = target.join("requirements.txt");
    let wanted = fs::read(&requirements).expect("the requirements are there");
    if !fs::read(&known).is_ok_and(|known| known == wanted) {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--upgrade"]);
        let done = pip.arg("--target").arg(&target).arg("--requirement").arg(&requirements).output();
        let done = done.unwrap_or_else(|error| panic!("this test needs `python3` with pip: {error}"));
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "this test needs `python3 -m pip` and PyPI, or its mirror: {said}");
        fs::write(known, wanted).expect("the build's folder can be written to");
    }
    target.display().to_string()
}

/// What the package says about an envelope.
fn judged(cwd: &Path, packages: &str, arguments: &[&str]) -> Result<String, String> {
    let script = repository::folder("intoto").join("verify.py");
    let mut python = Command::new("python3");
    python.arg(script).args(arguments).env("PYTHONPATH", packages).current_dir(cwd);
    let done = python.output().unwrap_or_else(|error| panic!("this test needs `python3`: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
}

#[test]
fn securesystemslib_accepts_what_gait_attests() {
    let packages = installed();
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-intoto-");
    let cwd = work.path();
    let gait = |line: &str, code: i32| {
        let mut command = program.command(cwd);
        command.args(line.split(' '));
        let done = program::run(command, Duration::from_secs(20)).expect("it ends");
        assert_eq!(done.code(), Some(code), "gait {line}: {}{}", done.out(), done.err());
    };
    gait("keys init --out-dir keys --prefix packs", 0);
    gait("keys init --out-dir keys --prefix other", 0);
    gait("demo", 0);
    gait("guard pack run_demo --format in-toto --out pack.zip --key-mode prod --private-key keys/packs.key", 0);
    let (run, pack) = ("runpack_run_demo.zip=gait-out/runpack_run_demo.zip", "pack.zip=pack.zip");
    let said = judged(cwd, &packages, &["pack.intoto.json", "keys/packs.pub", run, pack]);
    assert_eq!(said.as_deref(), Ok("accepted pack.zip runpack_run_demo.zip\n"));
    assert!(judged(cwd, &packages, &["pack.intoto.json", "keys/other.pub"]).is_err(), "another key");
    gait("verify ./pack.intoto.json --public-key keys/packs.pub --profile strict", 0);
    gait("verify ./pack.intoto.json --public-key keys/other.pub", 2);

    let envelope = fs::read_to_string(cwd.join("pack.intoto.json")).expect("it was written");
    // The first letters of the payload: `{"_type"` becomes another text of the same length.
    let changed = envelope.replacen("\"payload\":\"eyJ", "\"payload\":\"eyA", 1);
    assert_ne!(changed, envelope);
    fs::write(cwd.join("changed.intoto.json"), changed).expect("a temporary folder");
    assert!(judged(cwd, &packages, &["changed.intoto.json", "keys/packs.pub"]).is_err(), "another payload");
    fs::copy(cwd.join("gait-out/runpack_run_demo.zip"), cwd.join("pack.zip")).expect("copied");
    gait("verify ./pack.intoto.json --public-key keys/packs.pub", 2);
}
