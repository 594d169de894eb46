//! The program under test, as a stranger would start it: its own home folder, no settings of the caller's.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use tempfile::TempDir;

/// A program and a home folder for it.
pub struct Program {
    path: PathBuf,
    home: TempDir,
}

/// What a program did.
pub struct Done {
    /// How it ended.
    pub status: ExitStatus,
    /// Its answer.
    pub stdout: Vec<u8>,
    /// What it said beside it.
    pub stderr: Vec<u8>,
}

impl Done {
    /// The exit code; none when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The answer as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What was said beside it, as text.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Program {
    /// The program at `built`, or the one that `GAIT_TEST_PROGRAM` names, with a new home folder.
    pub fn new(built: &str) -> Self {
        let path = env::var_os("GAIT_TEST_PROGRAM").map_or_else(|| built.into(), PathBuf::from);
        let path = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, home: temporary("gait-home-") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A call of it, to be completed.
    pub fn command(&self, cwd: &Path) -> Command {
        self.call(&self.path, cwd)
    }

    /// A call of another program that finds this one as `gait` on its path.
    pub fn shell(&self, cwd: &Path) -> Command {
        let bin = self.home().join("bin");
        let link = bin.join("gait");
        if !link.exists() {
            fs::create_dir_all(&bin).and_then(|()| link_to(&self.path, &link)).expect("a link in a temporary folder");
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([bin].into_iter().chain(env::split_paths(&path))).expect("a path");
        let mut command = self.call("bash".as_ref(), cwd);
        command.env("PATH", path);
        command
    }

    fn call(&self, program: &Path, cwd: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(cwd).env("HOME", self.home()).stdin(Stdio::null());
        let foreign = |name: &OsStr| {
            let name = name.to_string_lossy();
            name.starts_with("GAIT_") || name.starts_with("XDG_") || name.contains("COLOR")
        };
        for (name, _) in env::vars_os().filter(|(name, _)| foreign(name)) {
            command.env_remove(name);
        }
        command
    }
}

/// Runs a program to its end; `None` when it takes longer than `limit` and is stopped.
pub fn run(mut command: Command, limit: Duration) -> Option<Done> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let end = Instant::now() + limit;
    let mut pause = Duration::from_micros(200);
    let status = loop {
        match child.try_wait().expect("a child can be waited for") {
            Some(status) => break Some(status),
            None if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(10));
            }
        }
    };
    let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
    status.map(|status| Done { status, stdout, stderr })
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// A new folder that goes away with the value.
pub fn temporary(prefix: &str) -> TempDir {
    tempfile::Builder::new().prefix(prefix).tempdir().expect("a temporary folder")
}

#[cfg(unix)]
fn link_to(program: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

#[cfg(not(unix))]
fn link_to(program: &Path, link: &Path) -> std::io::Result<()> {
    fs::copy(program, link.with_extension("exe")).map(|_| ())
}
