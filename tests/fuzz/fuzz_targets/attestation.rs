//! DSSE envelopes with in-toto statements: no bytes stop `attestation.verify`.
#![no_main]

const REQUEST: &[u8] =
    br#"{"envelope":"e.json","folder":"","public_key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("attestation.verify", REQUEST, bytes)));
