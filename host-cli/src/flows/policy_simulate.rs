//! Try a policy beside the one that holds: find the fixtures and let the core judge each under both.

use std::io;
use std::path::{Path, PathBuf};

use gait_contract::review::{AssumedContext, SimulateRequest, Simulation};
use gait_contract::{Code, Fault, limits};
use serde::Serialize;

use super::project_config::list;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::{fs, paths};

/// How deep folders of fixtures may be nested.
const DEPTH: usize = 32;

/// What is compared, over what.
#[derive(Debug)]
pub struct Wanted {
    /// The policy that holds.
    pub baseline: String,
    /// The policy that shall hold.
    pub policy: String,
    /// Files and folders, separated by commas.
    pub fixtures: String,
    /// For intents that record no context.
    pub assumed: AssumedContext,
}

/// Which verdicts change.
#[derive(Debug, Serialize)]
pub struct Simulated {
    /// Always true: changes are an answer.
    pub ok: bool,
    /// What was found.
    #[serde(flatten)]
    pub simulation: Simulation,
    /// The context that was put in for intents of runpacks, when there are runpacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<AssumedContext>,
}

/// Judges every fixture under both policies.
pub fn simulate(wanted: Wanted) -> Result<Simulated, Fault> {
    let fixtures = find(&list(&wanted.fixtures))?;
    let any_runpack = fixtures.iter().any(|fixture| paths::is_zip(fixture));
    let request =
        SimulateRequest { baseline: wanted.baseline, policy: wanted.policy, fixtures, assumed: wanted.assumed.clone() };
    let simulation = Core::load()?.call(&request, &mut Files::new())?;
    Ok(Simulated { ok: true, simulation, assumed: any_runpack.then_some(wanted.assumed) })
}

/// The fixtures: files as they are named, of folders everything that looks like one, each once and in order.
fn find(places: &[String]) -> Result<Vec<String>, Fault> {
    if places.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "`--fixtures` is missing")
            .hint("name files and folders with intents, traces and runpacks, separated by commas"));
    }
    let mut found = Vec::new();
    for place in places {
        let path = Path::new(place);
        if !path.is_dir() {
            found.push(place.clone());
            continue;
        }
        let before = found.len();
        walk(path, 0, &mut found)?;
        if found.len() == before {
            return Err(Fault::new(Code::InvalidInput, format!("the folder `{place}` holds no fixtures"))
                .hint("fixtures are files that end in .json (intents, traces) or .zip (runpacks)")
                .at(place));
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.len() > limits::FIXTURES {
        return Err(Fault::new(
            Code::InvalidInput,
            format!("{} fixtures are more than {}", found.len(), limits::FIXTURES),
        ));
    }
    Ok(found)
}

/// Folders that are links are left out, so that no walk goes in circles; so is everything hidden.
fn walk(folder: &Path, depth: usize, found: &mut Vec<String>) -> Result<(), Fault> {
    let unreadable = |path: &Path, error: &io::Error| fs::unreadable(path, error);
    if depth > DEPTH {
        return Err(unreadable(folder, &io::Error::other("folders are nested too deeply")));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        // Names that are no text cannot be named in an answer.
        let (Ok(name), Some(path)) = (entry.file_name().into_string(), entry.path().to_str().map(str::to_owned)) else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        } else if (name.ends_with(".json") || paths::is_zip(&name)) && entry.path().is_file() {
            found.push(path);
        }
    }
    folders.iter().try_for_each(|folder| walk(folder, depth + 1, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["b/2.json", "b/deep/1.ZIP", "a.json", "note.txt", ".hidden.json", ".d/x.json"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, b"").expect("written");
        }
        let place = root.path().display().to_string();
        let single = format!("{place}/a.json");
        let found = find(&[single.clone(), place.clone(), "no/such.json".into()]).expect("found");
        let wanted = [single, format!("{place}/b/2.json"), format!("{place}/b/deep/1.ZIP"), "no/such.json".into()];
        assert_eq!(found, wanted);
        let code = |places: &[String]| find(places).map(|_| ()).map_err(|fault| fault.error_code);
        assert_eq!(code(&[]), Err(Code::InvalidInput));
        assert_eq!(code(&[format!("{place}/.d/..")]), Ok(()));
        std::fs::remove_file(root.path().join(".d/x.json")).expect("removed");
        assert_eq!(code(&[format!("{place}/.d")]), Err(Code::InvalidInput));
    }
}
