//! The content of one member, piece by piece: inflated where needed, held against size and checksum.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use gait_contract::limits::{CHUNK_BYTES, MEMBER_BYTES};
use gait_contract::{Code, Fault};
use zlib_rs::crc32::crc32;
use zlib_rs::{Inflate, InflateFlush, Status};

use super::Refusal;
use super::read::Archive;
use super::structure::Member;
use crate::task::Host;

/// Most bytes of one piece: small enough for the processor's cache, large enough for the calls not to count.
const PIECE_BYTES: usize = 128 * 1024;
/// Deflate's window: 2 to the 15th bytes.
const WINDOW_BITS: u8 = 15;

/// Reads the content of one member.
///
/// Pieces arrive before the checksum behind the last one is known: nothing may be decided from them until `next`
/// has answered `None`.
pub(crate) struct MemberReader<'a> {
    archive: &'a Archive,
    host: &'a Host,
    member: &'a Member,
    /// What of the member's bytes in the file has not been fetched.
    ahead: Range<u64>,
    /// Fetched bytes, unless the archive is at hand as a whole.
    fetched: Vec<u8>,
    /// The part of the bytes at hand that has not been used.
    unused: Range<usize>,
    inflate: Option<Inflate>,
    piece: Vec<u8>,
    /// Bytes of content so far.
    length: u64,
    /// Bytes of content when the host was last asked for something.
    asked_at: u64,
    crc32: u32,
    ended: bool,
}

impl<'a> MemberReader<'a> {
    pub(super) fn new(archive: &'a Archive, host: &'a Host, member: &'a Member) -> Self {
        Self {
            archive,
            host,
            member,
            ahead: member.data..member.data + member.compressed,
            fetched: Vec::new(),
            unused: 0..0,
            inflate: None,
            piece: Vec::new(),
            length: 0,
            asked_at: 0,
            crc32: 0,
            ended: false,
        }
    }

    /// The next piece of content; `None` when all of it was handed out and was what the archive promised.
    pub(crate) async fn next(&mut self) -> Result<Option<&[u8]>, Fault> {
        if self.ended {
            return Ok(None);
        }
        self.check_size()?;
        self.breathe().await?;
        let piece = if self.member.deflated {
            let filled = self.inflate_piece(PIECE_BYTES).await?;
            self.piece.get(..filled)
        } else {
            let stored = self.stored_piece().await?;
            at_hand(self.archive, &self.fetched).get(stored)
        };
        Ok(piece.filter(|piece| !piece.is_empty()))
    }

    /// All of the content at once.
    pub(super) async fn read_all(mut self) -> Result<Vec<u8>, Fault> {
        self.check_size()?;
        if self.member.deflated {
            let filled = self.inflate_piece(usize::MAX).await?;
            self.piece.truncate(filled);
            return Ok(self.piece);
        }
        let mut content = Vec::with_capacity(usize::try_from(self.member.uncompressed).unwrap_or_default());
        while let Some(piece) = self.next().await? {
            content.extend_from_slice(piece);
        }
        Ok(content)
    }

    /// Ends the step when much content came out of few bytes: an empty read hands control to the host, so that the work
    /// of one step does not grow with what an archive inflates to.
    async fn breathe(&mut self) -> Result<(), Fault> {
        if self.length - self.asked_at >= CHUNK_BYTES as u64 {
            self.asked_at = self.length;
            // An archive that is at hand may be a part of its source, with places of its own.
            let place = if self.archive.whole.is_some() { 0 } else { self.member.data };
            self.host.read(&self.archive.source, place, 0).await?;
        }
        Ok(())
    }

    /// Refuses what would take too much memory or time, before the first byte of it is read.
    fn check_size(&self) -> Result<(), Fault> {
        if self.member.uncompressed > MEMBER_BYTES {
            let text = format!("the member has {} bytes", self.member.uncompressed);
            return Err(self.refusal(Code::ZipMemberTooLarge, text));
        }
        Ok(())
    }

