//! A protocol on standard output: whole lines, one at a time, and nothing beside them. What gait has to say meanwhile
//! goes to standard error.

use std::io::{self, Write};

/// Writes one message on a line of its own.
pub fn line(message: &str) -> io::Result<()> {
    let line = [message.as_bytes(), b"\n"].concat();
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

/// Says something beside the protocol.
pub fn say(what: &str) {
    // Nobody has to listen.
    let _ = writeln!(io::stderr().lock(), "gait: {what}");
}
