//! The precompiled module inside the program, and the host's only `unsafe`: running code straight from there.

use wasmtime::{Engine, Module};

use super::settings::settings;

/// Bytes at an address that can be made executable: 64 KiB is the largest page of the processors gait runs on.
#[cfg_attr(target_arch = "x86_64", repr(C, align(4096)))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C, align(65536)))]
struct Pages<B: ?Sized>(B);

static CORE: &Pages<[u8]> = &Pages(*include_bytes!(concat!(env!("OUT_DIR"), "/core.cwasm")));

/// Makes the module ready to run. Only once per process: the code is where it is, and wasmtime keeps a list of it.
pub(super) fn load() -> wasmtime::Result<Module> {
    #[cfg(unix)]
    if let Some(module) = in_place::load(&CORE.0) {
        return Ok(module);
    }
    copied(&CORE.0)
}

/// A module from a copy of its code.
fn copied(code: &'static [u8]) -> wasmtime::Result<Module> {
    let engine = Engine::new(&settings())?;
    // SAFETY: build.rs had wasmtime write these bytes, and they are part of the program.
    unsafe { Module::deserialize(&engine, code) }
}

/// The module the slow way.
#[cfg(test)]
pub(super) fn copy() -> Module {
    copied(&CORE.0).expect("the core loads")
}

/// A module that traps, loops and lies; `faulty.wat` tells when.
#[cfg(test)]
pub(super) fn faulty() -> Module {
    copied(include_bytes!(concat!(env!("OUT_DIR"), "/faulty.cwasm"))).expect("the faulty module loads")
}

#[cfg(unix)]
mod in_place {
    //! Half a millisecond faster than a copy: the program's own pages become executable, and only those that run are
    //! ever read from disk.

    use std::ffi::c_void;
    use std::ptr::NonNull;
    use std::sync::Arc;

    use rustix::mm::{MprotectFlags, mprotect};
    use rustix::param::page_size;
    use wasmtime::{CustomCodeMemory, Engine, Module};

    use super::settings;

    /// `None` where the system does not allow it; a copy will do.
    pub(super) fn load(code: &'static [u8]) -> Option<Module> {
        if !code.as_ptr().addr().is_multiple_of(page_size()) {
            return None;
        }
        let mut settings = settings();
        settings.with_custom_code_memory(Some(Arc::new(ProgramPages)));
        let engine = Engine::new(&settings).ok()?;
        // SAFETY: build.rs had wasmtime write these bytes; they live as long as the program and nothing writes to them.
        unsafe { Module::deserialize_raw(&engine, NonNull::from(code)) }.ok()
    }

    /// Read-only pages of the program itself.
    struct ProgramPages;

    impl CustomCodeMemory for ProgramPages {
        fn required_alignment(&self) -> usize {
            page_size()
        }

        fn publish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
            // SAFETY: the pages hold the module's code and nothing else; they stay readable and were never writable.
            unsafe { mprotect(code.cast_mut().cast::<c_void>(), length, MprotectFlags::READ | MprotectFlags::EXEC)? };
            Ok(())
        }

        fn unpublish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
            // SAFETY: as above; wasmtime calls this when nothing runs there any more.
            unsafe { mprotect(code.cast_mut().cast::<c_void>(), length, MprotectFlags::READ)? };
            Ok(())
        }
    }
}
