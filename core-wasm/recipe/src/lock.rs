//! `core.lock`: what dist/ holds and what it was made from. Shared with `host-cli/build.rs`, which includes this file.
//!
//! The digest of the sources covers what can change the module's bytes and nothing else: the core's files, the parts
//! of the manifests that reach the compiler, the versions of the packages inside, and this recipe. Tests'
//! dependencies, lints and other crates of the workspace do not count.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml::{Table, Value};

/// The module in dist/.
pub(crate) const MODULE: &str = "gait_core.wasm";
/// Its JavaScript glue.
pub(crate) const GLUE: &str = "gait_core.js";
/// The types of the glue.
pub(crate) const DTS: &str = "gait_core.d.ts";
/// This description.
pub(crate) const LOCK: &str = "core.lock";

/// Crates of the module: folder of the manifest, folders with sources.
const CRATES: [(&str, &str); 3] = [
    ("core-wasm", "core-wasm/src"),
    ("core-wasm/abi", "core-wasm/abi/src"),
    ("core-wasm/contract", "core-wasm/contract/src"),
];
const RECIPE: &str = "core-wasm/recipe/src";

/// The content of `core.lock`.
pub(crate) struct Lock {
    /// SHA-256 of the module: the core's digest.
    pub(crate) module: String,
    /// SHA-256 of the glue.
    pub(crate) glue: String,
    /// SHA-256 of its types.
    pub(crate) dts: String,
    /// Digest of everything the module is made from ([`source_digest`]).
    pub(crate) sources: String,
    /// `name version` of the packages from the registry that took part.
    pub(crate) packages: Vec<String>,
    /// Version and commit of the compiler.
    pub(crate) rustc: String,
    /// Version of wasm-bindgen.
    pub(crate) wasm_bindgen: String,
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What this folder holds and what it was made from. `make core` writes it, `make core-check` rebuilds and compares."
        )?;
        writeln!(f, "rustc = \"{}\"", self.rustc)?;
        writeln!(f, "wasm_bindgen = \"{}\"", self.wasm_bindgen)?;
        writeln!(f, "sources = \"{}\"", self.sources)?;
        writeln!(f, "packages = [")?;
        for package in &self.packages {
            writeln!(f, "  \"{package}\",")?;
        }
        writeln!(f, "]\n\n[sha256]")?;
        for (name, digest) in [(MODULE, &self.module), (GLUE, &self.glue), (DTS, &self.dts)] {
            writeln!(f, "\"{name}\" = \"{digest}\"")?;
        }
        Ok(())
    }
}

impl Lock {
    fn parse(text: &str) -> Option<Self> {
        let table: Table = text.parse().ok()?;
        let value = |name: &str| Some(table.get(name)?.as_str()?.to_owned());
        let file = |name: &str| Some(table.get("sha256")?.get(name)?.as_str()?.to_owned());
        let packages = table.get("packages")?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned);
        Some(Self {
            module: file(MODULE)?,
            glue: file(GLUE)?,
            dts: file(DTS)?,
            sources: value("sources")?,
            packages: packages.collect(),
            rustc: value("rustc")?,
            wasm_bindgen: value("wasm_bindgen")?,
        })
    }
}

/// The folder with the committed module.
pub(crate) fn dist(root: &Path) -> PathBuf {
    root.join("core-wasm/dist")
}

/// What a change of may make the module stale.
pub(crate) fn inputs(root: &Path) -> Vec<PathBuf> {
    let crates = CRATES.iter().flat_map(|(folder, sources)| [format!("{folder}/Cargo.toml"), (*sources).to_owned()]);
    let others = ["Cargo.toml", "Cargo.lock", RECIPE].map(str::to_owned);
    crates.chain(others).map(|name| root.join(name)).chain([dist(root)]).collect()
}

/// Reads `core.lock` and refuses it when dist/ or the sources are not what it describes.
pub(crate) fn ensure_fresh(root: &Path) -> Result<Lock, String> {
    let folder = dist(root);
    let lock = Lock::parse(&text(&folder.join(LOCK))?)
        .ok_or(format!("core-wasm/dist/{LOCK} is not what `make core` writes\nhint: run `make core`"))?;
    for (name, digest) in [(MODULE, &lock.module), (GLUE, &lock.glue), (DTS, &lock.dts)] {
        if hex_digest(&bytes(&folder.join(name))?) != *digest {
            return Err(format!("core-wasm/dist/{name} is not the file {LOCK} describes\nhint: run `make core`"));
        }
    }
    if source_digest(root, &lock.packages)? != lock.sources {
        return Err("core-wasm/dist is older than the core's sources\nhint: run `make core`".into());
    }
    Ok(lock)
}

