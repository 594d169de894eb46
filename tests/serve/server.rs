//! A server on a free port, and requests to it byte by byte.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gait_tests::program::{self, Program};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");
/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// The policy of the contract's vectors.
pub(crate) const POLICY: &str = include_str!("../cli/conformance/mcp/proxy_defaults/in/policy.yaml");

/// A folder to serve in.
pub(crate) struct Place {
    program: Program,
    work: TempDir,
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { program: Program::new(PROGRAM), work: program::temporary("gait-serve-") };
        fs::write(place.path("policy.yaml"), POLICY).expect("a temporary folder");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(self.work.path());
        command.args(arguments);
        command
    }

    /// Starts a server and waits for its first line.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_with(arguments, &[])
    }

    pub(crate) fn serve_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command =
            self.command(&["mcp", "serve", "--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--json"]);
        command.args(["--trace-dir", "traces"]).args(arguments).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a first line");
        let started: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let address = started["listen"].as_str().and_then(|listen| listen.parse().ok());
        Server { child, address: address.unwrap_or_else(|| panic!("{line}")) }
    }

    /// The traces that are there.
    pub(crate) fn traces(&self) -> Vec<PathBuf> {
        files(&self.path("traces"))
    }
}

/// The files of a folder, hidden ones too.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

impl Server {
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        stream.set_nodelay(true).expect("no delay");
        stream
    }

    /// A request with more headers, on a connection of its own.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        // A server that has seen enough may close before it has read all.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        answer(&mut stream, method != "HEAD").unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    pub(crate) fn raw(&self, text: &str) -> Option<Answer> {
        let mut stream = self.connect();
        let _ = stream.write_all(text.as_bytes());
        read(&mut stream)
    }

    pub(crate) fn evaluate(&self, body: &str) -> Answer {
        self.send("POST", "/v1/evaluate", "content-type: application/json\r\n", body.as_bytes())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(told.expect("kill runs").success());
    }

    /// Waits for its end; the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status.code();
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads one answer; none when the connection ends before there is one.
pub(crate) fn read(stream: &mut TcpStream) -> Option<Answer> {
    answer(stream, true)
}

fn answer(stream: &mut TcpStream, has_body: bool) -> Option<Answer> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.filter(|_| has_body).unwrap_or_default()];
    reader.read_exact(&mut body).ok()?;
    Some(Answer { status, head: head.to_lowercase(), body: String::from_utf8_lossy(&body).into_owned() })
}
