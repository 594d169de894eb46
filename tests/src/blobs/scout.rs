//! What scout reads besides runpacks that others made: runs of their own kind, traces, regress results, records,
//! configurations and snapshots.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::runpack::{Runpack, intent, refs, result, run};

pub(super) fn blobs() -> Blobs {
    let mut blobs = runs();
    blobs.extend(evidence());
    blobs.extend(configurations());
    blobs.extend(snapshots());
    blobs
}

fn runs() -> Blobs {
    let mut blank = run();
    blank["run_id"] = "  ".into();
    let mut refs = refs(&["r1", "r2", "r3"]);
    for (number, (kind, locator, digest)) in [
        ("Web", "https://Prod.example/äö?", "A".repeat(64)),
        (" ", "", "b".repeat(63)),
        ("kb", &"x".repeat(60), " ".into()),
    ]
    .into_iter()
    .enumerate()
    {
        refs["receipts"][number]["source_type"] = kind.into();
        refs["receipts"][number]["source_locator"] = locator.into();
        refs["receipts"][number]["content_digest"] = digest.into();
    }
    let odd = Runpack::new(
        &run(),
        &[intent("i1", " Mail.SEND "), intent("i2", "  "), intent("i3", "budget"), intent("i4", "Drop Table")],
        &[
            result("i1", " OK "),
            result("i3", "Time-Out"),
            result("i3", "time out"),
            result("i4", "!!"),
            result("i5", "Success"),
        ],
        &refs,
    );
    let mut nameless = Runpack::new(&blank, &[], &[], &crate::runpack::refs(&[]));
    nameless.head["run_id"] = "run_nameless".into();
    vec![blob("scout_odd_names.zip", odd.bytes()), blob("scout_blank_run_id.zip", nameless.bytes())]
}

fn evidence() -> Blobs {
    let file = |name: &str, value: &Value| blob(&format!("scout_{name}.json"), format!("{value:#}\n"));
    let trace = |correlation_id: &str, trace_id: &str, verdict: &str, violations: &[&str]| json!({"correlation_id": correlation_id, "trace_id": trace_id, "verdict": verdict, "violations": violations});
    let grader = |name: &str, status: &str, reasons: Value, details: Value| json!({"name": name, "status": status, "reason_codes": reasons, "details": details});
    let regress = |graders: &[Value]| json!({"schema_id": "gait.regress.result", "graders": graders});
    vec![
        file("trace_block", &trace("job/run_one;x", "run_two", " Block ", &["Bad Thing!", "bad-thing"])),
        file("trace_allow", &trace("", "trace_run_one", "ALLOW", &[])),
        file("trace_no_verdict", &trace("", "run_one", "", &[])),
        file("trace_nameless", &trace("x", "y", "block", &["v"])),
        file(
            "regress",
            &regress(&[
                grader("run_one/diff", "FAIL", json!(["Unexpected Diff", "unexpected_diff"]), Value::Null),
                grader("run_one/schema", " Pass ", json!(["never"]), json!({})),
                grader("x/y", "error", Value::Null, json!({"run_id": " run_two ", "more": [1]})),
                grader("run_two", "fail", json!([]), json!({"run_id": 7})),
                grader(" /x", "fail", json!(["lost"]), json!({})),
            ]),
        ),
        file("regress_reason_number", &regress(&[grader("a", "fail", json!([1]), json!({}))])),
        file("regress_status_number", &json!({"graders": [{"status": 1}]})),
        file("regress_graders_object", &json!({"graders": {}})),
        file("list", &json!([])),
    ]
}

fn configurations() -> Blobs {
    let servers =
        json!({"mcpServers": {"Payment Hub": {}, " ": 1, "log-writer": {"servers": {"inner": {}}}}, "servers": ["no"]});
    vec![
        blob("scout_mcp.json", servers.to_string()),
        blob("scout_mcp_duplicate_key.json", "{\"servers\":{\"a\":{}},\"servers\":{}}"),
        blob("scout_mcp_cut.json", "{\"servers\":{\"a\":"),
        blob("scout_mcp_deep.json", format!("{}{}", "{\"servers\":".repeat(2_000), "}".repeat(2_000))),
        blob("scout_deep.yaml", "[".repeat(100_000)),
        blob("scout_latin1.py", b"@tool\n# caf\xE9\ndef read_mail(x): pass\ndef \xE9(x): pass\n".as_slice()),
        blob("scout_long_line.py", format!("@tool\ndef {}(x): pass\n{}", "a".repeat(5_000), "name=".repeat(50_000))),
    ]
}

fn snapshots() -> Blobs {
    let item = |id: &str, locator: &str, risk: &str, tags: &[&str]| json!({"id": id, "kind": "tool", "name": id, "locator": locator, "risk_level": risk, "tags": tags});
    let snapshot = |id: &str, items: &[Value]| {
        blob(&format!("scout_snapshot_{id}.json"), json!({"snapshot_id": id, "items": items}).to_string())
    };
    vec![
        snapshot(
            "left",
            &[item("a", "a.py", "low", &["t", "u"]), item("b", "b.py", "", &[]), item("c", "c.py", "low", &[])],
        ),
        snapshot(
            "right",
            &[
                item("d", "d.py", "high", &[]),
                item("c", "e.py", "critical", &[]),
                item("a", "a.py", "low", &["u", " t ", "u"]),
            ],
        ),
        snapshot(
            "twice",
            &[
                item("a", "x.py", "low", &[]),
                item("a", "a.py", "low", &["u", "t"]),
                item("b", "b.py", "", &[]),
                item("c", "c.py", "low", &[]),
            ],
        ),
        blob("scout_snapshot_typed.json", "{\"items\":[{\"id\":1}]}"),
        blob("scout_snapshot_null.json", "null"),
    ]
}
