//! Ctrl-C: while files are being written, it only takes a note, so that temporary files go away first.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

static PENDING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on Ctrl-C is noted instead of ending the process; a second one ends it at once.
pub fn hold() {
    for signal in signal_hook::consts::TERM_SIGNALS {
        // Without the handlers Ctrl-C works as ever; a temporary file may then stay behind.
        let _ = signal_hook::flag::register_conditional_default(*signal, Arc::clone(&PENDING));
        let _ = signal_hook::flag::register(*signal, Arc::clone(&PENDING));
    }
}

/// True once Ctrl-C was pressed.
pub fn pending() -> bool {
    PENDING.load(Ordering::Relaxed)
}

/// Ends the process the way Ctrl-C does, if it was pressed.
pub fn die_if_pending() {
    if pending() {
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGINT);
    }
}
