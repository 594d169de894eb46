//! Registry manifests: no bytes stop checking one.
#![no_main]

const REQUEST: &[u8] =
    br#"{"manifest":{"source":"m.json"},"public_key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","metadata_path":"m"}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(gait_fuzz::run("registry.verify", REQUEST, bytes)));
