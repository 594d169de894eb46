//! What the gateway adds to a call: the same calls to the same server, with gait in front of it and without.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Calls that are measured.
const CALLS: usize = 2_000;
/// Calls before that.
const WARM_UP: usize = 100;

/// Measures with policies of several sizes.
pub(crate) fn calls(gait: &Path, server: &Path, room: &Path) {
    println!("\n## A call through `mcp gateway`, trace written and synced, {CALLS} calls one after the other\n");
    println!("| rules | bare server, median | through gait, median | p99 | added, median |");
    println!("|---|---|---|---|---|");
    for rules in [3, 100, 1_000] {
        let folder = room.join(format!("gateway-{rules}"));
        fs::create_dir_all(&folder).expect("folders can be made");
        let mut policy = String::from("default_verdict: block\nrules:\n");
        for rule in 1..rules {
            policy += &format!(
                "  - name: r{rule}\n    priority: {rule}\n    effect: block\n    match:\n      tool_names: [tool_{rule}]\n"
            );
        }
        policy += "  - name: echo\n    priority: 9999\n    effect: allow\n    match:\n      tool_names: [echo]\n";
        fs::write(folder.join("policy.yaml"), policy).expect("a file can be written");
        let bare = measure(&mut Command::new(server), &folder);
        let mut guarded = Command::new(gait);
        guarded.args(["mcp", "gateway", "--policy", "policy.yaml", "--"]).arg(server);
        let guarded = measure(&mut guarded, &folder);
        let at = |times: &[Duration], place: usize| times[times.len() * place / 100];
        println!(
            "| {rules} | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs |",
            micros(at(&bare, 50)),
            micros(at(&guarded, 50)),
            micros(at(&guarded, 99)),
            micros(at(&guarded, 50).saturating_sub(at(&bare, 50))),
        );
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Sorted times of calls.
fn measure(command: &mut Command, folder: &Path) -> Vec<Duration> {
    command.current_dir(folder).env("HOME", folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut talk = Talk::of(&mut child);
    let mut times: Vec<Duration> = (0..WARM_UP + CALLS).map(|number| talk.call(number)).skip(WARM_UP).collect();
    drop(talk);
    let _ = child.wait();
    times.sort_unstable();
    times
}

struct Talk {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Talk {
    fn of(child: &mut Child) -> Self {
        let input = child.stdin.take().expect("it is piped");
        Self { input, output: BufReader::new(child.stdout.take().expect("it is piped")) }
    }

    fn call(&mut self, number: usize) -> Duration {
        let call = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\"arguments\":{{\"path\":\"/quay/{number}\"}}}}}}\n"
        );
        let mut line = String::new();
        let start = Instant::now();
        self.input.write_all(call.as_bytes()).expect("it reads");
        self.output.read_line(&mut line).expect("it answers");
        let time = start.elapsed();
        assert!(line.contains("\"ok\""), "{line}");
        time
    }
}
