//! Ctrl-C, and a terminal that goes away: while files are being written, it only takes a note, so that temporary files go away first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

#[cfg(unix)]
const SIGNALS: [i32; 3] = [signal_hook::consts::SIGHUP, SIGINT, SIGTERM];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

static PENDING: AtomicBool = AtomicBool::new(false);
#[cfg(unix)]
static OUTGROWN: AtomicBool = AtomicBool::new(false);
static WHICH: AtomicUsize = AtomicUsize::new(0);

/// From now on Ctrl-C is noted instead of ending the process; a second one ends it at once.
pub fn hold() {
    survive_full_files();
    for signal in SIGNALS {
        let Ok(number) = usize::try_from(signal) else { continue };
        // Without the handlers Ctrl-C works as ever; a temporary file may then stay behind.
        let _ = flag::register_conditional_default(signal, &PENDING);
        let _ = flag::register_usize(signal, &WHICH, number);
        let _ = flag::register(signal, &PENDING);
    }
}

/// From now on a file that reaches the size limit is a write that fails, not the end of the process.
pub fn survive_full_files() {
    #[cfg(unix)]
    let _ = flag::register(signal_hook::consts::SIGXFSZ, &OUTGROWN);
}

/// True once Ctrl-C was pressed.
pub fn pending() -> bool {
    PENDING.load(Ordering::Relaxed)
}

/// True once Ctrl-C was pressed. It counts as heard then, so that what is left to be written can be written; another one
/// is noted anew.
pub fn take() -> bool {
    PENDING.load(Ordering::Relaxed) && {
        PENDING.store(false, Ordering::Relaxed);
        true
    }
}

/// Ends the process the way the signal does, if one came.
pub fn die_if_pending() {
    if let (true, Ok(signal)) = (pending(), i32::try_from(WHICH.load(Ordering::Relaxed))) {
        let _ = low_level::emulate_default_handler(signal);
    }
}
