//! Sentences that hold for every input, each tried on many. The number of tries is small enough for every day;
//! `PROPTEST_CASES=10000 cargo test -p gait-tests --test properties` tries harder.

mod archives;
mod evidence;
mod gates;
mod hosts;
mod json;
mod registry;
mod runs;
mod samples;
mod scouting;
mod tampering;
mod verdicts;
