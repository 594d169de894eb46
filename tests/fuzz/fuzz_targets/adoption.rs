//! Adoption logs: no bytes stop counting one.
#![no_main]

const REQUEST: &[u8] = br#"{"log":"l.jsonl","producer_version":"1"}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("adoption.report", REQUEST, bytes)));
