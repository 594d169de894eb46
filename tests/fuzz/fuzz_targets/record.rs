//! Run records: no bytes stop `run.record`.
#![no_main]

const REQUEST: &[u8] =
    br#"{"input":"r.json","defaults":{"now":"2026-04-01T12:00:00Z","producer_version":"0","env":{}}}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("run.record", REQUEST, bytes)));
