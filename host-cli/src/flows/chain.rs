//! Verify a run with what belongs to it: the trace of a decision, an evidence pack.

use std::path::Path;

use gait_contract::guard::{PackReport, PackVerifyRequest};
use gait_contract::trace::{TraceReport, TraceVerifyRequest};
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::verify::{self, Demand, Keys, Verified};
use crate::core::Core;
use crate::host::files::Files;

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
    /// The trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Part<TraceReport>>,
    /// The evidence pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<Part<PackReport>>,
}

/// What was found out about one file.
#[derive(Debug, Serialize)]
pub struct Part<R> {
    /// Its path.
    pub path: String,
    /// What was found.
    #[serde(flatten)]
    pub report: R,
}

/// A fault, with the parts that were finished before it.
pub struct Broken {
    /// What went wrong.
    pub fault: Fault,
    /// The parts.
    pub chain: Option<Chain>,
}

/// Verifies all parts.
pub fn chain(wanted: &Wanted) -> Result<(Chain, Keys), Box<Broken>> {
    let early = |fault| Box::new(Broken { fault, chain: None });
    if wanted.run.trim().is_empty() {
        return Err(early(
            Fault::new(Code::InvalidInput, "`--run` is missing").hint("give a run id, or the path of a runpack"),
        ));
    }
    let keys = verify::keys(&wanted.demand).map_err(early)?;
    let run = verify::verify(&wanted.run, &keys).map_err(early)?;
    let mut chain = Chain { ok: false, run, trace: None, pack: None };
    match others(wanted, &keys, &mut chain) {
        Ok(()) => {
            let trace_ok = chain.trace.as_ref().is_none_or(|trace| trace.report.ok);
            let pack_ok = chain.pack.as_ref().is_none_or(|pack| pack.report.ok);
            chain.ok = chain.run.report.ok && trace_ok && pack_ok;
            Ok((chain, keys))
        }
        Err(fault) => Err(Box::new(Broken { fault, chain: Some(chain) })),
    }
}

fn others(wanted: &Wanted, keys: &Keys, chain: &mut Chain) -> Result<(), Fault> {
    if let Some(trace) = &wanted.trace {
        if !keys.are_named() {
            return Err(Fault::new(Code::KeyMissing, "a trace is signed, so there has to be a key to check it with"));
        }
        chain.trace = Some(ask(
            trace,
            &TraceVerifyRequest {
                trace: trace.clone(),
                public_key: keys.named_text(),
                run: Some(chain.run.path.clone()),
            },
        )?);
    }
    if let Some(pack) = &wanted.pack {
        chain.pack = Some(ask(
            pack,
            &PackVerifyRequest {
                pack: pack.clone(),
                public_key: keys.named_text(),
                require_signature: keys.require_signature(),
                run_id: Some(chain.run.report.run_id.clone()),
                members: false,
            },
        )?);
    }
    Ok(())
}

/// Asks the core about one file.
pub(super) fn ask<C: gait_contract::Call>(path: &str, request: &C) -> Result<Part<C::Reply>, Fault> {
    if Path::new(path).is_dir() {
        return Err(Fault::new(Code::FileUnreadable, format!("`{path}` is a folder")).at(path));
    }
    let report = Core::load()?.call(request, &mut Files::new())?;
    Ok(Part { path: path.to_owned(), report })
}
