//! Command line cases: folders with a `case.json` and, if there are input files, an `in/` that is copied to an empty
//! working folder. Each step runs the program there.
//!
//! A step holds `args`, `stdin` (name of a file), `env`, `timeout_s` (20), `exit` (a code or a list of accepted ones),
//! `json` (a subset of the answer), `stdout_has`, `stdout_not`, `stdout_is`, `stderr_has`, `stderr_not`, `files` (JSON
//! files by subset), `zip` (members by subset or `sha256:HEX`), `text` (files with these texts in them), `exists`,
//! `absent`, `modes` (permissions in octal), `mutate` (changes before the call, see [`mutate`]) and `save` (values of
//! the answer under a name). `{cwd}`, `{home}` and `{name}` of a saved value are replaced in arguments, environment
//! and texts.

mod checks;
mod mutate;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::program::{self, Done, Program};
use crate::repository;

/// One case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub title: String,
    steps: Vec<Step>,
    /// How an earlier implementation differs; nothing that runs here.
    #[serde(rename = "reference")]
    _reference: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    args: Option<Vec<String>>,
    stdin: Option<String>,
    env: BTreeMap<String, String>,
    timeout_s: Option<u64>,
    exit: Option<Value>,
    json: Option<Value>,
    stdout_is: Option<String>,
    stdout_has: Vec<String>,
    stdout_not: Vec<String>,
    stderr_has: Vec<String>,
    stderr_not: Vec<String>,
    files: BTreeMap<String, Value>,
    zip: BTreeMap<String, Map<String, Value>>,
    text: BTreeMap<String, Vec<String>>,
    exists: Vec<String>,
    absent: Vec<String>,
    modes: BTreeMap<String, String>,
    mutate: Vec<mutate::Change>,
    save: BTreeMap<String, String>,
}

/// What names in braces stand for.
struct Names(Vec<(String, String)>);

impl Names {
    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// Every folder with a `case.json`, relative to the folder they are all in.
pub fn all() -> Vec<String> {
    let folder = repository::folder("cli");
    let cases = repository::files(&folder, |path| path.ends_with("case.json"));
    let name =
        |path: &Path| path.parent()?.strip_prefix(&folder).ok().map(|name| name.to_string_lossy().replace('\\', "/"));
    cases.iter().filter_map(|path| name(path)).collect()
}

/// Runs a case with a program that is built at `built`; what is wrong, if anything is.
pub fn run(name: &str, built: &str) -> Result<(), String> {
    let folder = repository::folder("cli").join(name);
    let text = fs::read_to_string(folder.join("case.json")).map_err(|error| error.to_string())?;
    let case: Case = serde_json::from_str(&text).map_err(|error| format!("case.json: {error}"))?;
    let program = Program::new(built);
    let work = program::temporary("gait-case-");
    let cwd = work.path().canonicalize().map_err(|error| error.to_string())?;
    copy(&folder.join("in"), &cwd).map_err(|error| format!("in/: {error}"))?;
    let place = |path: &Path| path.to_string_lossy().into_owned();
    let mut names = Names(vec![("cwd".into(), place(&cwd)), ("home".into(), place(program.home()))]);
    for (number, step) in case.steps.iter().enumerate() {
        run_step(step, &program, &cwd, &mut names).map_err(|complaint| {
            let call = step.args.as_ref().map_or("no call".into(), |args| args.join(" "));
            format!("{}: step {number} ({call}): {complaint}", case.title)
        })?;
    }
    Ok(())
}

fn run_step(step: &Step, program: &Program, cwd: &Path, names: &mut Names) -> Result<(), String> {
    for change in &step.mutate {
        change.apply(cwd)?;
    }
    let Some(args) = &step.args else { return Ok(()) };
    let mut command = program.command(cwd);
    command.args(args.iter().map(|arg| names.fill(arg)));
    command.envs(step.env.iter().map(|(name, value)| (name, names.fill(value))));
    if let Some(name) = &step.stdin {
        command.stdin(Stdio::from(fs::File::open(cwd.join(name)).map_err(|error| format!("{name}: {error}"))?));
    }
    let limit = Duration::from_secs(step.timeout_s.unwrap_or(20));
    let done = program::run(command, limit).ok_or("timed out")?;
    check(step, &done, cwd, names)
}

fn check(step: &Step, done: &Done, cwd: &Path, names: &mut Names) -> Result<(), String> {
    checks::exit(step.exit.as_ref(), done)?;
    let answer = if step.json.is_some() || !step.save.is_empty() {
        Some(serde_json::from_slice(&done.stdout).map_err(|error| format!("no JSON ({error}): {:?}", done.out()))?)
    } else {
        None
    };
    if let Some(wanted) = &step.json {
        checks::subset(wanted, answer.as_ref(), "$")?;
    }
    if let Some(wanted) = &step.stdout_is {
        let wanted = names.fill(wanted);
        checks::that(done.out() == wanted, || format!("standard output is {:?}, not {wanted:?}", done.out()))?;
    }
    let fill = |texts: &[String]| texts.iter().map(|text| names.fill(text)).collect::<Vec<_>>();
    checks::texts("standard output", &done.out(), &fill(&step.stdout_has), &fill(&step.stdout_not))?;
    checks::texts("standard error", &done.err(), &fill(&step.stderr_has), &fill(&step.stderr_not))?;
    for (path, wanted) in &step.files {
        checks::file(path, wanted, cwd)?;
    }
    for (path, wanted) in &step.text {
        let path = names.fill(path);
        let text = fs::read_to_string(cwd.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        checks::texts(&path, &text, &fill(wanted), &[])?;
    }
    for (path, members) in &step.zip {
        checks::archive(path, members, cwd)?;
    }
    for path in fill(&step.exists) {
        checks::that(cwd.join(&path).exists(), || format!("{path} was not written"))?;
    }
    for path in fill(&step.absent) {
        checks::that(!cwd.join(&path).exists(), || format!("{path} exists"))?;
    }
    for (path, mode) in &step.modes {
        checks::mode(&cwd.join(names.fill(path)), mode)?;
    }
    for (name, pointer) in &step.save {
        let value = answer.as_ref().and_then(|answer| answer.pointer(pointer));
        let value = value.ok_or_else(|| format!("the answer has no {pointer}"))?;
        let text = value.as_str().map_or_else(|| value.to_string(), String::from);
        names.0.push((name.clone(), text));
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
