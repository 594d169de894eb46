//! A server that gait starts: with a clean environment, in a process group of its own, and ended step by step.

use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gait_contract::mcp_servers::McpServer;
use gait_contract::{Code, Fault};

use super::fs;

/// Variables that programs need to find themselves and their user. Everything else has to be named.
const USUAL: [&str; 16] = [
    "APPDATA",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOCALAPPDATA",
    "LOGNAME",
    "PATH",
    "SHELL",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "USERPROFILE",
];
/// How long a server may take to end after its input was closed, and again after it was asked to. Both together stay
/// below the two seconds after which clients stop gait in the same way: then nobody would be left to stop the server.
const PATIENCE: Duration = Duration::from_millis(900);
/// How often gait looks whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// A server that runs.
pub struct Server {
    process: Child,
}

/// The two ends of a server that runs.
pub struct Pipes {
    /// What it reads.
    pub input: ChildStdin,
    /// What it writes.
    pub output: ChildStdout,
}

impl Server {
    /// Starts a program. It gets the usual variables and those that are named.
    pub fn start(setup: &McpServer) -> Result<(Self, Pipes), Fault> {
        let Some((program, arguments)) = setup.command.split_first() else {
            return Err(Fault::new(Code::InvalidInput, "no server is named")
                .hint("name its command after `--`, as in `gait mcp gateway --policy FILE -- npx some-server`"));
        };
        let mut start = Command::new(program);
        start.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        for name in USUAL {
            if let Some(value) = std::env::var_os(name) {
                start.env(name, value);
            }
        }
        if !setup.cwd.is_empty() {
            start.current_dir(&setup.cwd);
        }
        for name in &setup.env {
            match name.split_once('=') {
                Some((name, value)) => {
                    start.env(name, value);
                }
                None => {
                    let Some(value) = std::env::var_os(name) else {
                        return Err(Fault::new(Code::InvalidInput, format!("the variable `{name}` is not set"))
                            .hint("`--env NAME` hands a variable on; `--env NAME=VALUE` sets one"));
                    };
                    start.env(name, value);
                }
            }
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        let mut process = start.spawn().map_err(|error| {
            Fault::new(Code::InvalidInput, format!("`{program}` cannot be started: {}", fs::words(&error)))
                .hint("check the command after `--`; the server finds programs through PATH")
        })?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(input), Some(output)) => Ok((Self { process }, Pipes { input, output })),
            _ => Err(Fault::new(Code::InternalFailure, format!("`{program}` has no standard input and output"))),
        }
    }

    /// Ends it, after its input was closed: waits, asks, then insists. Tells how it ended.
    pub fn end(&mut self) -> Option<ExitStatus> {
        let mut status = self.wait(PATIENCE);
        if status.is_none() {
            self.signal(Signal::Ask);
            status = self.wait(PATIENCE);
        }
        // Whatever the server has started goes with it.
        self.signal(Signal::Insist);
        status.or_else(|| self.process.wait().ok())
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.signal(Signal::Insist);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
                Ok(None) if began.elapsed() > patience => return None,
                Ok(None) => thread::sleep(LOOK),
            }
        }
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) {
        use rustix::process::{Pid, Signal as Number, kill_process_group};
        let number = match signal {
            Signal::Ask => Number::TERM,
            Signal::Insist => Number::KILL,
        };
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, number);
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _: Signal) {
        let _ = self.process.kill();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}

/// How a server is told to end.
#[derive(Clone, Copy)]
enum Signal {
    Ask,
    Insist,
}
