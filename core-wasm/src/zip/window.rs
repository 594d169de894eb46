//! The part of an archive that is at hand while its structure is checked.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use gait_contract::limits::CHUNK_BYTES;
use gait_contract::{Code, Fault};

use crate::task::Host;

/// Read beyond what was asked for: the headers of small members lie close together.
const AHEAD: usize = 16 * 1024;

/// A part of a source, replaced by another part when bytes outside it are wanted.
pub(super) struct Window<'a> {
    host: &'a Host,
    pub(super) source: &'a str,
    pub(super) size: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub(super) fn new(host: &'a Host, source: &'a str, size: u64) -> Self {
        Self { host, source, size, start: 0, bytes: Vec::new() }
    }

    /// A window that shows all there is, so that nothing of `source` is read.
    pub(super) fn holding(host: &'a Host, source: &'a str, bytes: Vec<u8>) -> Self {
        Self { host, source, size: bytes.len() as u64, start: 0, bytes }
    }

    /// The bytes `[offset, offset + length)`.
    pub(super) async fn get(&mut self, offset: u64, length: usize) -> Result<&[u8], Fault> {
        let outside = || {
            let text = format!("{length} bytes are expected at {offset}, past the end of the file");
            Fault::new(Code::ZipTruncated, text).at(self.source.to_string())
        };
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.size).ok_or_else(outside)?;
        if offset < self.start || end > self.start + self.bytes.len() as u64 {
            let end = end.max(offset + AHEAD as u64).min(self.size);
            self.start = offset;
            self.bytes.clear();
            let mut next = offset;
            while next < end {
                let length = usize::try_from(end - next).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
                let piece = self.host.read(self.source, next, length).await?;
                next += length as u64;
                if self.bytes.is_empty() {
                    self.bytes = piece;
                } else {
                    self.bytes.extend_from_slice(&piece);
                }
            }
        }
        let skip = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let part = self.bytes.get(skip..).and_then(|rest| rest.get(..length));
        part.ok_or_else(|| Fault::new(Code::InternalFailure, "a read came back short").at(self.source))
    }

    /// The whole source, when that is what the window holds.
    pub(super) fn into_whole(self) -> Option<Vec<u8>> {
        (self.bytes.len() as u64 == self.size).then_some(self.bytes)
    }
}