/// Digest over everything the module is made from; `packages` are `name version` as `core.lock` lists them.
pub(crate) fn source_digest(root: &Path, packages: &[String]) -> Result<String, String> {
    let mut hash = Sha256::new();
    let mut add = |name: &str, content: &[u8]| {
        for part in [name.as_bytes(), content] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    };
    for folder in CRATES.iter().map(|(_, sources)| *sources).chain([RECIPE]) {
        for file in files(&root.join(folder))? {
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            add(&name, &bytes(&file)?);
        }
    }
    for (folder, _) in CRATES {
        let mut manifest = table(&root.join(folder).join("Cargo.toml"))?;
        for irrelevant in ["dev-dependencies", "lints"] {
            manifest.remove(irrelevant);
        }
        add(folder, spelled(&Value::Table(manifest)).as_bytes());
    }
    add("workspace", workspace_part(&table(&root.join("Cargo.toml"))?, packages).as_bytes());
    let resolved = table(&root.join("Cargo.lock"))?;
    for package in packages {
        let checksum = checksum(&resolved, package).ok_or(format!(
            "core-wasm/dist was built with {package}, Cargo.lock has another version\nhint: run `make core`"
        ))?;
        add(package, checksum.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// SHA-256 as lower-case hex.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the workspace's manifest contributes: versions, profiles, and how it asks for the packages inside.
fn workspace_part(manifest: &Table, packages: &[String]) -> String {
    let inside = |name: &str| {
        name.starts_with("gait-") || packages.iter().any(|package| package.split(' ').next() == Some(name))
    };
    let workspace = manifest.get("workspace");
    let mut part = Table::new();
    for profile in ["release", "wasm"] {
        if let Some(settings) = manifest.get("profile").and_then(|profiles| profiles.get(profile)) {
            part.insert(format!("profile {profile}"), settings.clone());
        }
    }
    for key in ["version", "edition", "rust-version"] {
        if let Some(value) = workspace.and_then(|workspace| workspace.get("package")?.get(key)) {
            part.insert(key.into(), value.clone());
        }
    }
    for (name, wanted) in
        workspace.and_then(|workspace| workspace.get("dependencies")?.as_table()).into_iter().flatten()
    {
        if inside(name) {
            part.insert(format!("dependency {name}"), wanted.clone());
        }
    }
    spelled(&Value::Table(part))
}

/// A value in one spelling: tables sorted by key, so that order, comments and blanks of a manifest do not count.
fn spelled(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let mut entries: Vec<String> =
                table.iter().map(|(key, value)| format!("{key:?}={}", spelled(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(spelled).collect::<Vec<_>>().join(",")),
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(time) => time.to_string(),
    }
}

fn checksum(resolved: &Table, package: &str) -> Option<String> {
    let (name, version) = package.split_once(' ')?;
    let is = |entry: &&Value, key: &str, value: &str| entry.get(key).and_then(Value::as_str) == Some(value);
    let entries = resolved.get("package")?.as_array()?;
    let entry = entries.iter().find(|entry| is(entry, "name", name) && is(entry, "version", version))?;
    // Packages from a folder have none; their version has to do.
    Some(entry.get("checksum").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn table(path: &Path) -> Result<Table, String> {
    text(path)?.parse().map_err(|error| format!("{}: {error}", path.display()))
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Lock, Table, checksum, hex_digest, workspace_part};

    #[track_caller]
    fn part(manifest: &str) -> String {
        workspace_part(&manifest.parse().expect("TOML"), &["sha2 0.11.1".to_owned()])
    }

    #[test]
    fn only_what_reaches_the_compiler_counts() {
        let base = part("[workspace.dependencies]\nsha2 = \"0.11\"\n[profile.wasm]\nopt-level = 3\nlto = \"fat\"");
        let same = "[profile.wasm] # sizes\nlto = \"fat\"\nopt-level = 3\n[profile.dev]\nopt-level = 1\n[workspace]\nmembers = []\n\
                    [workspace.dependencies]\nclap = \"4\"\nsha2 = \"0.11\"";
        assert_eq!(part(same), base);
        for other in [
            "[workspace.dependencies]\nsha2 = { version = \"0.11\", features = [\"x\"] }\n[profile.wasm]\nopt-level = 3\nlto = \"fat\"",
            "[workspace.dependencies]\nsha2 = \"0.11\"\n[profile.wasm]\nopt-level = \"s\"\nlto = \"fat\"",
            "[workspace.package]\nversion = \"2.0.0\"\n[workspace.dependencies]\nsha2 = \"0.11\"\n[profile.wasm]\nopt-level = 3\nlto = \"fat\"",
        ] {
            assert_ne!(part(other), base, "{other}");
        }
    }

    #[test]
    fn a_package_is_found_by_name_and_version() {
        let resolved: Table = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"c\"\n[[package]]\nname = \"b\"\nversion = \"2.0.0\""
            .parse()
            .expect("TOML");
        assert_eq!(checksum(&resolved, "a 1.0.0"), Some("c".into()));
        assert_eq!(checksum(&resolved, "b 2.0.0"), Some(String::new()));
        assert_eq!(checksum(&resolved, "a 2.0.0"), None);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let lock = Lock {
            module: hex_digest(b"module"),
            glue: hex_digest(b"glue"),
            dts: hex_digest(b"types"),
            sources: hex_digest(b"sources"),
            packages: vec!["a 1.0.0".into(), "b 2.0.0".into()],
            rustc: "1.95.0 (abc 2026-01-01)".into(),
            wasm_bindgen: "0.2.130".into(),
        };
        let text = lock.to_string();
        assert_eq!(Lock::parse(&text).map(|lock| lock.to_string()), Some(text));
        assert!(Lock::parse("sources = 1").is_none());
    }
}
