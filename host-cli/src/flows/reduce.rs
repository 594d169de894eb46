//! Shrink a runpack to the smallest one that still shows a failure.

use std::path::Path;

use gait_contract::runpack::{Predicate, ReduceReport, ReduceRequest};
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::record::check;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs::Draft;
use crate::host::{interrupt, paths};

/// What is to be reduced.
pub struct Wanted {
    /// Run id or path.
    pub run: String,
    /// What to look for.
    pub predicate: Predicate,
    /// File for the archive.
    pub out: Option<String>,
    /// File for the report.
    pub report_out: Option<String>,
}

/// A reduced runpack.
#[derive(Debug, Serialize)]
pub struct Reduced {
    /// Always true.
    pub ok: bool,
    /// The original.
    pub input: String,
    /// The reduced archive.
    pub output: String,
    /// The report's file.
    pub report_path: String,
    /// The original run.
    pub run_id: String,
    /// The reduced run.
    pub reduced_run_id: String,
    /// What was looked for.
    pub predicate: &'static str,
    /// What was kept.
    pub report: ReduceReport,
    /// What got lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Reduces a runpack.
pub fn reduce(wanted: Wanted) -> Result<Reduced, Fault> {
    let input = paths::resolve(&wanted.run)?;
    let folder = wanted.out.as_deref().map_or_else(|| paths::folder_of(&input), paths::folder_of).to_owned();
    refuse_same(&input, wanted.out.as_deref())?;
    refuse_same(&input, wanted.report_out.as_deref())?;
    interrupt::hold();
    let core = Core::load()?;
    let mut files = Files::new().writing_into(&folder);
    let request = ReduceRequest { archive: input.clone(), predicate: wanted.predicate };
    let reduced = core.call(&request, &mut files).map_err(|fault| files.explain(fault))?;
    let draft = files.into_draft()?;
    check(&core, &draft)?;

    let predicate = wanted.predicate.name();
    let output = match wanted.out {
        Some(out) => out,
        None => {
            let name = paths::archive_name(&format!("{}_reduced_{predicate}", reduced.report.run_id))?;
            paths::beside(&input, &name)
        }
    };
    let report_path = wanted.report_out.unwrap_or_else(|| format!("{output}.reduce_report.json"));
    refuse_same(&input, Some(&output))?;
    refuse_same(&output, Some(&report_path))?;
    let report = Draft::holding(Path::new(&report_path), reduced.report_text.as_bytes())?;
    draft.put(Path::new(&output))?;
    report.put(Path::new(&report_path))?;
    let dropped = "the reduced runpack is not signed, although the original is";
    Ok(Reduced {
        ok: true,
        input,
        output,
        report_path,
        run_id: reduced.report.run_id.clone(),
        reduced_run_id: reduced.report.reduced_run_id.clone(),
        predicate,
        report: reduced.report,
        warnings: reduced.signatures_dropped.then(|| dropped.to_owned()).into_iter().collect(),
    })
}

fn refuse_same(one: &str, other: Option<&str>) -> Result<(), Fault> {
    match other {
        Some(other) if paths::same_place(one, other) => {
            let fault = Fault::new(Code::OutputIsInput, format!("`{other}` would be overwritten"));
            Err(fault.hint("choose other files with `--out` and `--report-out`"))
        }
        _ => Ok(()),
    }
}
