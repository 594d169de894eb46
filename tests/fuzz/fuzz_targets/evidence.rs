//! Evidence packs: no bytes stop `guard.verify`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("guard.verify", br#"{"pack":"p.zip"}"#, bytes)));
