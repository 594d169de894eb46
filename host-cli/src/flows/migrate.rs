//! Write a runpack again in the current form.

use std::path::Path;

use gait_contract::runpack::MigrateRequest;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::record::{check, defaults};
use crate::core::Core;
use crate::host::files::Files;
use crate::host::{interrupt, paths};

/// A runpack in the current form.
#[derive(Debug, Serialize)]
pub struct Migrated {
    /// Always true.
    pub ok: bool,
    /// The original.
    pub input: String,
    /// The new archive.
    pub output: String,
    /// `runpack`.
    pub artifact: &'static str,
    /// `migrated`, or `no_change`.
    pub status: &'static str,
    /// The run.
    pub run_id: String,
    /// What got lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Migrates a runpack.
pub fn migrate(argument: &str, out: Option<String>) -> Result<Migrated, Fault> {
    let input = paths::resolve(argument)?;
    if !paths::is_zip(&input) {
        return Err(Fault::new(Code::InvalidInput, format!("`{input}` does not end in .zip"))
            .hint("only runpacks (.zip) are migrated"));
    }
    if let Some(out) = &out {
        refuse_input(&input, out)?;
    }
    let folder = paths::folder_of(out.as_deref().unwrap_or(&input)).to_owned();
    interrupt::hold();
    let core = Core::load()?;
    let mut files = Files::new().writing_into(&folder);
    let request = MigrateRequest { archive: input.clone(), defaults: defaults() };
    let migrated = core.call(&request, &mut files).map_err(|fault| files.explain(fault))?;
    let draft = files.into_draft()?;
    check(&core, &draft)?;
    let output = match out {
        Some(out) => out,
        None => paths::beside(&input, &paths::archive_name(&format!("{}_migrated", migrated.run_id))?),
    };
    refuse_input(&input, &output)?;
    draft.put(Path::new(&output))?;
    let dropped = "the new runpack is not signed, although the original is";
    Ok(Migrated {
        ok: true,
        input,
        output,
        artifact: "runpack",
        status: if migrated.unchanged { "no_change" } else { "migrated" },
        run_id: migrated.run_id,
        warnings: migrated.signatures_dropped.then(|| dropped.to_owned()).into_iter().collect(),
    })
}

fn refuse_input(input: &str, output: &str) -> Result<(), Fault> {
    if paths::same_place(input, output) {
        return Err(Fault::new(Code::OutputIsInput, format!("`{output}` is the runpack that is migrated")));
    }
    Ok(())
}
