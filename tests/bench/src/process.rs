//! Runs a program and measures it from start to exit: wall time and the most memory it held.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// From the call that starts the program to its end.
    pub(crate) time: Duration,
    /// Most memory that was resident, in bytes.
    pub(crate) memory: u64,
}

/// Runs `program` in `folder` and insists on its exit code.
#[allow(clippy::zombie_processes, reason = "`wait4` waits for it, and tells how much memory it held")]
pub(crate) fn run<A: AsRef<OsStr>>(program: &Path, args: &[A], folder: &Path, exit: i32) -> Cost {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let child = command.spawn().unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
    let mut status = 0;
    // SAFETY: all fields of `rusage` are integers, for which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let pid = libc::pid_t::try_from(child.id()).expect("process ids fit pid_t");
    // SAFETY: both pointers are to live values of the right types; the child is waited for nowhere else.
    let ended = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    let time = start.elapsed();
    assert!(ended == pid && libc::WIFEXITED(status), "{} did not end by itself", program.display());
    assert_eq!(libc::WEXITSTATUS(status), exit, "exit code of {}", program.display());
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Cost { time, memory: usage.ru_maxrss.unsigned_abs() * unit }
}
