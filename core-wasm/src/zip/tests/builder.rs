//! Builds archives field by field, so that each field can lie.

use alloc::string::String;
use alloc::vec::Vec;

use zlib_rs::{Deflate, DeflateFlush, Status};

/// The fields that local header and directory entry share.
#[derive(Clone, Default)]
pub(super) struct Head {
    pub(super) version: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) compressed: u32,
    pub(super) uncompressed: u32,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
}

/// One member: what stands before its local header, the header, the data, what follows, and the directory entry.
#[derive(Clone, Default)]
pub(super) struct Part {
    pub(super) before: Vec<u8>,
    pub(super) local: Head,
    pub(super) data: Vec<u8>,
    pub(super) behind: Vec<u8>,
    /// `None` hides the member from the directory.
    pub(super) entry: Option<Head>,
    pub(super) comment: Vec<u8>,
    pub(super) disk: u16,
    /// The member stands in the directory and nowhere else.
    pub(super) entry_only: bool,
    /// Added to the true offset of the local header.
    pub(super) offset_off: i64,
}

/// A whole archive. Fields that end in `_off` are added to the true value.
#[derive(Clone, Default)]
pub(super) struct Zip {
    pub(super) parts: Vec<Part>,
    pub(super) before_directory: Vec<u8>,
    pub(super) behind_directory: Vec<u8>,
    pub(super) disk: u16,
    pub(super) directory_disk: u16,
    pub(super) entries_off: i64,
    pub(super) entries_on_disk_off: i64,
    pub(super) bytes_off: i64,
    pub(super) offset_off: i64,
    pub(super) comment: Vec<u8>,
    pub(super) comment_off: i64,
    pub(super) behind: Vec<u8>,
}

impl Part {
    /// A deflated member.
    pub(super) fn deflated(name: &str, content: &[u8]) -> Self {
        Self::new(name, content, 8, deflate(content))
    }

    /// A stored member.
    pub(super) fn stored(name: &str, content: &[u8]) -> Self {
        Self::new(name, content, 0, content.to_vec())
    }

    fn new(name: &str, content: &[u8], method: u16, data: Vec<u8>) -> Self {
        let head = Head {
            version: 20,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            method,
            crc32: crc32fast::hash(content),
            compressed: data.len() as u32,
            uncompressed: content.len() as u32,
            name: name.into(),
            extra: Vec::new(),
        };
        Self { local: head.clone(), entry: Some(head), data, ..Self::default() }
    }

    /// The member with its sizes in a data descriptor, as streaming writers do it.
    pub(super) fn streamed(mut self, signature: &[u8]) -> Self {
        self.both(|head| head.flags |= 1 << 3);
        let head = &mut self.local;
        self.behind = signature.to_vec();
        for field in [head.crc32, head.compressed, head.uncompressed] {
            self.behind.extend_from_slice(&field.to_le_bytes());
        }
        (head.crc32, head.compressed, head.uncompressed) = (0, 0, 0);
        self
    }

    /// The member with these extra fields.
    pub(super) fn extra(mut self, extra: &[u8]) -> Self {
        self.both(|head| head.extra = extra.to_vec());
        self
    }

    /// Changes local header and directory entry alike.
    pub(super) fn both(&mut self, change: impl Fn(&mut Head)) {
        change(&mut self.local);
        change(self.entry());
    }

    /// The directory entry.
    pub(super) fn entry(&mut self) -> &mut Head {
        self.entry.as_mut().unwrap()
    }
}

impl Zip {
    /// Three members: deflated, stored, and streamed with a time in an extra field.
    pub(super) fn sample() -> Self {
        Self::of(&[
            Part::deflated("alpha.json", br#"{"alpha":"alpha alpha alpha alpha"}"#),
            Part::stored("beta.txt", b"the second member"),
            Part::deflated("gamma.jsonl", b"{\"line\":1}\n{\"line\":2}\n{\"line\":3}\n")
                .streamed(b"PK\x07\x08")
                .extra(b"UT\x05\x00\x01\x00\xee\xcf\x12"),
        ])
    }

    pub(super) fn of(parts: &[Part]) -> Self {
        Self { parts: parts.to_vec(), ..Self::default() }
    }

    /// The archive's bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut directory = Vec::new();
        let mut entries = 0;
        for part in &self.parts {
            out.extend_from_slice(&part.before);
            let offset = out.len() as i64 + part.offset_off;
            if !part.entry_only {
                out.extend_from_slice(b"PK\x03\x04");
                put_head(&mut out, &part.local);
                for bytes in [&part.local.name, &part.local.extra, &part.data, &part.behind] {
                    out.extend_from_slice(bytes);
                }
            }
            if let Some(entry) = &part.entry {
                entries += 1;
                directory.extend_from_slice(b"PK\x01\x02\x14\x03");
                put_head(&mut directory, entry);
                put16(&mut directory, part.comment.len() as i64);
                put16(&mut directory, part.disk.into());
                directory.extend_from_slice(&[0, 0, 0, 0, 0xA4, 0x81]);
                put32(&mut directory, offset);
                directory.extend_from_slice(&entry.name);
                directory.extend_from_slice(&entry.extra);
                directory.extend_from_slice(&part.comment);
            }
        }
        out.extend_from_slice(&self.before_directory);
        let offset = out.len() as i64;
        out.extend_from_slice(&directory);
        out.extend_from_slice(&self.behind_directory);
        out.extend_from_slice(b"PK\x05\x06");
        put16(&mut out, self.disk.into());
        put16(&mut out, self.directory_disk.into());
        put16(&mut out, entries + self.entries_on_disk_off);
        put16(&mut out, entries + self.entries_off);
        put32(&mut out, directory.len() as i64 + self.bytes_off);
        put32(&mut out, offset + self.offset_off);
        put16(&mut out, self.comment.len() as i64 + self.comment_off);
        out.extend_from_slice(&self.comment);
        out.extend_from_slice(&self.behind);
        out
    }

    /// What the members hold when nothing lies.
    pub(super) fn contents(&self) -> Vec<(String, Vec<u8>)> {
        super::memory::contents(&self.bytes()).unwrap()
    }
}

/// A raw deflate stream.
pub(super) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut out = alloc::vec![0; content.len() * 2 + 64];
    let mut deflate = Deflate::new(6, false, 15);
    assert_eq!(deflate.compress(content, &mut out, DeflateFlush::Finish), Ok(Status::StreamEnd));
    out.truncate(deflate.total_out() as usize);
    out
}

fn put_head(out: &mut Vec<u8>, head: &Head) {
    for field in [head.version, head.flags, head.method, 0x6000, 0x5a21] {
        put16(out, field.into());
    }
    for field in [head.crc32, head.compressed, head.uncompressed] {
        put32(out, field.into());
    }
    put16(out, head.name.len() as i64);
    put16(out, head.extra.len() as i64);
}

fn put16(out: &mut Vec<u8>, field: i64) {
    out.extend_from_slice(&(field as u16).to_le_bytes());
}

fn put32(out: &mut Vec<u8>, field: i64) {
    out.extend_from_slice(&(field as u32).to_le_bytes());
}
