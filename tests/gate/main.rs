//! `gait gate eval` in a world that fails: what it says, how it ends, and what is on the disk afterwards.
#![cfg(unix)]

mod exhaustion;
mod place;
mod rates;
mod secrets;
mod table;
