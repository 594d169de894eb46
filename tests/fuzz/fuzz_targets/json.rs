//! JSON: no bytes stop the canonicalizer, and its form is its own form.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(once) = gait_core::json::canonicalize(bytes) {
        assert_eq!(gait_core::json::canonicalize(&once).as_deref(), Ok(&once[..]));
    }
});
