//! Writing archives: the same members and comment make the same bytes, on every host.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use gait_contract::limits::{ARCHIVE_BYTES, CHUNK_BYTES, MEMBER_BYTES, ZIP_MEMBERS};
use gait_contract::{Code, Fault};
use sha2::{Digest, Sha256};
use zlib_rs::crc32::crc32;
use zlib_rs::{Deflate, DeflateFlush, Status};

use super::records::{self, Sums};
use super::{Refusal, names};
use crate::digest::hex;
use crate::order;
use crate::task::Host;

/// The stream that becomes the archive; also the place of faults about it.
const ARCHIVE: &str = "archive";
/// Deflate's effort, chosen by measuring: higher levels cost more time than their smaller archives save.
const LEVEL: i32 = 2;
/// Deflate's window: 2 to the 15th bytes.
const WINDOW_BITS: u8 = 15;
/// Content is compressed in blocks of this size, however it came: the compressed bytes depend on nothing else.
const BLOCK_BYTES: usize = 64 * 1024;
/// Room for compressed bytes at first.
const PACKED_FIRST: usize = 4 * 1024;
/// Compressed bytes that one member keeps in memory before they go to a scratch stream.
const PACKED_MOST: usize = 256 * 1024;

/// Takes the content of one member and compresses it as it comes.
pub(crate) struct MemberWriter {
    name: String,
    /// Made when there is something to compress: it takes a third of a megabyte.
    deflate: Option<Deflate>,
    sha256: Sha256,
    crc32: u32,
    /// Bytes of content so far.
    length: u64,
    /// Content that does not fill a block.
    block: Vec<u8>,
    /// Room for compressed bytes, `filled` of which are used.
    packed: Vec<u8>,
    filled: usize,
    /// Compressed bytes in the scratch stream, which precede those in `packed`.
    spilled: u64,
}

/// A member whose content is complete.
pub(crate) struct FinishedMember {
    /// Path inside the archive.
    pub(crate) name: String,
    /// SHA-256 of the content, lower-case hex.
    pub(crate) sha256: String,
    sums: Sums,
    packed: Vec<u8>,
    spilled: u64,
}

/// What [`write_archive`] wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrittenArchive {
    /// SHA-256 of all its bytes, lower-case hex.
    pub(crate) sha256: String,
    /// How many they are.
    pub(crate) length: u64,
}

impl MemberWriter {
    /// An empty member.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            deflate: None,
            sha256: Sha256::new(),
            crc32: 0,
            length: 0,
            block: Vec::new(),
            packed: Vec::new(),
            filled: 0,
            spilled: 0,
        }
    }

    /// Appends content.
    pub(crate) async fn write(&mut self, host: &Host, mut data: &[u8]) -> Result<(), Fault> {
        self.length += data.len() as u64;
        if self.length > MEMBER_BYTES {
            let text = format!("the member would have {} bytes or more", self.length);
            return Err(Refusal::new(Code::ZipMemberTooLarge, text).of(&self.name).at(ARCHIVE));
        }
        while self.block.len() + data.len() >= BLOCK_BYTES {
            let (head, rest) = data.split_at_checked(BLOCK_BYTES - self.block.len()).unwrap_or((data, &[]));
            data = rest;
            if self.block.is_empty() {
                self.pack(head, DeflateFlush::NoFlush)?;
            } else {
                self.block.extend_from_slice(head);
                self.pack_block(DeflateFlush::NoFlush)?;
            }
            if self.filled >= PACKED_MOST {
                self.spill(host).await?;
            }
        }
        self.block.extend_from_slice(data);
        Ok(())
    }

    /// The member with all that was written.
    pub(crate) fn finish(mut self) -> Result<FinishedMember, Fault> {
        self.pack_block(DeflateFlush::Finish)?;
        self.packed.truncate(self.filled);
        let compressed = self.spilled + self.filled as u64;
        let sums =
            Sums { crc32: self.crc32, compressed: size_field(compressed)?, uncompressed: size_field(self.length)? };
        let sha256 = hex(&self.sha256.finalize());
        Ok(FinishedMember { name: self.name, sha256, sums, packed: self.packed, spilled: self.spilled })
    }

    fn pack_block(&mut self, flush: DeflateFlush) -> Result<(), Fault> {
        let mut block = mem::take(&mut self.block);
        let packed = self.pack(&block, flush);
        block.clear();
        self.block = block;
        packed
    }

    /// Hashes and compresses one block.
    fn pack(&mut self, mut block: &[u8], flush: DeflateFlush) -> Result<(), Fault> {
        self.sha256.update(block);
        self.crc32 = crc32(self.crc32, block);
        let deflate = self.deflate.get_or_insert_with(|| Deflate::new(LEVEL, false, WINDOW_BITS));
        loop {
            if self.filled == self.packed.len() {
                let room = (self.packed.len() * 2).max(PACKED_FIRST);
                self.packed.resize(room, 0);
            }
            let room = self.packed.get_mut(self.filled..).unwrap_or_default();
            let (read, written) = (deflate.total_in(), deflate.total_out());
            let status = deflate.compress(block, room, flush);
            let read = usize::try_from(deflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(deflate.total_out() - written).unwrap_or(usize::MAX);
            self.filled = self.filled.saturating_add(written);
            block = block.get(read..).unwrap_or_default();
            match status {
                Ok(Status::StreamEnd) => return Ok(()),
                // Output is left only when it filled the room.
                Ok(_) if flush == DeflateFlush::NoFlush && block.is_empty() && self.filled < self.packed.len() => {
                    return Ok(());
                }
                Ok(_) if self.filled == self.packed.len() || read > 0 || written > 0 => {}
                _ => return Err(Fault::new(Code::InternalFailure, "the content could not be compressed").at(ARCHIVE)),
            }
        }
    }

    /// Moves the compressed bytes to the scratch stream.
    async fn spill(&mut self, host: &Host) -> Result<(), Fault> {
        let packed = self.packed.get(..self.filled).unwrap_or_default().to_vec();
        self.spilled += packed.len() as u64;
        self.filled = 0;
        host.write(&scratch(&self.name), packed).await
    }
}

