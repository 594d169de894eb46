//! `gait-recipe build | check | stale`: how `core-wasm/dist` comes into being.
//!
//! `build` writes dist/ from source. `check` builds into a temporary folder and compares bytes. `stale` compares
//! digests of the sources only. `docs/adr/0002-module-recipe.md` tells why the recipe is as it is.

mod compile;
mod glue;
#[allow(dead_code, reason = "the build script of the CLI uses the rest")]
mod lock;
mod packages;
mod section;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use lock::{DTS, GLUE, LOCK, Lock, MODULE};

/// What went wrong, for the person at the terminal.
type Problem = String;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Problem> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo runs this program: cargo run -p gait-recipe -- …")?;
    let root = Path::new(&manifest).ancestors().nth(2).ok_or("the recipe is not in its workspace")?;
    match env::args().nth(1).as_deref() {
        Some("build") => build(root),
        Some("check") => check(root),
        Some("stale") => lock::ensure_fresh(root).map(|_| println!("core-wasm/dist is what the sources give")),
        _ => Err("usage: gait-recipe build | check | stale".into()),
    }
}

fn build(root: &Path) -> Result<(), Problem> {
    let dist = lock::dist(root);
    let lock = make(root, &dist, &root.join("target/wasm"))?;
    println!("core {} ({} bytes, {})", lock.module, read(&dist.join(MODULE))?.len(), lock.rustc);
    Ok(())
}

fn check(root: &Path) -> Result<(), Problem> {
    let dist = lock::dist(root);
    let recorded = lock::ensure_fresh(root)?;
    let rustc = compile::rustc_version()?;
    if recorded.rustc != rustc {
        return Err(format!(
            "the module was built with rustc {}, this is rustc {rustc}; only the recorded compiler gives the same bytes\n\
             hint: rustup toolchain install {version} && cargo +{version} run -p gait-recipe -- check",
            recorded.rustc,
            version = recorded.rustc.split(' ').next().unwrap_or_default(),
        ));
    }
    let rebuilt = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    // Nothing compiled earlier may help, and neither may its folder's name.
    make(root, rebuilt.path(), &rebuilt.path().join("target"))?;
    for name in [MODULE, GLUE, DTS, LOCK] {
        if read(&dist.join(name))? != read(&rebuilt.path().join(name))? {
            return Err(format!(
                "core-wasm/dist/{name} is not what the sources give\nhint: run `make core` and commit it"
            ));
        }
    }
    println!("core {} rebuilt from source: equal, byte for byte", recorded.module);
    Ok(())
}

/// Compiles the module in `target_dir` and writes all of dist/ into `folder`.
fn make(root: &Path, folder: &Path, target_dir: &Path) -> Result<Lock, Problem> {
    let packages = packages::of_module(root)?;
    let locked = packages.iter().filter_map(packages::Package::locked).collect::<Vec<_>>();
    // Before compiling: a source that changes meanwhile makes the module stale, never wrongly fresh.
    let sources = lock::source_digest(root, &locked)?;
    let compiled = compile::module(root, &packages, target_dir)?;
    let dist = glue::bind(&section::without(&compiled, "target_features")?)?;
    section::ensure_self_contained(&dist.module)?;
    let lock = Lock {
        module: lock::hex_digest(&dist.module),
        glue: lock::hex_digest(dist.glue.as_bytes()),
        dts: lock::hex_digest(dist.dts.as_bytes()),
        packages: locked,
        sources,
        rustc: compile::rustc_version()?,
        wasm_bindgen: packages::version(&packages, "wasm-bindgen"),
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    write(&folder.join(MODULE), &dist.module)?;
    write(&folder.join(GLUE), dist.glue.as_bytes())?;
    write(&folder.join(DTS), dist.dts.as_bytes())?;
    write(&folder.join(LOCK), lock.to_string().as_bytes())?;
    Ok(lock)
}

/// Writes a file whole or not at all: builds that run meanwhile never see half a module.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    fs::write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
