//! `make bench`: what gait costs, in one run, as ratios against something else in the same run.
//!
//! Commands from start to exit against a program that does nothing; large archives through the command, with peak
//! memory; signals over many runs; the same operations in the module and in the native build of the same core; decisions and policies. With
//! `GAIT_BENCH_PEER` naming another program with the same commands, its figures stand beside gait's.

mod decide;
mod gateway;
mod native;
mod process;
mod sample;
mod scout;
mod serve;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gait_cli::core::{Core, NoWorld};
use gait_cli::host::files::Files;
use gait_contract::Call;
use gait_contract::runpack::{DiffRequest, Env, Privacy, RecordDefaults, RecordRequest, ReplayRequest, Signing};
use gait_contract::verify::VerifyRequest;
use process::{Cost, run};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [mode, folder, megabytes] = args.as_slice()
        && mode == "samples"
    {
        return write_samples(Path::new(folder), megabytes.parse().expect("a number of megabytes"));
    }
    if let [mode, folder, count] = args.as_slice()
        && mode == "runs"
    {
        return scout::write_runs(Path::new(folder), count.parse().expect("a number of runs"));
    }
    if args == ["decide"] {
        decide::decisions();
        return decide::loading();
    }
    let under_load = args.first().filter(|mode| ["serve", "soak"].contains(&mode.as_str()));
    if args == ["gateway"] {
        let beside = env::current_exe().expect("this program has a path");
        let folder = beside.parent().expect("programs stand in folders");
        let room = tempfile::tempdir().expect("a temporary folder can be made");
        return gateway::calls(&folder.join("gait"), &folder.join("echo-server"), room.path());
    }
    let beside = env::current_exe().expect("this program has a path");
    let folder = beside.parent().expect("programs stand in folders");
    let gait = folder.join("gait");
    let empty = folder.join("empty");
    assert!(gait.exists() && empty.exists(), "build first: `make bench` does");
    if let Some(mode) = under_load {
        let room = tempfile::tempdir().expect("a temporary folder can be made");
        let seconds = args.get(1).map_or(Ok(5), |seconds| seconds.parse()).expect("a number of seconds");
        let span = Duration::from_secs(seconds);
        return match mode.as_str() {
            "soak" => serve::soak(&gait, room.path(), span),
            _ => serve::service(&gait, room.path(), span),
        };
    }
    let peer = env::var_os("GAIT_BENCH_PEER").map(PathBuf::from);
    if args == ["scout"] {
        let room = tempfile::tempdir().expect("a temporary folder can be made");
        return scout::signals(&gait, room.path());
    }
    let room = tempfile::tempdir().expect("a temporary folder can be made");
    // First of all, while nothing of the module has been touched.
    let start = Instant::now();
    let core = Core::load().expect("the core loads");
    let loading = start.elapsed();

    println!("gait {} with core {}", Core::producer_version(), Core::digest());
    commands(&gait, &empty, peer.as_deref(), room.path());
    archives(&gait, peer.as_deref(), room.path());
    scout::signals(&gait, room.path());
    module_and_native(room.path());
    decide::decisions();
    decide::loading();
    decide::command(&gait, &empty, peer.as_deref(), room.path());
    gateway::calls(&gait, &folder.join("echo-server"), room.path());
    module(&core, loading);
    serve::service(&gait, room.path(), Duration::from_secs(3));
}

/// A command that is measured: its name, its arguments, its exit code.
type Measured<'a> = (&'a str, Vec<&'a str>, i32);

fn commands(gait: &Path, empty: &Path, peer: Option<&Path>, room: &Path) {
    println!("\n## Start to exit, median of 200\n");
    println!("| command | gait | against the empty program | peer | gait against the peer |");
    println!("|---|---|---|---|---|");
    let prepare = |program: &Path, name: &str| {
        let folder = room.join(name);
        fs::create_dir_all(&folder).expect("folders can be made");
        run(program, &["demo"], &folder, 0);
        run(program, &["regress", "init", "--from", "run_demo"], &folder, 0);
        folder
    };
    let ours = prepare(gait, "ours");
    let theirs = peer.map(|peer| (peer, prepare(peer, "theirs")));
    let list: [Measured<'_>; 4] = [
        ("version", vec!["version"], 0),
        ("demo", vec!["demo"], 0),
        ("verify run_demo", vec!["verify", "run_demo"], 0),
        ("regress run", vec!["regress", "run"], 0),
    ];
    for (name, args, exit) in &list {
        let mut times: [Vec<Duration>; 3] = Default::default();
        // Interleaved, so that whatever else the machine does meets all of them alike.
        for _ in 0..200 {
            times[0].push(run::<&str>(empty, &[], &ours, 0).time);
            times[1].push(run(gait, args, &ours, *exit).time);
            if let Some((peer, folder)) = &theirs {
                times[2].push(run(peer, args, folder, *exit).time);
            }
        }
        let [empty, gait, peer] = times.map(median);
        print!("| `{name}` | {} | {:.2} × | ", milliseconds(gait), ratio(gait, empty));
        match theirs {
            Some(_) => println!("{} | {:.2} × |", milliseconds(peer), ratio(gait, peer)),
            None => println!("– | – |"),
        }
    }
}

