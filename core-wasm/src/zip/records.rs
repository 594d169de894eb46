//! The records of a ZIP file (APPNOTE 4.3) as bytes: local header, data descriptor, directory entry, end record.
//! What they may say is judged in [`super::read`].

use alloc::vec::Vec;

/// Starts a local header.
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Starts a directory entry.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// Starts the end record.
pub(super) const END: [u8; 4] = *b"PK\x05\x06";
/// Starts the locator of a 64-bit end record, which stands before the plain one.
pub(super) const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
/// May start a data descriptor.
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// Bytes of a local header without name and extra fields.
pub(super) const LOCAL_BYTES: usize = 30;
/// Bytes of the end record without the comment.
pub(super) const END_BYTES: usize = 22;
/// Bytes of the locator of a 64-bit end record.
pub(super) const LOCATOR_64_BYTES: usize = 20;

/// Version 2.0, the first with deflate and folders.
pub(super) const VERSION: u16 = 20;
/// Stored as it is.
pub(super) const STORED: u16 = 0;
/// Deflated.
pub(super) const DEFLATED: u16 = 8;
/// Flag: sizes and checksum stand behind the data.
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Flag: the name is UTF-8.
pub(super) const FLAG_UTF8: u16 = 1 << 11;
/// 1980-01-01, the first day a ZIP file knows.
const DATE: u16 = 0x0021;
/// Made by Unix, version 2.0.
const MADE_BY: u16 = 0x0300 | VERSION;
/// A regular file with mode 0644.
const ATTRIBUTES: u32 = 0x81A4_0000;

/// Checksum and sizes of one member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) crc32: u32,
    pub(super) compressed: u32,
    pub(super) uncompressed: u32,
}

/// What local header and directory entry both say about a member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) version: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) sums: Sums,
    pub(super) name: &'a [u8],
    pub(super) extra: &'a [u8],
}

/// A directory entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) header: Header<'a>,
    pub(super) disk: u16,
    pub(super) offset: u32,
}

/// The end record.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<'a> {
    pub(super) disk: u16,
    pub(super) directory_disk: u16,
    pub(super) entries_on_disk: u16,
    pub(super) entries: u16,
    pub(super) directory_bytes: u32,
    pub(super) directory_offset: u32,
    pub(super) comment: &'a [u8],
}

/// Takes fields from the front; `None` when there are too few bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn u16(&mut self) -> Option<u16> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*field))
    }

    fn u32(&mut self) -> Option<u32> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*field))
    }

    fn bytes(&mut self, length: u16) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(field)
    }

    /// Exactly these bytes.
    fn signature(&mut self, signature: [u8; 4]) -> Option<()> {
        self.0 = self.0.strip_prefix(&signature)?;
        Some(())
    }

    fn sums(&mut self) -> Option<Sums> {
        Some(Sums { crc32: self.u32()?, compressed: self.u32()?, uncompressed: self.u32()? })
    }

    /// The fields from "version needed" to "extra field length", which both kinds of header share.
    /// Name and extra fields follow elsewhere, so only their lengths are returned.
    fn shared(&mut self) -> Option<(Header<'static>, u16, u16)> {
        let (version, flags, method) = (self.u16()?, self.u16()?, self.u16()?);
        let (_time, _date) = (self.u16()?, self.u16()?);
        let sums = self.sums()?;
        let (name, extra) = (self.u16()?, self.u16()?);
        Some((Header { version, flags, method, sums, name: &[], extra: &[] }, name, extra))
    }
}

/// Length of the local header that starts with these bytes, with its name and extra fields.
pub(super) fn local_length(bytes: &[u8]) -> Option<usize> {
    let mut fields = Fields(bytes);
    fields.signature(LOCAL)?;
    let (_, name, extra) = fields.shared()?;
    Some(LOCAL_BYTES + usize::from(name) + usize::from(extra))
}

/// Reads a local header.
pub(super) fn read_local(bytes: &[u8]) -> Option<Header<'_>> {
    let mut fields = Fields(bytes);
    fields.signature(LOCAL)?;
    let (shared, name, extra) = fields.shared()?;
    Some(Header { name: fields.bytes(name)?, extra: fields.bytes(extra)?, ..shared })
}

