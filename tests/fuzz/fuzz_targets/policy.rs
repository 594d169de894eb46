//! Policies: no bytes stop reading or formatting one, and the one layout is its own layout.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    gait_fuzz::run("policy.load", br#"{"policy":"p.yaml"}"#, bytes);
    let once = gait_fuzz::run("policy.format", br#"{"policy":"p.yaml"}"#, bytes);
    // A layout that would change what the policy means is a fault of this kind.
    assert!(!String::from_utf8_lossy(&once).contains("\"internal_failure\""));
});
