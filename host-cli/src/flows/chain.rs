//! Verify a run with what belongs to it: the trace of a decision, an evidence pack.

use gait_contract::{Code, Fault};
use serde::Serialize;

use super::verify::{self, Demand, Keys, Verified};

/// What is to be verified together.
pub struct Wanted {
    /// Run id or path of the runpack.
    pub run: String,
    /// Path of a trace.
    pub trace: Option<String>,
    /// Path of an evidence pack.
    pub pack: Option<String>,
    /// How much is demanded of signatures.
    pub demand: Demand,
}

/// The parts, as far as they were asked for.
#[derive(Debug, Serialize)]
pub struct Chain {
    /// All parts are in order.
    pub ok: bool,
    /// The run.
    pub run: Verified,
}

/// A fault, with the parts that were finished before it.
pub struct Broken {
    /// What went wrong.
    pub fault: Fault,
    /// The run, if it was finished.
    pub run: Option<Verified>,
}

/// Verifies all parts.
pub fn chain(wanted: &Wanted) -> Result<(Chain, Keys), Broken> {
    let early = |fault| Broken { fault, run: None };
    if wanted.run.trim().is_empty() {
        return Err(early(Fault::new(Code::InvalidInput, "`--run` is missing").hint("give a run id, or the path of a runpack")));
    }
    let keys = verify::keys(&wanted.demand).map_err(early)?;
    let run = verify::verify(&wanted.run, &keys).map_err(early)?;
    match others(wanted, &keys) {
        Ok(()) => Ok((Chain { ok: run.report.ok, run }, keys)),
        Err(fault) => Err(Broken { fault, run: Some(run) }),
    }
}

fn others(wanted: &Wanted, keys: &Keys) -> Result<(), Fault> {
    if wanted.trace.is_some() && !keys.are_named() {
        return Err(Fault::new(Code::KeyMissing, "a trace is signed, so there has to be a key to check it with"));
    }
    let part = match (&wanted.trace, &wanted.pack) {
        (Some(path), _) => ("trace", path),
        (None, Some(path)) => ("evidence pack", path),
        (None, None) => return Ok(()),
    };
    Err(Fault::new(Code::InvalidInput, format!("this version of gait does not verify {}s", part.0))
        .hint("verify the run alone, or install a newer version")
        .at(part.1))
}