fn archives(gait: &Path, peer: Option<&Path>, room: &Path) {
    println!("\n## Archives through the command, median of 3 (time, peak memory)\n");
    println!("| size | command | gait | peer | time against the peer | memory against the peer |");
    println!("|---|---|---|---|---|---|");
    for megabytes in [1, 10, 100] {
        // In a process of its own: a child's peak memory counts what its parent held when it was started.
        run(
            &env::current_exe().expect("this program has a path"),
            &["samples", &room.to_string_lossy(), &megabytes.to_string()],
            room,
            0,
        );
        let left = format!("left_{megabytes}.json");
        let right = format!("right_{megabytes}.json");
        let records: Vec<Measured<'_>> = vec![
            ("run record", vec!["run", "record", &left, "--out-dir", "."], 0),
            ("run record", vec!["run", "record", &right, "--out-dir", "."], 0),
        ];
        let (a, b) = (format!("./runpack_run_left_{megabytes}.zip"), format!("./runpack_run_right_{megabytes}.zip"));
        let readers: Vec<Measured<'_>> = vec![
            ("verify", vec!["verify", &a], 0),
            ("run replay", vec!["run", "replay", &a], 0),
            ("run diff", vec!["run", "diff", &a, &b], 2),
        ];
        for (name, args, exit) in records.iter().skip(1).chain(&readers) {
            if *name == "run record" {
                run(gait, &records[0].1, room, 0);
            }
            let ours = best_of_three(gait, args, room, *exit);
            print!("| {megabytes} MB | `{name}` | {} | ", cost(ours, megabytes));
            match peer.map(|peer| best_of_three(peer, args, room, *exit)) {
                Some(theirs) => println!(
                    "{} | {:.2} × | {:.2} × |",
                    cost(theirs, megabytes),
                    ratio(ours.time, theirs.time),
                    ours.memory as f64 / theirs.memory as f64
                ),
                None => println!("– | – | – |"),
            }
        }
    }
}

fn write_samples(room: &Path, megabytes: usize) {
    for (side, changed) in [("left", false), ("right", true)] {
        let path = room.join(format!("{side}_{megabytes}.json"));
        let run_id = format!("run_{side}_{megabytes}");
        fs::write(path, sample::record(&run_id, megabytes * 1_000_000, changed)).expect("samples can be written");
    }
}

fn best_of_three(program: &Path, args: &[&str], folder: &Path, exit: i32) -> Cost {
    let mut costs: Vec<Cost> = (0..3).map(|_| run(program, args, folder, exit)).collect();
    costs.sort_by_key(|cost| cost.time);
    costs[1]
}

fn module_and_native(room: &Path) {
    println!("\n## The module against the native build of the same core, 10 MB, median of 5\n");
    println!("| operation | module | native | module against native |");
    println!("|---|---|---|---|");
    let path = |name: &str| room.join(name).to_string_lossy().into_owned();
    let (left, right) = (path("runpack_run_left_10.zip"), path("runpack_run_right_10.zip"));
    compare("verify", &VerifyRequest { archive: left.clone(), ..VerifyRequest::default() });
    compare("run.replay", &ReplayRequest { archive: left.clone() });
    compare("run.diff", &DiffRequest { left, right, privacy: Privacy::Full });
    let record = RecordRequest {
        input: path("left_10.json"),
        run_id: String::new(),
        capture_mode: String::new(),
        defaults: RecordDefaults { env: Env::default(), ..RecordDefaults::default() },
        signing: Signing::None,
    };
    compare("run.record", &record);
}

fn compare<C: Call>(name: &str, request: &C) {
    let core = Core::load().expect("the core loads");
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..5 {
        let start = Instant::now();
        core.call(request, &mut world()).unwrap_or_else(|fault| panic!("{name}: {}", fault.error));
        times[0].push(start.elapsed());
        let start = Instant::now();
        native::call(request, &mut world());
        times[1].push(start.elapsed());
    }
    let [module, native] = times.map(median);
    println!("| `{name}` | {} | {} | {:.2} × |", speed(module, 10), speed(native, 10), ratio(module, native));
}

/// A world whose result goes to a file that is forgotten.
fn world() -> Files {
    Files::new().writing_into(&env::temp_dir().to_string_lossy())
}

fn module(core: &Core, loading: Duration) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core-wasm/dist/gait_core.wasm");
    let bytes = fs::read(path).expect("the module is committed");
    let mut packed = Vec::with_capacity(bytes.len());
    let mut deflate = zlib_rs::Deflate::new(9, false, 15);
    packed.resize(bytes.len(), 0);
    deflate.compress(&bytes, &mut packed, zlib_rs::DeflateFlush::Finish).expect("the module can be compressed");
    let instances: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            core.run_raw("continue", b"", &mut NoWorld).expect("an instance answers");
            start.elapsed()
        })
        .collect();
    println!("\n## The module\n\n| what | value |\n|---|---|");
    println!("| size, raw | {} bytes |", bytes.len());
    println!("| size, deflated | {} bytes |", deflate.total_out());
    println!("| first load in a process | {} |", milliseconds(loading));
    println!("| an instance and one call | {} |", milliseconds(median(instances)));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn speed(time: Duration, megabytes: usize) -> String {
    format!("{} ({:.0} MB/s)", milliseconds(time), megabytes as f64 / time.as_secs_f64())
}

fn cost(cost: Cost, megabytes: usize) -> String {
    format!("{}, {:.1} MB", speed(cost.time, megabytes), cost.memory as f64 / 1e6)
}
