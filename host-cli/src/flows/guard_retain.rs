//! Delete traces and packs that have had their time: look, let the core decide, delete, report (guard contract,
//! section 10).

use std::path::Path;

use gait_contract::retention::{FoundFile, RetainRequest, RetainedFile, Retention};
use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::core::{Core, NoWorld, Session};
use crate::host::{clock, fs, interrupt, paths, sweep};

/// What to delete.
pub struct Wanted {
    /// The folder.
    pub root: String,
    /// How long traces are kept.
    pub trace_ttl: String,
    /// How long packs are kept.
    pub pack_ttl: String,
    /// File for the report.
    pub report_out: String,
    /// Deletes nothing.
    pub dry_run: bool,
}

/// What was found, and what became of it.
#[derive(Debug, Serialize)]
pub struct Retained {
    /// Everything that was to be deleted is.
    pub ok: bool,
    /// The folder.
    pub root_path: String,
    /// Number of traces and packs.
    #[serde(skip_serializing_if = "is_zero")]
    pub scanned_files: u64,
    /// What has had its time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted_files: Vec<RetainedFile>,
    /// What stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept_files: Vec<RetainedFile>,
    /// Nothing was deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// What was left alone because it has no name that could be reported.
    #[serde(skip)]
    pub unnamed: u64,
    /// Why not everything was deleted.
    #[serde(skip)]
    pub failure: Option<Fault>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Deletes what has had its time. A run that was interrupted is simply repeated: what is gone is not found again.
pub fn retain(wanted: &Wanted) -> Result<Retained, Fault> {
    let root = paths::clean(wanted.root.trim());
    let mut session = Core::load()?.session()?;
    let mut request = RetainRequest {
        root: root.clone(),
        trace_ttl: wanted.trace_ttl.clone(),
        pack_ttl: wanted.pack_ttl.clone(),
        dry_run: wanted.dry_run,
        now: clock::now(),
        producer_version: Core::producer_version(),
        ..RetainRequest::default()
    };
    // What is asked for is looked at before any folder is.
    session.call(&request, &mut NoWorld)?;
    let found = sweep::below(&root)?;
    request.files = found.files;
    let mut retention = session.call(&request, &mut NoWorld)?;
    let report_out = Path::new(&wanted.report_out);
    if !wanted.report_out.is_empty() {
        // Nothing is deleted without the report that says so.
        fs::try_writing(report_out)?;
    }
    interrupt::hold();
    let mut failure = None;
    if !wanted.dry_run {
        failure = delete(&mut session, &mut request, &mut retention)?;
    }
    if !wanted.report_out.is_empty() {
        fs::write_with_folders(report_out, retention.text.as_bytes())?;
    }
    let report = retention.report;
    Ok(Retained {
        ok: failure.is_none(),
        root_path: report.root_path,
        scanned_files: report.scanned_files,
        deleted_files: report.deleted_files,
        kept_files: report.kept_files,
        dry_run: report.dry_run,
        unnamed: found.unnamed,
        failure,
    })
}

/// Deletes file by file until one cannot be; the report then says what is gone and what is not.
fn delete(
    session: &mut Session,
    request: &mut RetainRequest,
    retention: &mut Retention,
) -> Result<Option<Fault>, Fault> {
    let mut failure = None;
    for file in &retention.report.deleted_files {
        let RetainedFile { path, modified_at, .. } = file.clone();
        let deleted = match failure {
            Some(_) => Ok(false),
            None if interrupt::pending() => {
                Err(Fault::new(Code::InternalFailure, "interrupted before everything was deleted")
                    .hint("run the command again; what is gone is not looked for"))
            }
            None => sweep::delete(&FoundFile { path, modified_at }),
        };
        match deleted {
            Ok(true) => {}
            Ok(false) => request.stay.push(file.path.clone()),
            Err(fault) => {
                request.stay.push(file.path.clone());
                failure = Some(fault);
            }
        }
    }
    if !request.stay.is_empty() {
        *retention = session.call(request, &mut NoWorld)?;
    }
    Ok(failure)
}
