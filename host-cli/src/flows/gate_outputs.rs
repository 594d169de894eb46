//! The files that a decision leaves behind: where they go, and writing them.

use std::path::Path;

use gait_contract::gate::Decision;
use gait_contract::{Category, Code, Fault};

use super::gate;
use crate::host::{fs, paths};

/// Where the files of a decision go; blank for the usual names in the working folder.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// `--trace-out`.
    pub trace: String,
    /// `--approval-audit-out`.
    pub approval_audit: String,
    /// `--credential-evidence-out`.
    pub credential_evidence: String,
}

/// The files that were written.
#[derive(Debug, Default)]
pub struct Written {
    /// The trace.
    pub trace: String,
    /// The approval audit, if there is one.
    pub approval_audit: String,
    /// The credential evidence, if there is any.
    pub credential_evidence: String,
}

impl Outputs {
    /// Finds out whether the trace can be written, before anything depends on it, and that nothing that is read (the
    /// `sources`) gets lost. Blank sources are none.
    pub fn check(&self, sources: &[&str]) -> Result<(), Fault> {
        let targets = [
            (&self.trace, "--trace-out"),
            (&self.approval_audit, "--approval-audit-out"),
            (&self.credential_evidence, "--credential-evidence-out"),
        ];
        let given: Vec<_> = targets.into_iter().filter(|(target, _)| !target.trim().is_empty()).collect();
        for (index, (target, flag)) in given.iter().enumerate() {
            let others = given.iter().take(index).map(|(other, _)| other.as_str());
            let mut all = sources.iter().copied().chain(others);
            let clash = all.find(|other| !other.trim().is_empty() && paths::same_place(target, other));
            if clash.is_some() && !fs::is_stream(Path::new(target)) {
                return Err(Fault::new(
                    Code::OutputIsInput,
                    format!("`{target}` is used otherwise and would be overwritten"),
                )
                .hint(format!("choose another file with `{flag}`")));
            }
        }
        let trace = if self.trace.trim().is_empty() { "trace.json" } else { &self.trace };
        fs::try_writing(Path::new(trace)).map_err(unusable)
    }

    /// Writes the trace, then what belongs to it, each file whole and synced.
    pub fn write(&self, decision: &Decision) -> Result<Written, Fault> {
        let Some(files) = &decision.files else { return Err(gate::undecided()) };
        let id = &decision.trace_id;
        let put = |path: &str, usual: String, text: &str| -> Result<String, Fault> {
            let path = if path.trim().is_empty() { usual } else { path.to_owned() };
            fs::write_with_folders(Path::new(&path), text.as_bytes()).map_err(unusable)?;
            Ok(path)
        };
        let mut written =
            Written { trace: put(&self.trace, format!("trace_{id}.json"), &files.trace)?, ..Written::default() };
        if let Some(text) = &files.approval_audit {
            written.approval_audit = put(&self.approval_audit, format!("approval_audit_{id}.json"), text)?;
        }
        if let Some(text) = &files.credential_evidence {
            let usual = format!("credential_evidence_{id}.json");
            written.credential_evidence = put(&self.credential_evidence, usual, text)?;
        }
        Ok(written)
    }
}

/// A place that cannot be written to was named by the caller (gate contract, section 6).
pub fn unusable(mut fault: Fault) -> Fault {
    fault.error_category = Category::InvalidInput;
    fault.retryable = false;
    fault
}
