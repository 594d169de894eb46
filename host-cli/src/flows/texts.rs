//! JSON texts one after the other, for a record that is put together at the end: small ones in memory, large ones in a file
//! without a name.

use std::io::{self, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// Lists up to this size stay in memory.
const IN_MEMORY: usize = 4 << 20;

/// The elements of a list.
pub(super) struct Texts {
    text: SpooledTempFile,
    count: usize,
}

impl Texts {
    /// An empty list.
    pub(super) fn new() -> Self {
        Self { text: SpooledTempFile::new(IN_MEMORY), count: 0 }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds an element, written by parts.
    pub(super) fn push(&mut self, parts: &[&str]) -> io::Result<()> {
        if self.count > 0 {
            self.text.write_all(b",")?;
        }
        self.count += 1;
        parts.iter().try_for_each(|part| self.text.write_all(part.as_bytes()))
    }

    /// Writes all elements.
    pub(super) fn copy(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.text.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.text, out).map(drop)
    }
}
