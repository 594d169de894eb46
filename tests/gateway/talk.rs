//! A client of the gateway, with the fake server behind it, in a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use gait_tests::program::{self, Done, Program};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Allows everything but writing; `read_file` waits for an approval.
pub(crate) const POLICY: &str = "default_verdict: allow
rules:
  - name: no-writing
    priority: 1
    effect: block
    match:
      tool_names: [write_file]
    reason_codes: [writing_is_frozen]
  - name: ask-first
    priority: 2
    effect: require_approval
    match:
      tool_names: [read_file]
  - name: rehearse
    priority: 3
    effect: dry_run
    match:
      tool_names: [notify]
    reason_codes: [rehearsal]
";

/// A folder, a program, a policy.
pub(crate) struct Place {
    pub(crate) program: Program,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with_policy(POLICY)
    }

    pub(crate) fn with_policy(policy: &str) -> Self {
        let folder = program::temporary("gait-gateway-");
        fs::write(folder.path().join("policy.yaml"), policy).expect("a temporary folder");
        Self { program: Program::new(env!("CARGO_BIN_EXE_gait-under-test")), folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What reached the server.
    pub(crate) fn seen(&self) -> String {
        fs::read_to_string(self.path("server.log")).unwrap_or_default()
    }

    /// Runs `gait` to its end.
    pub(crate) fn gait(&self, arguments: &[&str]) -> Done {
        let mut command = self.program.command(self.folder.path());
        command.args(arguments);
        program::run(command, LIMIT).unwrap_or_else(|| panic!("{arguments:?} takes too long"))
    }

    /// The object that a command answers with `--json`.
    pub(crate) fn object(&self, arguments: &[&str]) -> Value {
        let done = self.gait(&[arguments, &["--json"]].concat());
        serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", done.err()))
    }

    /// Names of the files below a folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The only runpack.
    pub(crate) fn runpack(&self) -> String {
        let files = self.files("gait-out/mcp-gateway");
        let [only] = files.as_slice() else { panic!("one runpack is expected, not {files:?}") };
        format!("gait-out/mcp-gateway/{only}")
    }

    /// Starts the gateway; `server` are arguments of the server's.
    pub(crate) fn start(&self, options: &[&str], server: &[&str]) -> Talk {
        let fake = ["--", env!("CARGO_BIN_EXE_fake-mcp-server"), "--log", "server.log"];
        self.start_with(&[options, &fake, server].concat())
    }

    /// Starts the gateway with these arguments besides the policy.
    pub(crate) fn start_with(&self, arguments: &[&str]) -> Talk {
        let mut command = self.program.command(self.folder.path());
        command.args(["mcp", "gateway", "--policy", "policy.yaml"]).args(arguments);
        command.env("SECRET_OF_THE_CALLER", "x").env("NAMED", "y").env("TOKEN_FOR_THE_SERVER", "s3cret");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("gait");
        let (lines, received) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().expect("piped"));
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        let saying = thread::spawn(move || {
            let mut text = String::new();
            while said.read_line(&mut text).is_ok_and(|read| read > 0) {}
            text
        });
        Talk { input: child.stdin.take(), child, received, saying: Some(saying), early: Vec::new() }
    }
}

/// A conversation with the gateway.
pub(crate) struct Talk {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    received: Receiver<String>,
    saying: Option<thread::JoinHandle<String>>,
    early: Vec<Value>,
}

impl Talk {
    /// Says a line as it is.
    pub(crate) fn say(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(line.as_ref()).and_then(|()| input.write_all(b"\n")).expect("the gateway reads");
    }

    pub(crate) fn request(&mut self, id: impl Into<Value>, method: &str, params: &Value) {
        self.say(json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params}).to_string());
    }

    pub(crate) fn call(&mut self, id: impl Into<Value>, tool: &str, arguments: &Value) {
        self.request(id, "tools/call", &json!({"name": tool, "arguments": arguments}));
    }

    /// The next message; panics when none comes.
    pub(crate) fn next(&mut self) -> Value {
        if !self.early.is_empty() {
            return self.early.remove(0);
        }
        let line = self.received.recv_timeout(LIMIT).expect("a message from the gateway");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The answer with this id; other messages wait.
    pub(crate) fn answer(&mut self, id: impl Into<Value>) -> Value {
        let id = id.into();
        if let Some(at) = self.early.iter().position(|message| message["id"] == id) {
            return self.early.remove(at);
        }
        loop {
            let line = self.received.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no answer with id {id}"));
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
            self.early.push(message);
        }
    }

    /// The next message of this method; others wait.
    pub(crate) fn next_of(&mut self, method: &str) -> Value {
        if let Some(at) = self.early.iter().position(|message| message["method"] == method) {
            return self.early.remove(at);
        }
        loop {
            let line = self.received.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no `{method}`"));
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if message["method"] == method {
                return message;
            }
            self.early.push(message);
        }
    }

    /// Calls a tool and waits for its result.
    pub(crate) fn result(&mut self, id: u64, tool: &str, arguments: &Value) -> Value {
        self.call(id, tool, arguments);
        self.answer(id)["result"].clone()
    }

    /// Whatever comes within some milliseconds.
    pub(crate) fn within(&mut self, millis: u64) -> Vec<Value> {
        let end = Instant::now() + Duration::from_millis(millis);
        let mut found = std::mem::take(&mut self.early);
        while let Ok(line) = self.received.recv_timeout(end.saturating_duration_since(Instant::now())) {
            found.push(serde_json::from_str(&line).unwrap_or_default());
        }
        found
    }

    pub(crate) fn signal(&self, name: &str) {
        let done =
            std::process::Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "a signal");
    }

    /// Closes the input and waits for the end: exit code and what was said.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        self.input = None;
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + LIMIT;
        let status = loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => break status,
                None if Instant::now() > end => {
                    let _ = self.child.kill();
                    panic!("the gateway does not end");
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        let said = self.saying.take().and_then(|saying| saying.join().ok()).unwrap_or_default();
        (status.code(), said)
    }
}

/// The text of a tool's result.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}
