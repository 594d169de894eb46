//! Walks `cli/`: what the program prints, writes and returns.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gait_tests::case;

/// The program is built with these tests, from its own main file, so that it is never older than they are.
const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");

#[test]
fn every_case_does_what_it_says() {
    let cases = case::all();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(name) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(complaint) = case::run(name, PROGRAM) {
                        failures.lock().expect("no thread panics").push(format!("{name}: {complaint}"));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no thread panics");
    failures.sort_unstable();
    assert!(!cases.is_empty(), "there are no cases");
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