    /// Inflates until the piece is full or the member ends; returns how much of the piece is content.
    async fn inflate_piece(&mut self, most: usize) -> Result<usize, Fault> {
        if self.inflate.is_none() {
            // One byte more than declared: a stream that goes on is noticed without a second look.
            let declared = usize::try_from(self.member.uncompressed).unwrap_or(usize::MAX);
            self.piece.resize(declared.saturating_add(1).min(most), 0);
        }
        let mut filled = 0;
        let mut at_end = false;
        while !at_end && filled < self.piece.len() {
            if self.unused.is_empty() && !self.ahead.is_empty() {
                self.fetch().await?;
            }
            let inflate = self.inflate.get_or_insert_with(|| Inflate::new(false, WINDOW_BITS));
            let input = at_hand(self.archive, &self.fetched).get(self.unused.clone()).unwrap_or_default();
            let output = self.piece.get_mut(filled..).unwrap_or_default();
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(input, output, InflateFlush::NoFlush);
            let read = usize::try_from(inflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(inflate.total_out() - written).unwrap_or(usize::MAX);
            self.unused.start = self.unused.start.saturating_add(read);
            filled = filled.saturating_add(written);
            match status {
                Ok(Status::StreamEnd) => at_end = true,
                Ok(_) if read == 0 && written == 0 => return Err(self.corrupt("its data ends early")),
                Ok(_) => {}
                Err(_) => return Err(self.corrupt("its data is not a deflate stream")),
            }
        }
        let content = self.piece.get(..filled).unwrap_or_default();
        self.crc32 = crc32(self.crc32, content);
        self.count(filled, at_end)?;
        Ok(filled)
    }

    /// Fetches the next piece of a stored member; returns where it lies in the bytes at hand.
    async fn stored_piece(&mut self) -> Result<Range<usize>, Fault> {
        if self.unused.is_empty() && !self.ahead.is_empty() {
            self.fetch().await?;
        }
        let end = self.unused.end.min(self.unused.start + PIECE_BYTES);
        let piece = self.unused.start..end;
        self.unused.start = end;
        let at_end = self.unused.is_empty() && self.ahead.is_empty();
        self.crc32 = crc32(self.crc32, at_hand(self.archive, &self.fetched).get(piece.clone()).unwrap_or_default());
        self.count(piece.len(), at_end)?;
        Ok(piece)
    }

    /// Counts a piece, and at the end holds the whole against what was declared. A refusal stays one when asked again.
    fn count(&mut self, length: usize, at_end: bool) -> Result<(), Fault> {
        self.length += length as u64;
        if self.length > self.member.uncompressed {
            return Err(self.corrupt("it holds more than it declares"));
        }
        if !at_end {
            return Ok(());
        }
        if self.length < self.member.uncompressed {
            return Err(self.corrupt("it holds less than it declares"));
        }
        if !self.unused.is_empty() || !self.ahead.is_empty() {
            return Err(self.corrupt("bytes follow the end of its data"));
        }
        if self.crc32 != self.member.crc32 {
            return Err(self.corrupt("its checksum is wrong"));
        }
        self.ended = true;
        Ok(())
    }

    /// Gets the next of the member's bytes at hand.
    async fn fetch(&mut self) -> Result<(), Fault> {
        let left = usize::try_from(self.ahead.end - self.ahead.start).unwrap_or(usize::MAX);
        if self.archive.whole.is_some() {
            let start = usize::try_from(self.ahead.start).unwrap_or(usize::MAX);
            self.unused = start..start.saturating_add(left);
            self.ahead.start = self.ahead.end;
            return Ok(());
        }
        let length = left.min(CHUNK_BYTES);
        self.fetched = self.host.read(&self.archive.source, self.ahead.start, length).await?;
        self.unused = 0..length;
        self.ahead.start += length as u64;
        Ok(())
    }

    fn corrupt(&self, text: &str) -> Fault {
        self.refusal(Code::ZipMemberCorrupt, String::from(text))
    }

    fn refusal(&self, code: Code, text: String) -> Fault {
        Refusal::new(code, text).of(&self.member.name).at(&self.archive.source)
    }
}

/// The bytes that [`MemberReader::unused`] points into.
fn at_hand<'b>(archive: &'b Archive, fetched: &'b [u8]) -> &'b [u8] {
    archive.whole.as_deref().unwrap_or(fetched)
}
