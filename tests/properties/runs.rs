//! Runs from record to verdict.

use gait_tests::native;
use gait_tests::world::World;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{defaults, outline, record, recorded, tries, verified};

fn answer(op: &str, request: &Value, archive: &[u8]) -> Value {
    native::answer(op, request, &mut World::of("a.zip", archive).with("b.zip", archive))
}

proptest! {
    #![proptest_config(tries(120))]

    #[test]
    fn what_is_recorded_verifies_replays_and_equals_itself(record in record()) {
        let archive = recorded(&record);
        let report = verified(&archive);
        prop_assert_eq!((&report["reply"]["ok"], &report["reply"]["complete"]), (&true.into(), &true.into()));
        prop_assert_eq!(&report["reply"]["run_id"], &record["run"]["run_id"]);

        let replay = answer("run.replay", &json!({"archive": "a.zip"}), &archive);
        let steps = replay["reply"]["steps"].as_array().map_or(0, Vec::len);
        prop_assert_eq!(steps, record["intents"].as_array().map_or(0, Vec::len), "{}", replay);
        let missing = replay["reply"]["missing_results"].as_array().is_some_and(|missing| !missing.is_empty());
        prop_assert_eq!(&replay["reply"]["ok"], &Value::from(!missing));

        for privacy in ["full", "metadata"] {
            let diff = answer("run.diff", &json!({"left": "a.zip", "right": "b.zip", "privacy": privacy}), &archive);
            prop_assert_eq!(&diff["reply"]["ok"], &Value::from(true), "{}", diff);
        }
    }

    #[test]
    fn comparing_outlines_is_comparing_archives(one in record(), other in record()) {
        let (one, other) = (recorded(&one), recorded(&other));
        for privacy in ["full", "metadata"] {
            let request = json!({"left": "a.zip", "right": "b.zip", "privacy": privacy});
            let archives = native::answer("run.diff", &request, &mut World::of("a.zip", &one[..]).with("b.zip", &other[..]));
            let mut outlines = World::of("a.zip", outline(&one, privacy)).with("b.zip", outline(&other, privacy));
            prop_assert_eq!(native::answer("run.compare", &request, &mut outlines), archives);
        }
    }

    #[test]
    fn recording_twice_gives_the_same_bytes(record in record()) {
        prop_assert_eq!(recorded(&record), recorded(&record));
    }

    #[test]
    fn the_order_of_keys_in_a_record_says_nothing(record in record()) {
        let members: Vec<String> = record.as_object().into_iter().flatten()
            .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
        let expected = recorded(&record);
        for turn in 0..members.len() {
            let mut members = members.clone();
            members.rotate_left(turn);
            let text = format!("{{{}}}", members.join(",\n"));
            let mut world = World::of("record.json", text);
            native::run("run.record", json!({"input": "record.json", "defaults": defaults()}).to_string().as_bytes(), &mut world);
            prop_assert_eq!(world.stream("archive"), Some(&expected[..]));
        }
    }

    #[test]
    fn migrating_what_gait_wrote_changes_no_byte(record in record()) {
        let archive = recorded(&record);
        let mut world = World::of("a.zip", &archive[..]);
        let migrated = native::answer("migrate", &json!({"archive": "a.zip", "defaults": defaults()}), &mut world);
        prop_assert_eq!(&migrated["reply"]["unchanged"], &Value::from(true), "{}", migrated);
        prop_assert_eq!(world.stream("archive"), Some(&archive[..]));
    }

    #[test]
    fn what_is_reduced_verifies_and_still_fails(record in record()) {
        let archive = recorded(&record);
        for predicate in ["missing_result", "non_ok_status"] {
            let mut world = World::of("a.zip", &archive[..]);
            let request = json!({"archive": "a.zip", "predicate": predicate});
            let reduced = native::answer("run.reduce", &request, &mut world);
            let Some(report) = reduced["reply"]["report"].as_object() else {
                prop_assert_eq!(&reduced["fault"]["error_code"], &Value::from("reduce_nothing"));
                continue;
            };
            let smaller = world.stream("archive").expect("an archive was written").to_vec();
            prop_assert_eq!(&verified(&smaller)["reply"]["ok"], &Value::from(true));
            prop_assert_eq!(&report["reduced_intent_count"], &Value::from(1));
            let again = answer("run.reduce", &request, &smaller);
            prop_assert_eq!(&again["reply"]["report"]["selected_intent_id"], &report["selected_intent_id"], "{}", again);
        }
    }

    #[test]
    fn a_fixture_of_a_run_passes_against_the_run_itself(record in record()) {
        let archive = recorded(&record);
        let init = answer("regress.init", &json!({"archive": "a.zip", "name": "fixture"}), &archive);
        let text = |key: &str| init["reply"][key].as_str().unwrap_or_default().to_owned();
        let mut world = World::of("gait.yaml", text("config_text"))
            .with("fixtures/fixture/fixture.json", text("fixture_text"))
            .with("fixtures/fixture/runpack.zip", &archive[..])
            .with("new.zip", &archive[..]);
        let request = json!({"config": "gait.yaml", "candidate": "new.zip", "producer_version": "0.1.0"});
        let report = native::answer("regress.run", &request, &mut world);
        let complete = answer("run.replay", &json!({"archive": "a.zip"}), &archive)["reply"]["ok"].clone();
        // A fresh fixture expects a replay without gaps.
        prop_assert_eq!(&report["reply"]["ok"], &complete, "{}", report);
    }
}
