//! Settings that compiling and loading the module must agree on. `build.rs` includes this file.

use wasmtime::{Config, WasmBacktraceDetails};

/// Native stack of the module's functions: room for the deepest nesting the core accepts, inside a thread's 2 MiB.
pub(super) const STACK_BYTES: usize = 1_048_576;

/// What both sides set.
pub(super) fn settings() -> Config {
    let mut config = Config::new();
    config
        // A loop without end stops at the same place on every machine.
        .consume_fuel(true)
        .wasm_relaxed_simd(false)
        .wasm_backtrace_max_frames(None)
        // Else an environment variable has a say.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // One instance per process is the rule: copying its data is 0.1 ms faster than setting up a shared image of it.
        .memory_init_cow(false)
        .max_wasm_stack(STACK_BYTES);
    config
}
