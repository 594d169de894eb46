//! From arguments to the input of a flow, and from its answer to lines for people: one short file for each command.

pub mod approve;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod flags;
pub mod gate;
pub mod guard;
pub mod help;
pub mod incident;
pub mod keys;
pub mod mcp;
pub mod migrate;
pub mod policy;
pub mod registry;
pub mod regress;
pub mod run;
pub mod scout;
pub mod trace;
pub mod verify;
pub mod version;

use gait_contract::ExitCode;

use crate::render::{Envelope, Object, Outcome};

/// A command: its arguments are its fields, as clap reads them.
pub trait Command: clap::Args {
    /// A few words for lists.
    const SUMMARY: &'static str;
    /// One line for `--explain` and the head of the help page.
    const EXPLAIN: &'static str;
    /// The form of a call.
    const USAGE: &'static str;
    /// Example calls with what they do.
    const EXAMPLES: &'static [(&'static str, &'static str)];
    /// What its exit codes mean, besides 6 and 1.
    const EXITS: &'static [(ExitCode, &'static str)];
    /// Flags for which an empty value is not the same as none.
    const KEEPS_EMPTY: &'static [&'static str] = &[];

    /// How it tells its faults.
    const ENVELOPE: Envelope = Envelope::ByCause;

    /// Its object before anything is known.
    fn blank() -> Object {
        Object::new()
    }

    /// Learns the correlation id of the call, for commands that write it down.
    fn correlate(&mut self, _id: String) {}

    /// What `--explain --json` answers, where that is more than the one line about the command.
    fn explain(self) -> Option<Outcome> {
        None
    }

    /// Does it.
    fn run(self) -> Outcome;
}
