//! Archives: no bytes stop `verify`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    gait_fuzz::run("verify", br#"{"archive":"a.zip"}"#, bytes);
    gait_fuzz::run("run.replay", br#"{"archive":"a.zip"}"#, bytes);
});
