//! Requests: no bytes stop any operation; the first line names one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = gait_contract::frame::read(bytes);
    let (op, request) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    gait_fuzz::run(&String::from_utf8_lossy(op), request, b"{}");
});
