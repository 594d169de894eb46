//! `scout signal` over many runs: time and memory have to grow with their number, and no faster.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use gait_cli::core::{Core, World};
use gait_contract::SourceError;
use gait_contract::runpack::{Env, RecordDefaults, RecordRequest, Signing};
use gait_contract::step::SourceErrorKind;

use crate::process::{Cost, run};

/// How many runs are looked at.
const COUNTS: [usize; 3] = [100, 1_000, 10_000];
/// Kinds of runs; each becomes a family.
const KINDS: usize = 97;
/// Calls of one run.
const CALLS: usize = 12;

/// Measures the command.
pub(crate) fn signals(gait: &Path, room: &Path) {
    println!("\n## `scout signal` over many runs, median of 3\n");
    println!("| runs | time | per run | peak memory | report |");
    println!("|---|---|---|---|---|");
    for count in COUNTS {
        let folder = room.join(format!("runs_{count}"));
        // In a process of its own: a child's peak memory counts what its parent held when it was started.
        let own = std::env::current_exe().expect("this program has a path");
        run(&own, &["runs", &folder.to_string_lossy(), &count.to_string()], room, 0);
        let mut args = vec!["scout".to_owned(), "signal".to_owned()];
        args.extend((0..count).map(path));
        let mut costs: Vec<Cost> = (0..3).map(|_| run(gait, &args, &folder, 0)).collect();
        costs.sort_by_key(|cost| cost.time);
        let report =
            fs::metadata(folder.join("gait-out/scout_signal_report.json")).expect("a report was written").len();
        println!(
            "| {count} | {:.0} ms | {:.0} µs | {:.1} MB | {:.1} MB |",
            costs[1].time.as_secs_f64() * 1e3,
            costs[1].time.as_secs_f64() * 1e6 / count as f64,
            costs[1].memory as f64 / 1e6,
            report as f64 / 1e6
        );
    }
}

fn path(number: usize) -> String {
    format!("r/{number}.zip")
}

/// Writes so many runpacks below a folder.
pub(crate) fn write_runs(folder: &Path, count: usize) {
    fs::create_dir_all(folder.join("r")).expect("folders can be made");
    let core = Core::load().expect("the core loads");
    for number in 0..count {
        let file = File::create(folder.join(path(number))).expect("runpacks can be written");
        let mut made = Made { record: record(number), file };
        let request = RecordRequest {
            input: "record".into(),
            run_id: String::new(),
            capture_mode: String::new(),
            defaults: RecordDefaults { env: Env::default(), ..RecordDefaults::default() },
            signing: Signing::None,
        };
        core.call(&request, &mut made).unwrap_or_else(|fault| panic!("{number}: {}", fault.error));
    }
}

/// A run of some kind: which tools it called, where it read, and whether its last call failed.
fn record(number: usize) -> String {
    const TOOLS: [&str; 8] = [
        "crm.lookup",
        "orders.search",
        "refund.create",
        "mail.send",
        "kb.fetch",
        "ticket.update",
        "cart.delete",
        "ping",
    ];
    const SOURCES: [&str; 5] = ["prod/orders", "internal/kb", "crm/customer", "public/site", "queue/jobs"];
    let kind = number % KINDS;
    let list = |each: &dyn Fn(usize) -> String| (0..CALLS).map(each).collect::<Vec<_>>().join(",");
    let intents = list(&|call| {
        let tool = TOOLS[(kind + call * (kind / TOOLS.len() + 1)) % TOOLS.len()];
        format!(
            r#"{{"intent_id":"i{call}","tool_name":"{tool}","args":{{"customer":{},"note":"call {call}"}}}}"#,
            number * 7
        )
    });
    let results = list(&|call| {
        let status = if kind.is_multiple_of(3) && call + 1 == CALLS { "error" } else { "ok" };
        format!(r#"{{"intent_id":"i{call}","status":"{status}","result":{{"items":[{number},{call}]}}}}"#)
    });
    let source = SOURCES[kind % SOURCES.len()];
    format!(
        r#"{{"run":{{"run_id":"run_{number:05}","created_at":"2026-03-11T09:15:00Z","producer_version":"bench"}},"intents":[{intents}],"results":[{results}],"refs":{{"receipts":[{{"ref_id":"r1","source_type":"web","source_locator":"{source}","content_digest":"{kind:064x}"}}]}}}}"#
    )
}

/// A record in memory, and the file that its runpack goes to.
struct Made {
    record: String,
    file: File,
}

impl World for Made {
    fn open(&mut self, _: &str) -> Result<u64, SourceError> {
        Ok(self.record.len() as u64)
    }
    fn read(&mut self, _: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.record.as_bytes().get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or_else(|| failed(SourceErrorKind::Changed))?);
        Ok(())
    }
    fn write(&mut self, _: &str, bytes: &[u8]) -> Result<(), SourceError> {
        self.file.write_all(bytes).map_err(|_| failed(SourceErrorKind::Unwritable))
    }
    fn sign(&mut self, _: &str) -> Result<(String, String), SourceError> {
        Err(failed(SourceErrorKind::Signing))
    }
}

fn failed(kind: SourceErrorKind) -> SourceError {
    SourceError { kind, message: "it cannot be done here".into() }
}
