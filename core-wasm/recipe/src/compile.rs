//! Sources to a WebAssembly module: compiler, flags, environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::Problem;
use crate::packages::Package;

/// What the module is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Pages of 64 KiB are 1 GiB: the same end of memory in every host, so the same answers.
const MEMORY_MAXIMUM: &str = "--max-memory=1073741824";

/// The compiler's version and commit, as `core.lock` records it.
pub(crate) fn rustc_version() -> Result<String, Problem> {
    let output = String::from_utf8_lossy(&run(Path::new("."), "rustc", &["--version"])?).into_owned();
    Ok(output.trim().trim_start_matches("rustc ").to_owned())
}

/// Compiles gait-abi. The bytes depend on the sources and the compiler, on nothing else of the machine.
pub(crate) fn module(root: &Path, packages: &[Package], target_dir: &Path) -> Result<Vec<u8>, Problem> {
    ensure_target(root)?;
    let mut cargo = command(root, "cargo");
    // A caller's flags and profile settings would change the bytes.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.contains("RUSTFLAGS") || text.starts_with("CARGO_PROFILE_") || text.starts_with("CARGO_BUILD_") {
            cargo.env_remove(&name);
        }
    }
    cargo
        .args(["build", "--locked", "--profile", "wasm", "--target", TARGET, "-p", "gait-abi", "--target-dir"])
        .arg(target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root, packages)?.join("\u{1f}"))
        .env_remove("RUSTC_BOOTSTRAP");
    let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the core does not compile; see above".into());
    }
    let path = target_dir.join(TARGET).join("wasm/gait_abi.wasm");
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn flags(root: &Path, packages: &[Package]) -> Result<Vec<String>, Problem> {
    let mut flags = vec![
        // SIMD: hashing is 15 to 20 % faster, and every host has it. Reference types: glue would need an import.
        "-Ctarget-feature=+simd128,-reference-types".to_owned(),
        format!("-Clink-arg={MEMORY_MAXIMUM}"),
    ];
    let mut rename = |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    rename(root, ".");
    for package in packages {
        rename(&package.folder, &package.alias());
    }
    // Where the standard library's sources are installed, the compiler names their place instead of the official one.
    let verbose = run(root, "rustc", &["--version", "--verbose"])?;
    let verbose = String::from_utf8_lossy(&verbose);
    let commit = verbose.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or_default();
    rename(&sysroot(root)?.join("lib/rustlib/src/rust"), &format!("/rustc/{commit}"));
    Ok(flags)
}

/// Gets the standard library for the target when rustup can, and says what to do when it cannot.
fn ensure_target(root: &Path) -> Result<(), Problem> {
    let library = sysroot(root)?.join("lib/rustlib").join(TARGET);
    if library.is_dir() {
        return Ok(());
    }
    let added = command(root, "rustup").args(["target", "add", TARGET]).status();
    if added.is_ok_and(|status| status.success()) && library.is_dir() {
        return Ok(());
    }
    Err(format!(
        "this Rust has no standard library for {TARGET}, and `rustup target add {TARGET}` did not bring it\n\
         hint: install it with rustup or your distribution; gait itself builds without it, from the committed module"
    ))
}

fn sysroot(root: &Path) -> Result<PathBuf, Problem> {
    let output = run(root, "rustc", &["--print", "sysroot"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output).trim()))
}

/// Runs a program and returns what it printed.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let output = command(folder, program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("`{program} {}` failed", arguments.join(" "))) }
}

fn command(folder: &Path, program: &str) -> Command {
    // Cargo tells which compiler and which cargo started this program.
    let program = env::var_os(program.to_uppercase()).unwrap_or_else(|| program.into());
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}