/// Reads the directory entry at the front of `bytes`, and tells what follows it.
pub(super) fn read_entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let mut fields = Fields(bytes);
    fields.signature(ENTRY)?;
    let _made_by = fields.u16()?;
    let (shared, name, extra) = fields.shared()?;
    let (comment, disk) = (fields.u16()?, fields.u16()?);
    let (_internal, _external) = (fields.u16()?, fields.u32()?);
    let offset = fields.u32()?;
    let header = Header { name: fields.bytes(name)?, extra: fields.bytes(extra)?, ..shared };
    fields.bytes(comment)?;
    Some((Entry { header, disk, offset }, fields.0))
}

/// Reads the end record at the front of `bytes`, and tells what follows its comment.
pub(super) fn read_end(bytes: &[u8]) -> Option<(End<'_>, &[u8])> {
    let mut fields = Fields(bytes);
    fields.signature(END)?;
    let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
    let (entries_on_disk, entries) = (fields.u16()?, fields.u16()?);
    let (directory_bytes, directory_offset) = (fields.u32()?, fields.u32()?);
    let comment = fields.u16()?;
    let comment = fields.bytes(comment)?;
    let end = End { disk, directory_disk, entries_on_disk, entries, directory_bytes, directory_offset, comment };
    Some((end, fields.0))
}

/// Reads a data descriptor that fills `bytes`: 16 of them with a signature, 12 without.
pub(super) fn read_descriptor(bytes: &[u8]) -> Option<Sums> {
    let mut fields = Fields(bytes);
    if bytes.len() == 16 {
        fields.signature(DESCRIPTOR)?;
    }
    let sums = fields.sums()?;
    fields.0.is_empty().then_some(sums)
}

/// The identifiers of a list of extra fields; an item is `None` where the list stops making sense.
pub(super) fn extra_fields(extra: &[u8]) -> impl Iterator<Item = Option<u16>> {
    let mut fields = Fields(extra);
    core::iter::from_fn(move || {
        if fields.0.is_empty() {
            return None;
        }
        let mut next = || {
            let (id, length) = (fields.u16()?, fields.u16()?);
            fields.bytes(length)?;
            Some(id)
        };
        let id = next();
        if id.is_none() {
            fields.0 = &[];
        }
        Some(id)
    })
}

/// Appends the local header of a deflated member.
pub(super) fn write_local(out: &mut Vec<u8>, name: &str, sums: Sums) {
    out.extend_from_slice(&LOCAL);
    write_shared(out, name, sums);
    out.extend_from_slice(name.as_bytes());
}

/// Appends the directory entry of a deflated member whose local header stands at `offset`.
pub(super) fn write_entry(out: &mut Vec<u8>, name: &str, sums: Sums, offset: u32) {
    out.extend_from_slice(&ENTRY);
    out.extend_from_slice(&MADE_BY.to_le_bytes());
    write_shared(out, name, sums);
    // Length of the comment, disk, internal attributes.
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&ATTRIBUTES.to_le_bytes());
    out.extend_from_slice(&offset.to_le_bytes());
    out.extend_from_slice(name.as_bytes());
}

/// Appends the end record.
pub(super) fn write_end(out: &mut Vec<u8>, entries: u16, directory_bytes: u32, directory_offset: u32, comment: &[u8]) {
    out.extend_from_slice(&END);
    // This disk, the directory's disk.
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&entries.to_le_bytes());
    out.extend_from_slice(&entries.to_le_bytes());
    out.extend_from_slice(&directory_bytes.to_le_bytes());
    out.extend_from_slice(&directory_offset.to_le_bytes());
    out.extend_from_slice(&length_field(comment).to_le_bytes());
    out.extend_from_slice(comment);
}

fn write_shared(out: &mut Vec<u8>, name: &str, sums: Sums) {
    let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };
    for field in [VERSION, flags, DEFLATED, 0, DATE] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    for field in [sums.crc32, sums.compressed, sums.uncompressed] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    for field in [length_field(name.as_bytes()), 0] {
        out.extend_from_slice(&field.to_le_bytes());
    }
}

/// The writer refuses longer names and comments before they come here.
fn length_field(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}
