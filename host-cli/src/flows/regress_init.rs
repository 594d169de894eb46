//! Turn a runpack into a fixture: the core checks and says what to write, and all of it is written or nothing.

use std::fs::File;
use std::io;
use std::path::Path;

use gait_contract::regress::{FixtureFolder, RegressInitRequest};
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::record::check;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs::{self, Draft};
use crate::host::{interrupt, paths};

/// The configuration, as `regress run` finds it.
pub const CONFIG: &str = "gait.yaml";
/// The folder of all fixtures.
const FIXTURES: &str = "fixtures";

/// A fixture was made.
#[derive(Debug, Serialize)]
pub struct Fixture {
    /// Always true.
    pub ok: bool,
    /// The run it was made from.
    pub run_id: String,
    /// Its name.
    pub fixture_name: String,
    /// Its folder.
    pub fixture_dir: String,
    /// Its archive.
    pub runpack_path: String,
    /// The configuration that lists it.
    pub config_path: &'static str,
    /// What to run next.
    pub next_commands: [&'static str; 1],
    /// Things that are allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Makes a fixture of the runpack that an argument names.
pub fn init(from: &str, name: &str) -> Result<Fixture, Fault> {
    if from.trim().is_empty() {
        return Err(
            Fault::new(Code::InvalidInput, "`--from` is missing").hint("give a run id, or the path of a runpack")
        );
    }
    let source = paths::resolve(from)?;
    interrupt::hold();
    // Until this is done nobody else adds a fixture here: the configuration lists what was found.
    let _turn = fs::wait_for_folder(Path::new("."));
    let request = RegressInitRequest {
        archive: source.clone(),
        name: name.to_owned(),
        folders: folders()?,
        config: Path::new(CONFIG).exists().then(|| CONFIG.to_owned()),
    };
    let core = Core::load()?;
    let reply = core.call(&request, &mut Files::new())?;

    let fixture_dir = format!("{FIXTURES}/{}", reply.fixture_name);
    let runpack_path = format!("{fixture_dir}/runpack.zip");
    let mut made = fs::make_folder(Path::new(&fixture_dir), 0o750)?;
    let archive = copy(Path::new(&source), Path::new(&runpack_path))?;
    // The source may have changed since the core read it; what counts is what the fixture holds.
    check(&core, &archive)?;
    let fixture_path = format!("{fixture_dir}/fixture.json");
    let fixture = Draft::holding(Path::new(&fixture_path), reply.fixture_text.as_bytes())?;
    let config = Draft::holding(Path::new(CONFIG), reply.config_text.as_bytes())?;
    // Everything is on the disk; what follows only gives names.
    archive.put(Path::new(&runpack_path))?;
    fixture.put(Path::new(&fixture_path))?;
    config.put(Path::new(CONFIG))?;
    made.keep();
    Ok(Fixture {
        ok: true,
        run_id: reply.run_id,
        fixture_name: reply.fixture_name,
        fixture_dir,
        runpack_path,
        config_path: CONFIG,
        next_commands: ["gait regress run --json"],
        warnings: reply.warnings,
    })
}

/// The folders below `fixtures/`. Links are not followed; names that are no text cannot be fixtures.
fn folders() -> Result<Vec<FixtureFolder>, Fault> {
    let unreadable = |error: io::Error| fs::unreadable(Path::new(FIXTURES), &error);
    let entries = match std::fs::read_dir(FIXTURES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let (true, Ok(name)) = (entry.file_type().map_err(unreadable)?.is_dir(), entry.file_name().into_string())
        else {
            continue;
        };
        let mut folder = FixtureFolder { name, has_fixture: false, files: Vec::new() };
        for file in std::fs::read_dir(entry.path()).map_err(|error| fs::unreadable(&entry.path(), &error))? {
            let file = file.map_err(|error| fs::unreadable(&entry.path(), &error))?;
            if let (true, Ok(name)) = (file.path().is_file(), file.file_name().into_string()) {
                if name == "fixture.json" {
                    folder.has_fixture = true;
                } else {
                    folder.files.push(name);
                }
            }
        }
        folder.files.sort_unstable();
        folders.push(folder);
    }
    folders.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    Ok(folders)
}

/// Copies the archive, byte for byte.
fn copy(source: &Path, target: &Path) -> Result<Draft, Fault> {
    let mut from = File::open(source).map_err(|error| fs::unreadable(source, &error))?;
    let mut draft = Draft::inside(fs::parent(target), "runpack.zip")?;
    io::copy(&mut from, draft.file()).map_err(|error| fs::unwritable(target, &error))?;
    Ok(draft)
}
