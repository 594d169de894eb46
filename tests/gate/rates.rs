//! Rate limits among processes that run at once, and that are killed.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use gait_tests::gate::chance::Chance;
use serde_json::Value;

use crate::place::{Place, answer};

fn limited(requests: usize) -> Place {
    let place = Place::new();
    let rule =
        format!("name: r\n    effect: allow\n    rate_limit: {{requests: {requests}, window: hour, scope: tool}}");
    place.put("policy.yaml", format!("rules:\n  - {rule}\n"));
    place
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// How many calls this hour has seen; also that the state can be read.
fn counted(place: &Place) -> u64 {
    if !place.path("state.json").exists() {
        return 0;
    }
    let state = place.json("state.json");
    assert_eq!(state["schema_id"], "gait.gate.rate_limit_state");
    state["counters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|counter| counter["count"].as_u64())
        .max()
        .unwrap_or(0)
}

#[test]
fn processes_at_once_get_exactly_what_the_limit_allows() {
    for round in 0..3 {
        let place = limited(5);
        let children: Vec<Child> = (0..16)
            .map(|number| start(place.command("fuel.json", &["--trace-out", &format!("trace-{number}.json")])))
            .collect();
        let mut allowed = 0;
        for child in children {
            let output = child.wait_with_output().expect("it ends");
            let answer: Value = serde_json::from_slice(&output.stdout).expect("one object");
            match output.status.code() {
                Some(0) => allowed += 1,
                Some(3) => assert_eq!(answer["violations"][0], "rate_limit_exceeded", "{answer}"),
                // Whoever waited too long got nothing.
                _ => assert_eq!(answer["error_code"], "rate_limit_lock_timeout", "{answer}"),
            }
        }
        // At the turn of an hour there are two hours' worth.
        let hours = place.json("state.json")["counters"].as_array().map_or(0, Vec::len);
        assert!(allowed == 5 || (hours > 1 && allowed > 5), "round {round}: {allowed} were allowed");
        let odd: Vec<String> =
            place.names().into_iter().filter(|name| name.contains("lock") || name.contains("tmp")).collect();
        assert!(odd.is_empty(), "{odd:?} were left behind");
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_state_that_counts_on() {
    let place = limited(1_000_000);
    let mut chance = Chance::new(3);
    let (mut started, mut finished) = (0, 0);
    // How long a call takes that is left alone.
    let began = SystemTime::now();
    assert_eq!(place.eval("fuel.json", &[]).code(), Some(0));
    let usual = began.elapsed().unwrap_or_default().max(Duration::from_millis(2));
    (started, finished) = (started + 1, finished + 1);
    for _ in 0..120 {
        let before = counted(&place);
        let mut child = start(place.command("fuel.json", &[]));
        started += 1;
        sleep(usual * u32::try_from(chance.below(110)).unwrap_or(0) / 100);
        let _ = child.kill();
        let status = child.wait().expect("it ends");
        let whole = status.success();
        finished += u64::from(whole);
        let after = counted(&place);
        assert!(after == before + 1 || (!whole && after == before), "{before} became {after}, {status}");
        // Nobody comes back for what was left behind; in a quarter of a minute everybody may take it over.
        if let Ok(lock) = File::options().write(true).open(place.path("state.json.lock")) {
            lock.set_modified(SystemTime::now() - Duration::from_secs(60)).expect("a time");
        }
        if place.path("trace.json").exists() {
            assert_eq!(place.json("trace.json")["verdict"], "allow");
        }
    }
    let done = place.eval("fuel.json", &[]);
    let answer = answer(&done);
    (started, finished) = (started + 1, finished + 1);
    assert_eq!(done.code(), Some(0), "{answer}");
    let total = counted(&place);
    assert!((finished..=started).contains(&total), "{total} of {started} were counted, {finished} finished");
    assert!(finished < started, "nobody was killed in time");
    let drafts: Vec<String> = fs::read_dir(place.cwd())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("state.json") && name != "state.json")
        .collect();
    assert!(drafts.is_empty(), "{drafts:?} were left behind");
}
