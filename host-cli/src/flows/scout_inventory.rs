//! List the tools and servers of a workspace, see how many of them policies speak of, and compare two lists.

use std::path::Path;

use gait_contract::inventory::{
    Coverage, CoverageRequest, Drift, DriftRequest, InventoryItem, SkippedFile, SnapshotRequest,
};
use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::core::Core;
use crate::host::documents::Documents;
use crate::host::files::Files;
use crate::host::{clock, fs, interrupt, paths, walk};

/// Where to look, and where the list goes.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Folders.
    pub roots: Vec<String>,
    /// Patterns of which a file has to match one.
    pub include: Vec<String>,
    /// Patterns of which a file may match none.
    pub exclude: Vec<String>,
    /// File for the snapshot.
    pub output: Option<String>,
}

/// A snapshot was written.
pub struct Taken {
    /// Its file.
    pub path: String,
    /// Its name.
    pub snapshot_id: String,
    /// What was found.
    pub items: Vec<InventoryItem>,
    /// Files that could not be read as what their names say, the first ones.
    pub skipped: Vec<SkippedFile>,
    /// How many there are.
    pub skipped_total: u64,
    /// Files and folders whose names are no text.
    pub nameless: u64,
}

/// What policies speak of.
pub struct Covered {
    /// The file.
    pub path: String,
    /// What is in it.
    pub coverage: Coverage,
}

/// Takes a snapshot.
pub fn take(wanted: Wanted) -> Result<Taken, Fault> {
    let mut roots: Vec<String> = wanted.roots.iter().map(|root| paths::clean(root)).collect();
    if roots.is_empty() {
        roots.push(".".into());
    }
    roots.sort_unstable();
    roots.dedup();
    interrupt::hold();
    let mut walk = walk::Walk::default();
    for root in &roots {
        walk.below(root)?;
    }
    let request = SnapshotRequest {
        workspace: roots.join(","),
        files: walk.files,
        include: wanted.include,
        exclude: wanted.exclude,
        created_at: clock::now(),
        producer_version: Core::producer_version(),
    };
    let report = Core::load()?.call(&request, &mut Files::new().quietly())?;
    let place = |name| format!("{}/inventory_snapshot_{name}.json", paths::OUT_DIR);
    let path = wanted.output.unwrap_or_else(|| place(&report.snapshot_id));
    fs::write_with_folders(Path::new(&path), report.snapshot_text.as_bytes())?;
    Ok(Taken {
        path,
        snapshot_id: report.snapshot_id,
        items: report.items,
        skipped: report.skipped,
        skipped_total: report.skipped_total,
        nameless: walk.nameless,
    })
}

/// Says how much of a snapshot policies speak of.
pub fn cover(taken: &Taken, policies: Vec<String>, output: Option<String>) -> Result<Covered, Fault> {
    let path = output.unwrap_or_else(|| format!("{}/inventory_coverage_{}.json", paths::OUT_DIR, taken.snapshot_id));
    for other in policies.iter().chain([&taken.path]) {
        refuse_same(other, &path, "--coverage-out")?;
    }
    let request = CoverageRequest { snapshot_id: taken.snapshot_id.clone(), items: taken.items.clone(), policies };
    let report = Core::load()?.call(&request, &mut Documents::new())?;
    fs::write_with_folders(Path::new(&path), report.coverage_text.as_bytes())?;
    Ok(Covered { path, coverage: report.coverage })
}

/// Two lists were compared.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// Nothing changed.
    pub ok: bool,
    /// The earlier one.
    pub left: String,
    /// The later one.
    pub right: String,
    /// File of the differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_path: Option<String>,
    /// The differences.
    pub diff: Drift,
}

/// Compares two snapshots.
pub fn compare(left: String, right: String, output: Option<String>) -> Result<Compared, Fault> {
    for (input, output) in [&left, &right].into_iter().zip(output.iter().cycle()) {
        refuse_same(input, output, "--out")?;
    }
    interrupt::hold();
    let request = DriftRequest { left: left.clone(), right: right.clone() };
    let report = Core::load()?.call(&request, &mut Documents::new())?;
    if let Some(output) = &output {
        fs::write_with_folders(Path::new(output), report.diff_text.as_bytes())?;
    }
    Ok(Compared { ok: report.ok, left, right, output_path: output, diff: report.diff })
}

fn refuse_same(input: &str, output: &str, flag: &str) -> Result<(), Fault> {
    if paths::same_place(input, output) {
        let fault = Fault::new(Code::OutputIsInput, format!("`{output}` is read and would be overwritten"));
        return Err(fault.hint(format!("choose another file with `{flag}`")));
    }
    Ok(())
}