/// Writes the members, in ascending order of their names, to the stream `archive`.
pub(crate) async fn write_archive(
    host: &Host,
    mut members: Vec<FinishedMember>,
    comment: &[u8],
) -> Result<WrittenArchive, Fault> {
    order::by_text(&mut members, |member| &member.name);
    check(&members, comment).map_err(|refusal| refusal.at(ARCHIVE))?;
    let mut out = Output { host, sha256: Sha256::new(), length: 0, bytes: Vec::new() };
    let mut directory = Vec::new();
    let count = u16::try_from(members.len()).unwrap_or(u16::MAX);
    for member in members {
        records::write_entry(&mut directory, &member.name, member.sums, size_field(out.position())?);
        let mut header = Vec::new();
        records::write_local(&mut header, &member.name, member.sums);
        out.append(&header).await?;
        let scratch = scratch(&member.name);
        let mut copied = 0;
        while copied < member.spilled {
            let length = usize::try_from(member.spilled - copied).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            let piece = host.read(&scratch, copied, length).await?;
            copied += length as u64;
            out.append(&piece).await?;
        }
        out.append(&member.packed).await?;
    }
    let start = size_field(out.position())?;
    let bytes = size_field(directory.len() as u64)?;
    records::write_end(&mut directory, count, bytes, start, comment);
    out.append(&directory).await?;
    out.flush().await?;
    if out.length > ARCHIVE_BYTES {
        return Err(Fault::new(Code::ZipTooLarge, format!("the archive has {} bytes", out.length)).at(ARCHIVE));
    }
    Ok(WrittenArchive { sha256: hex(&out.sha256.finalize()), length: out.length })
}

/// Refuses names and comments that the reader would refuse.
fn check(members: &[FinishedMember], comment: &[u8]) -> Result<(), Refusal> {
    if members.len() > ZIP_MEMBERS {
        return Err(Refusal::new(Code::ZipTooLarge, format!("the archive would have {} members", members.len())));
    }
    if u16::try_from(comment.len()).is_err() {
        return Err(Refusal::new(Code::ZipTooLarge, format!("the comment has {} bytes", comment.len())));
    }
    if comment.windows(records::END.len()).any(|bytes| bytes == records::END) {
        return Err(Refusal::new(Code::ZipAmbiguous, "the comment holds the signature of an end record"));
    }
    for member in members {
        if u16::try_from(member.name.len()).is_err() {
            return Err(Refusal::new(Code::ZipUnsafeName, "the name is too long").of(&member.name));
        }
        names::read(member.name.as_bytes(), records::FLAG_UTF8)?;
    }
    names::check_distinct(members.iter().map(|member| member.name.as_str()))
}

/// The archive on its way to the host: hashed, and collected into large pieces.
struct Output<'a> {
    host: &'a Host,
    sha256: Sha256,
    /// Bytes handed to the host.
    length: u64,
    /// Bytes that wait.
    bytes: Vec<u8>,
}

impl Output<'_> {
    fn position(&self) -> u64 {
        self.length + self.bytes.len() as u64
    }

    async fn append(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while self.bytes.len() + bytes.len() > CHUNK_BYTES {
            let room = CHUNK_BYTES.saturating_sub(self.bytes.len());
            let (head, rest) = bytes.split_at_checked(room).unwrap_or_default();
            self.bytes.extend_from_slice(head);
            bytes = rest;
            self.flush().await?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        let bytes = mem::take(&mut self.bytes);
        if bytes.is_empty() {
            return Ok(());
        }
        self.sha256.update(&bytes);
        self.length += bytes.len() as u64;
        self.host.write(ARCHIVE, bytes).await
    }
}

/// The stream that takes what a member does not keep in memory.
fn scratch(name: &str) -> String {
    format!("scratch/{name}")
}

fn size_field(value: u64) -> Result<u32, Fault> {
    match u32::try_from(value) {
        Ok(field) if field < u32::MAX => Ok(field),
        _ => Err(Fault::new(Code::ZipTooLarge, "the archive would need zip64").at(ARCHIVE)),
    }
}
