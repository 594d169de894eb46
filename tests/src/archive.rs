//! ZIP archives put together field by field, so that each field can lie.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Flag: sizes stand behind the data.
pub const DESCRIPTOR: u16 = 1 << 3;
/// Flag: the name is UTF-8.
pub const UTF8: u16 = 1 << 11;

/// The fields that local header and directory entry share.
#[derive(Clone, Default)]
pub struct Head {
    /// Version needed.
    pub version: u16,
    /// General purpose flags.
    pub flags: u16,
    /// 0 is stored, 8 deflated.
    pub method: u16,
    /// Checksum of the content.
    pub crc32: u32,
    /// Bytes of the data.
    pub compressed: u32,
    /// Bytes of the content.
    pub uncompressed: u32,
    /// The member's name.
    pub name: Vec<u8>,
    /// Extra fields.
    pub extra: Vec<u8>,
}

/// One member with its two headers.
#[derive(Clone, Default)]
pub struct Member {
    /// Bytes in front of the local header.
    pub before: Vec<u8>,
    /// The header in front of the data.
    pub local: Head,
    /// The data as stored.
    pub data: Vec<u8>,
    /// Bytes behind the data, such as a descriptor.
    pub behind: Vec<u8>,
    /// The header in the directory; `None` hides the member.
    pub entry: Option<Head>,
    /// Number of the disk it is on.
    pub disk: u16,
    /// Added to the true offset of the local header.
    pub offset_off: i64,
}

impl Member {
    /// A member as it is.
    pub fn stored(name: &str, content: &[u8]) -> Self {
        Self::new(name, content, 0, content.to_vec())
    }

    /// A compressed member.
    pub fn deflated(name: &str, content: &[u8]) -> Self {
        Self::new(name, content, 8, deflate(content))
    }

    fn new(name: &str, content: &[u8], method: u16, data: Vec<u8>) -> Self {
        let head = Head {
            version: 20,
            flags: if name.is_ascii() { 0 } else { UTF8 },
            method,
            crc32: crc32fast::hash(content),
            compressed: length(&data),
            uncompressed: length(content),
            name: name.into(),
            extra: Vec::new(),
        };
        Self { local: head.clone(), entry: Some(head), data, ..Self::default() }
    }

    /// Changes both headers.
    #[must_use]
    pub fn both(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        self.entry.iter_mut().for_each(change);
        self
    }

    /// Changes the header in front of the data only.
    #[must_use]
    pub fn local(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        self
    }

    /// Changes the header in the directory only.
    #[must_use]
    pub fn entry(mut self, change: impl Fn(&mut Head)) -> Self {
        self.entry.iter_mut().for_each(change);
        self
    }

    /// The member with its sizes behind the data, as streaming writers do it.
    #[must_use]
    pub fn streamed(self) -> Self {
        let mut member = self.both(|head| head.flags |= DESCRIPTOR);
        let Head { crc32, compressed, uncompressed, .. } = member.local;
        member.behind = b"PK\x07\x08".to_vec();
        for field in [crc32, compressed, uncompressed] {
            member.behind.extend_from_slice(&field.to_le_bytes());
        }
        member.local(|head| (head.crc32, head.compressed, head.uncompressed) = (0, 0, 0))
    }

    /// The member with other data; the sizes stay honest.
    #[must_use]
    pub fn data(mut self, data: &[u8]) -> Self {
        self.data = data.to_vec();
        self.both(|head| head.compressed = length(data))
    }
}

/// A whole archive. Fields that end in `_off` are added to the true value.
#[derive(Clone, Default)]
pub struct Archive {
    /// The members, in their order in the file and in the directory.
    pub members: Vec<Member>,
    /// Bytes between the last member and the directory.
    pub before_directory: Vec<u8>,
    /// Bytes between the directory and the end record.
    pub behind_directory: Vec<u8>,
    /// Number of this disk.
    pub disk: u16,
    /// Number of entries, as the end record counts them.
    pub entries_off: i64,
    /// Bytes of the directory.
    pub bytes_off: i64,
    /// Offset of the directory.
    pub offset_off: i64,
    /// The comment.
    pub comment: Vec<u8>,
    /// Length of the comment.
    pub comment_off: i64,
    /// Bytes behind the comment.
    pub behind: Vec<u8>,
}

impl Archive {
    /// An archive of honest members.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self { members: members.into_iter().collect(), ..Self::default() }
    }

    /// The same archive with another comment.
    #[must_use]
    pub fn comment(mut self, comment: &[u8]) -> Self {
        self.comment = comment.to_vec();
        self
    }

    /// Replaces one member.
    #[must_use]
    pub fn member(mut self, name: &str, change: impl FnOnce(Member) -> Member) -> Self {
        let at = self.members.iter().position(|member| member.local.name == name.as_bytes()).expect("a member");
        self.members[at] = change(self.members[at].clone());
        self
    }

    /// Appends a member.
    #[must_use]
    pub fn and(mut self, member: Member) -> Self {
        self.members.push(member);
        self
    }

    /// Leaves a member out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.retain(|member| member.local.name != name.as_bytes());
        self
    }

    /// Changes anything else.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The archive's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let (mut out, mut directory, mut entries) = (Vec::new(), Vec::new(), 0);
        for member in &self.members {
            out.extend_from_slice(&member.before);
            let offset = out.len() as i64 + member.offset_off;
            out.extend_from_slice(b"PK\x03\x04");
            put_head(&mut out, &member.local);
            for bytes in [&member.local.name, &member.local.extra, &member.data, &member.behind] {
                out.extend_from_slice(bytes);
            }
            let Some(entry) = &member.entry else { continue };
            entries += 1;
            directory.extend_from_slice(b"PK\x01\x02\x14\x03");
            put_head(&mut directory, entry);
            put16(&mut directory, 0);
            put16(&mut directory, member.disk.into());
            directory.extend_from_slice(&[0, 0, 0, 0, 0xA4, 0x81]);
            put32(&mut directory, offset);
            directory.extend_from_slice(&entry.name);
            directory.extend_from_slice(&entry.extra);
        }
        out.extend_from_slice(&self.before_directory);
        let offset = out.len() as i64;
        out.extend_from_slice(&directory);
        out.extend_from_slice(&self.behind_directory);
        out.extend_from_slice(b"PK\x05\x06");
        put16(&mut out, self.disk.into());
        put16(&mut out, self.disk.into());
        put16(&mut out, entries + self.entries_off);
        put16(&mut out, entries + self.entries_off);
        put32(&mut out, directory.len() as i64 + self.bytes_off);
        put32(&mut out, offset + self.offset_off);
        put16(&mut out, self.comment.len() as i64 + self.comment_off);
        out.extend_from_slice(&self.comment);
        out.extend_from_slice(&self.behind);
        out
    }
}

/// A raw deflate stream.
pub fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory can be written to")
}

fn put_head(out: &mut Vec<u8>, head: &Head) {
    // Every member is from 1980-01-01, midnight.
    for field in [head.version, head.flags, head.method, 0, 0x0021] {
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

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("test archives are small")
}
