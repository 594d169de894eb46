//! Inventories: no bytes stop the scanners of Python, JSON and YAML, nor the comparison of two snapshots.
#![no_main]

const REQUEST: &[u8] = br#"{"workspace":".","files":["a.py","b.json","c.yaml"],"created_at":"2026-04-01T12:00:00Z","producer_version":"0"}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    gait_fuzz::run("scout.snapshot", REQUEST, bytes);
    gait_fuzz::run("scout.diff", br#"{"left":"a.json","right":"b.json"}"#, bytes);
    gait_fuzz::run("scout.report", br#"{"records":"r","traces":["t"],"regress":["g"],"producer_version":"0"}"#, bytes);
});
