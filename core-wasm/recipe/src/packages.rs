//! Which packages are in the module, as cargo resolves them for it alone.

use std::collections::BTreeSet;
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

/// gait-abi and everything below it, sorted by name. Tests' dependencies do not count, nor do features that only other
/// crates of the workspace ask for.
pub(crate) fn of_module(root: &Path) -> Result<Vec<Package>, Problem> {
    // `cargo metadata` knows the folders, but joins the features of the whole workspace; `cargo tree` asks for one.
    let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform", TARGET];
    let metadata: Value =
        serde_json::from_slice(&run(root, "cargo", &arguments)?).map_err(|error| format!("cargo metadata: {error}"))?;
    let arguments = ["tree", "--locked", "-p", "gait-abi", "--target", TARGET];
    let shape = ["-e", "normal,build", "--prefix", "none", "--format", "{p}"];
    let tree = run(root, "cargo", &[&arguments[..], &shape].concat())?;
    let tree = String::from_utf8_lossy(&tree);
    let inside: BTreeSet<&str> = tree.lines().filter_map(name_and_version).collect();
    let mut packages: Vec<Package> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|package| Package {
            name: text(&package["name"]).into(),
            version: text(&package["version"]).into(),
            external: !package["source"].is_null(),
            folder: Path::new(text(&package["manifest_path"])).parent().unwrap_or(root).to_path_buf(),
        })
        .filter(|package| inside.contains(format!("{} v{}", package.name, package.version).as_str()))
        .collect();
    packages.sort_by_key(Package::alias);
    if packages.len() == inside.len() { Ok(packages) } else { Err("cargo tree and cargo metadata disagree".into()) }
}

/// The version of one of them.
pub(crate) fn version(packages: &[Package], name: &str) -> String {
    packages.iter().find(|package| package.name == name).map(|package| package.version.clone()).unwrap_or_default()
}

/// `name v1.0.0` of a line of `cargo tree`, which goes on with a path or a remark.
fn name_and_version(line: &str) -> Option<&str> {
    let (end, _) = line.match_indices(' ').nth(1).unwrap_or((line.len(), ""));
    line.get(..end).filter(|text| !text.is_empty())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn lines_of_the_tree_are_cut_after_the_version() {
        assert_eq!(name_and_version("serde v1.0.0"), Some("serde v1.0.0"));
        assert_eq!(name_and_version("serde_derive v1.0.0 (proc-macro) (*)"), Some("serde_derive v1.0.0"));
        assert_eq!(name_and_version("gait-abi v0.1.0 (/a folder/abi)"), Some("gait-abi v0.1.0"));
        assert_eq!(name_and_version(""), None);
    }
}
