//! `gait mcp serve` as a stranger meets it: routes, refusals, callers who take their time, signals, full and missing
//! disks, many processes.
#![cfg(unix)]

mod endurance;
mod refusals;
mod routes;
mod server;
