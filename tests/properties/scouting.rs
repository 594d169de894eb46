//! Signals and inventories: what they say follows from what was looked at, and from nothing else.

use gait_tests::native;
use gait_tests::world::World;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{everywhere, packed, record, recorded, text, tries};

/// The record of a runpack, as one line.
fn noted(archive: &[u8], path: &str) -> String {
    let answer = native::answer("scout.fingerprint", &json!({ "archive": path }), &mut World::of(path, archive));
    assert!(answer["reply"].is_object(), "{answer}");
    format!("{}\n", answer["reply"])
}

fn trace(run: &str, verdict: &str, violations: &[String]) -> Value {
    json!({"correlation_id": run, "verdict": verdict, "violations": violations})
}

/// Summary and report.
fn reported(records: &[String], traces: &[Value]) -> (Value, Vec<u8>) {
    let names: Vec<String> = (0..traces.len()).map(|number| format!("{number}.json")).collect();
    let world = World::of("records", records.concat());
    let mut world = names.iter().zip(traces).fold(world, |world, (name, trace)| world.with(name, trace.to_string()));
    let request = json!({"records": "records", "traces": names, "producer_version": "0.1.0"});
    let answer = native::answer("scout.report", &request, &mut world);
    assert!(answer["reply"].is_object(), "{answer}");
    (answer, world.stream("report").expect("a report was written").to_vec())
}

proptest! {
    #![proptest_config(tries(60))]

    #[test]
    fn the_order_of_runs_and_traces_says_nothing(
        runs in vec(record(), 1..6),
        said in vec((any::<prop::sample::Index>(), text(), vec(text(), 0..3)), 0..5),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut records: Vec<String> =
            runs.iter().enumerate().map(|(number, run)| noted(&recorded(run), &format!("{number}.zip"))).collect();
        let mut traces: Vec<Value> = said
            .iter()
            .map(|(run, verdict, violations)| trace(run.get(&runs)["run"]["run_id"].as_str().unwrap_or_default(), verdict, violations))
            .collect();
        let first = reported(&records, &traces);
        let turned = turn.index(records.len());
        records.rotate_left(turned);
        records.reverse();
        traces.reverse();
        prop_assert_eq!(&reported(&records, &traces), &first);

        let report: Value = serde_json::from_slice(&first.1).expect("a report is JSON");
        let counts = report["families"].as_array().into_iter().flatten().map(|family| family["count"].as_u64().unwrap_or_default());
        prop_assert_eq!(counts.sum::<u64>(), runs.len() as u64);
        prop_assert_eq!(report["fingerprints"].as_array().map_or(0, Vec::len), runs.len());
        let scores: Vec<u64> = report["families"].as_array().into_iter().flatten()
            .map(|family| family["severity_score"].as_u64().unwrap_or_default()).collect();
        prop_assert!(scores.is_sorted_by(|one, other| one >= other), "{:?}", scores);
    }

    #[test]
    fn a_run_is_alike_whatever_it_is_called(run in record(), name in "[a-z]{1,9}") {
        let mut other = run.clone();
        other["run"]["run_id"] = format!("run_{name}").into();
        let fingerprint = |run: &Value| {
            let (_, report) = reported(&[noted(&recorded(run), "a.zip")], &[]);
            let report: Value = serde_json::from_slice(&report).expect("a report is JSON");
            report["fingerprints"][0]["fingerprint"].clone()
        };
        prop_assert_eq!(fingerprint(&run), fingerprint(&other));
    }

    #[test]
    fn no_text_stops_the_scanners(python in text(), lines in vec("[@deftoolnam_=\"' ():,\\[\n]{0,40}", 0..6), other in text()) {
        let files = ["a.py", "b.json", "c.yaml"];
        let text = format!("{python}\n{}", lines.join("\n"));
        let request = |files: &[&str]| json!({
            "workspace": ".", "files": files, "created_at": "2026-04-01T12:00:00Z", "producer_version": "0.1.0",
        });
        let mut world = World::of("a.py", text).with("b.json", other.as_str()).with("c.yaml", other.as_str());
        let answer = native::answer("scout.snapshot", &request(&files), &mut world);
        let items = answer["reply"]["items"].as_array().cloned();
        prop_assert!(items.is_some(), "{}", answer);
        let ids: Vec<String> = items.iter().flatten().map(|item| item["id"].to_string()).collect();
        prop_assert!(ids.is_sorted_by(|one, other| one < other), "{:?}", ids);

        let snapshot = answer["reply"]["snapshot_text"].as_str().unwrap_or_default();
        let mut world = World::of("s.json", snapshot);
        let diff = native::answer("scout.diff", &json!({"left": "s.json", "right": "s.json"}), &mut world);
        prop_assert_eq!(&diff["reply"]["ok"], &Value::from(true), "{}", diff);
    }
}

#[test]
fn a_changed_byte_never_changes_what_a_run_did() {
    let honest = packed();
    let record = noted(&honest, "a.zip");
    everywhere(honest.len(), |place| {
        for bit in [1, 128] {
            let mut changed = honest.clone();
            changed[place] ^= bit;
            let mut world = World::of("a.zip", changed);
            let answer = native::answer("scout.fingerprint", &json!({"archive": "a.zip"}), &mut world);
            assert!(
                answer["fault"].is_object() || format!("{}\n", answer["reply"]) == record,
                "byte {place}: {answer}"
            );
        }
    });
}
