//! Intents: no bytes stop reading one.
#![no_main]

const REQUEST: &[u8] = br#"{"intent":{"source":"i.json"}}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("intent.digest", REQUEST, bytes)));
