//! Which packages are in the module, as cargo resolves them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Problem;
use crate::compile::{TARGET, run};

/// One package that is compiled into the module, or runs while it is compiled.
pub(crate) struct Package {
    name: String,
    version: String,
    /// False for the packages of this workspace, whose files count instead of their version.
    external: bool,
    /// The folder of its Cargo.toml.
    pub(crate) folder: PathBuf,
}

impl Package {
    /// Name and version as core.lock lists them; `None` for packages of this workspace.
    pub(crate) fn locked(&self) -> Option<String> {
        self.external.then(|| format!("{} {}", self.name, self.version))
    }

    /// What the module calls the package's folder, so that no path of this machine gets into it.
    pub(crate) fn alias(&self) -> String {
        if self.external { format!("{}-{}", self.name, self.version) } else { self.name.clone() }
    }
}

/// gait-abi and everything below it, sorted by name. Tests' dependencies do not count.
pub(crate) fn of_module(root: &Path) -> Result<Vec<Package>, Problem> {
    let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform", TARGET];
    let metadata: Value =
        serde_json::from_slice(&run(root, "cargo", &arguments)?).map_err(|error| format!("cargo metadata: {error}"))?;
    let by_id: BTreeMap<&str, &Value> =
        list(&metadata["packages"]).map(|package| (text(&package["id"]), package)).collect();
    let edges: BTreeMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), &node["deps"])).collect();
    let start = by_id.iter().find(|(_, package)| package["name"] == "gait-abi").map(|(id, _)| *id);
    let mut open = vec![start.ok_or("the workspace has no package gait-abi")?];
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let used = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev");
            open.extend(
                edges
                    .get(id)
                    .into_iter()
                    .flat_map(|deps| list(deps))
                    .filter(used)
                    .map(|dependency| text(&dependency["pkg"])),
            );
        }
    }
    let mut packages: Vec<Package> = found
        .into_iter()
        .filter_map(|id| by_id.get(id))
        .map(|package| Package {
            name: text(&package["name"]).into(),
            version: text(&package["version"]).into(),
            external: !package["source"].is_null(),
            folder: Path::new(text(&package["manifest_path"])).parent().unwrap_or(root).to_path_buf(),
        })
        .collect();
    packages.sort_by_key(Package::alias);
    Ok(packages)
}

/// The version of one of them.
pub(crate) fn version(packages: &[Package], name: &str) -> String {
    packages.iter().find(|package| package.name == name).map(|package| package.version.clone()).unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
