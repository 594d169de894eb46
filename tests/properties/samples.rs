//! Random values: JSON, run records, and bytes that are nearly one of them.

use std::thread;

use gait_tests::world::World;
use gait_tests::{native, runpack};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value, json};

/// So many tries, unless the environment asks for another number.
pub(crate) fn tries(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let config = Config { failure_persistence: None, ..Config::default() };
    if asked { config } else { Config { cases, ..config } }
}

/// Texts with everything in them that escapes, sorts or prints in its own way.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>(),
        4 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\0', '\u{1f}'),
        1 => prop::sample::select(vec!['"', '\\', '/', '\u{7f}', '\u{2028}', '\u{e000}', '\u{ffff}', '\u{10000}', 'é']),
    ];
    vec(character, 0..12).prop_map(String::from_iter)
}

/// Numbers of all sizes; every one of them is a double.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i32>().prop_map(Value::from),
        (-(1_i64 << 53)..(1 << 53)).prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no such number", |number| number.is_finite()).prop_map(Value::from),
        (any::<i16>(), -30..30_i32).prop_map(|(digits, power)| Value::from(f64::from(digits) * 10_f64.powi(power))),
    ]
}

/// Any JSON value.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number(), text().prop_map(Value::from),];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(text(), inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any JSON object.
pub(crate) fn object() -> impl Strategy<Value = Value> {
    btree_map(text(), value(), 0..5).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// A run record. Intent ids are distinct; some intents have no result, some results failed.
pub(crate) fn record() -> impl Strategy<Value = Value> {
    let call = (text(), object(), prop_oneof![Just(None), Just(Some("ok")), Just(Some("error"))], object());
    let receipts = vec(text(), 0..3);
    (vec(call, 0..6), receipts, prop::bool::ANY, "[A-Za-z0-9_-]{1,20}").prop_map(|(calls, receipts, raw, name)| {
        let (mut intents, mut results) = (Vec::new(), Vec::new());
        for (number, (tool, args, status, result)) in calls.into_iter().enumerate() {
            intents.push(json!({"intent_id": format!("i{number}"), "tool_name": tool, "args": args}));
            if let Some(status) = status {
                results.push(json!({"intent_id": format!("i{number}"), "status": status, "result": result}));
            }
        }
        let receipts: Vec<Value> = receipts.into_iter().map(|id| json!({"ref_id": id})).collect();
        json!({
            "run": {"run_id": format!("run_{name}")}, "intents": intents, "results": results,
            "refs": {"receipts": receipts}, "capture_mode": if raw { "raw" } else { "reference" },
        })
    })
}

/// What the host fills in.
pub(crate) fn defaults() -> Value {
    json!({"now": "2026-04-01T12:00:00Z", "producer_version": "0.1.0", "env": {"os": "a", "arch": "b", "runtime": "c"}})
}

/// The archive that recording gives.
pub(crate) fn recorded(record: &Value) -> Vec<u8> {
    let mut world = World::of("record.json", record.to_string());
    let answer = native::answer("run.record", &json!({"input": "record.json", "defaults": defaults()}), &mut world);
    assert!(answer["reply"].is_object(), "{answer}");
    world.stream("archive").expect("an archive was written").to_vec()
}

/// An archive that gait wrote itself: the sample, packed again.
pub(crate) fn packed() -> Vec<u8> {
    let mut world = World::of("sample.zip", runpack::Runpack::sample().bytes());
    let answer = native::answer("migrate", &json!({"archive": "sample.zip", "defaults": defaults()}), &mut world);
    assert!(answer["reply"].is_object(), "{answer}");
    world.stream("archive").expect("an archive was written").to_vec()
}

/// What `verify` says about an archive.
pub(crate) fn verified(archive: &[u8]) -> Value {
    native::answer("verify", &json!({"archive": "a.zip"}), &mut World::of("a.zip", archive))
}

/// The outline of an archive.
pub(crate) fn outline(archive: &[u8], privacy: &str) -> Vec<u8> {
    let mut world = World::of("a.zip", archive);
    let answer = native::answer("run.outline", &json!({"archive": "a.zip", "privacy": privacy}), &mut world);
    assert!(answer["reply"].is_object(), "{answer}");
    world.stream("outline").expect("an outline was written").to_vec()
}

/// Calls `check` for every number below `count`, on all processors.
pub(crate) fn everywhere(count: usize, check: impl Fn(usize) + Sync) {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for first in 0..threads {
            let check = &check;
            scope.spawn(move || (first..count).step_by(threads).for_each(check));
        }
    });
}
