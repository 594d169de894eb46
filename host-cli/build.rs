//! Compiles the core's module for the target ahead of time, so that the program starts without a compiler.
//!
//! Takes the committed `core-wasm/dist/gait_core.wasm` and refuses it when it is older than the core's sources, or the
//! file that `GAIT_CORE_WASM` names (for builds of a module of one's own), which is not compared with anything.

#[path = "../core-wasm/recipe/src/lock.rs"]
#[allow(dead_code, reason = "the recipe uses the rest")]
mod lock;
#[path = "src/core/settings.rs"]
mod settings;

use std::path::Path;
use std::{env, fs};

use wasmtime::{Config, Engine, OptLevel};

fn main() {
    if let Err(problem) = run() {
        println!("cargo::error={}", problem.replace('\n', ", "));
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/core");
    println!("cargo::rerun-if-env-changed=GAIT_CORE_WASM");
    let module = module()?;
    let out = env::var("OUT_DIR").map_err(|error| format!("OUT_DIR: {error}"))?;
    let engine = Engine::new(&config()?).map_err(|error| format!("cranelift: {error:#}"))?;
    let write = |name: &str, wasm: &[u8]| {
        let code = engine.precompile_module(wasm).map_err(|error| format!("the module does not compile: {error:#}"))?;
        fs::write(Path::new(&out).join(name), code).map_err(|error| format!("{out}/{name}: {error}"))
    };
    write("core.cwasm", &module)?;
    // What core.rs does with a module that traps, loops or eats memory is tested with one that does.
    write("faulty.cwasm", include_bytes!("src/core/faulty.wat"))?;
    println!("cargo::rustc-env=GAIT_CORE_SHA256={}", lock::hex_digest(&module));
    Ok(())
}

/// The module's bytes.
fn module() -> Result<Vec<u8>, String> {
    let path = match env::var_os("GAIT_CORE_WASM") {
        Some(path) => {
            println!("cargo::rerun-if-changed={}", Path::new(&path).display());
            path.into()
        }
        None => {
            let root = Path::new("..");
            for input in lock::inputs(root) {
                println!("cargo::rerun-if-changed={}", input.display());
            }
            lock::ensure_fresh(root)?;
            lock::dist(root).join(lock::MODULE)
        }
    };
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn config() -> Result<Config, String> {
    let target = env::var("TARGET").map_err(|error| format!("TARGET: {error}"))?;
    let mut config = settings::settings();
    config
        .target(&target)
        .map_err(|error| format!("{target}: {error:#} (another processor family needs `--features all-targets`)"))?
        .cranelift_opt_level(OptLevel::Speed)
        // Floats print the same everywhere.
        .cranelift_nan_canonicalization(true)
        // Nobody reads traces of the core's frames; what they would need is a fifth of the code.
        .generate_address_map(false)
        // Windows cannot do without.
        .native_unwind_info(target.contains("windows"));
    if target.starts_with("x86_64") {
        // x86-64-v2: without byte shuffles the module's SIMD runs at a seventh of its speed.
        for flag in ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_cmpxchg16b"] {
            // SAFETY: the flags only name instructions; a processor without them is refused when the code is loaded.
            unsafe { config.cranelift_flag_enable(flag) };
        }
    }
    Ok(config)
}
