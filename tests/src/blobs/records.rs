//! Run records whose JSON is fine.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::runpack::{intent, refs, result, run};

pub(super) fn blobs() -> Blobs {
    let record = |name: &str, record: &Value| blob(&format!("record_{name}.json"), format!("{record:#}\n"));
    let named = |run_id: &str| json!({"run": {"run_id": run_id}});
    vec![
        record(
            "full",
            &json!({
                "run": run(), "intents": [intent("i1", "tool.search"), intent("i2", "tool.book")],
                "results": [result("i1", "ok"), result("i2", "error")], "refs": refs(&["r1", "r2"]), "capture_mode": "raw",
            }),
        ),
        record(
            "sparse",
            &json!({
                "run": {"run_id": "run_sparse"}, "intents": [{"intent_id": "i1", "tool_name": "tool.search"}],
                "results": [{"intent_id": "i1", "status": "ok"}],
            }),
        ),
        record(
            "nulls",
            &json!({
                "run": {"run_id": "run_nulls", "created_at": null, "env": null, "timeline": null},
                "intents": null, "results": null, "refs": null, "capture_mode": null,
            }),
        ),
        record("no_run", &json!({"intents": []})),
        record("run_id_blank", &named("  ")),
        record("run_id_climbs", &named("run/../../x")),
        record("run_id_backslash", &named("run\\x")),
        record("run_id_dots", &named("run..x")),
        record("run_id_control", &named("run\nx")),
        record("run_id_spaces", &named("run 7.b")),
        record("capture_mode_other", &json!({"run": {"run_id": "run_x"}, "capture_mode": "full"})),
        record("time_lower_case", &json!({"run": {"run_id": "run_x", "created_at": "2026-03-11t09:15:00z"}})),
        record("time_leap_second", &json!({"run": {"run_id": "run_x", "created_at": "2026-06-30T23:59:60Z"}})),
        record(
            "time_no_zone",
            &json!({"run": {"run_id": "run_x", "timeline": [{"event": "e", "ts": "2026-03-11T09:15:00"}]}}),
        ),
        record(
            "time_february_30",
            &json!({"run": {"run_id": "run_x"}, "refs": {"receipts": [{"retrieved_at": "2026-02-30T00:00:00Z"}]}}),
        ),
        record(
            "unicode",
            &json!({
                "run": {"run_id": "run_unicode"},
                "intents": [{"intent_id": "i1", "args": {
                    "\u{e000}": "after", "\u{10000}": "before", "é": "é", "e\u{301}": "not normalized",
                    "text": "\u{7f}\u{2028}</script>&\u{1}\n\t\"\\",
                }}],
            }),
        ),
        blob(
            "record_numbers.json",
            concat!(
                r#"{"run":{"run_id":"run_numbers"},"intents":[{"intent_id":"i1","args":{"n":[1.0,-0,-0.0,12345678901234567890,"#,
                r#"1e21,1E-7,0.000001,5e-324,100.00,1.7976931348623157e308,9007199254740993,0.1e1]}}]}"#
            ),
        ),
        // The records stand before the run whose values they inherit.
        blob(
            "record_run_last.json",
            concat!(
                r#"{"results":[{"intent_id":"i1","status":"ok"}],"intents":[{"intent_id":"i1","tool_name":"t"}],"#,
                r#""run":{"run_id":"run_last","created_at":"2026-01-02T03:04:05.600+02:00"}}"#
            ),
        ),
    ]
}
