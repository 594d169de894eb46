//! The rules of an archive's structure, which make sure that all readers of it see the same members: one directory,
//! which ends the file; members that tile the rest of it; headers that agree; names that are safe and distinct.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::limits::{CHUNK_BYTES, ZIP_DIRECTORY_BYTES, ZIP_MEMBERS};
use gait_contract::{Code, Fault};

use super::records::{self, Entry, Header, Sums};
use super::window::Window;
use super::{Refusal, names};
use crate::order;

/// Where the end record can start: it has at most 65,535 bytes of comment behind it.
const TAIL_BYTES: usize = records::END_BYTES + u16::MAX as usize;
/// Flags that change nothing for a reader: the deflate level's two, data descriptor, UTF-8.
const FLAGS: u16 = 0b110 | records::FLAG_DESCRIPTOR | records::FLAG_UTF8;
/// Flags of encryption: plain, strong, hidden directory.
const FLAGS_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Extra field with 64-bit sizes.
const EXTRA_64: u16 = 0x0001;
/// Extra field with another name for the member, which only some readers look at.
const EXTRA_NAME: u16 = 0x7075;

/// One member, as directory and local header agree on it.
#[derive(Debug)]
pub(crate) struct Member {
    /// Path inside the archive.
    pub(crate) name: String,
    /// Bytes of the content, as declared.
    pub(crate) uncompressed: u64,
    pub(super) compressed: u64,
    pub(super) crc32: u32,
    pub(super) deflated: bool,
    /// Offset of the first byte of the (compressed) content.
    pub(super) data: u64,
    /// Offset of the local header.
    header: u64,
    flags: u16,
}

/// Reads the directory and holds it against all local headers. Returns the members, in the order of the directory,
/// and the comment of the archive.
pub(super) async fn read(window: &mut Window<'_>) -> Result<(Vec<Member>, Vec<u8>), Fault> {
    let (source, size) = (window.source, window.size);
    let tail_bytes = usize::try_from(size).unwrap_or(usize::MAX);
    let tail_bytes = if tail_bytes <= CHUNK_BYTES { tail_bytes } else { TAIL_BYTES };
    let tail = window.get(size - tail_bytes as u64, tail_bytes).await?;
    let (directory, comment) = match find_directory(tail, size) {
        Ok(Some(found)) => found,
        Ok(None) => {
            let start = window.get(0, usize::try_from(size.min(4)).unwrap_or_default()).await?;
            return Err(no_directory(start).at(source));
        }
        Err(refusal) => return Err(refusal.at(source)),
    };
    let bytes = window.get(directory.start, directory.bytes).await?;
    let mut members = read_directory(bytes, &directory).map_err(|refusal| refusal.at(source))?;
    check_members(window, &mut members, directory.start).await?;
    Ok((members, comment))
}

/// Where the directory stands, and how many entries it has.
#[derive(Debug)]
struct Directory {
    start: u64,
    bytes: usize,
    entries: u16,
}

/// Finds the end record in the last bytes of a file of `size` bytes, and in it the directory and the comment.
/// `None` when there is no end record.
fn find_directory(tail: &[u8], size: u64) -> Result<Option<(Directory, Vec<u8>)>, Refusal> {
    // Readers search from the end, from the start of the tail, or look at one place only. All of them find the same
    // record when the last signature in the file belongs to a record that ends with the file, and no other does.
    let skipped = tail.len().saturating_sub(TAIL_BYTES);
    let candidates = tail.windows(records::END.len()).enumerate().skip(skipped);
    let mut places = candidates.filter(|(_, bytes)| *bytes == records::END).map(|(at, _)| at).rev();
    let Some(last) = places.next() else { return Ok(None) };
    let read = |at: usize| tail.get(at..).and_then(records::read_end);
    let ends_with_file = |at: usize| read(at).is_some_and(|(_, rest)| rest.is_empty());
    let another = places.any(ends_with_file);
    let end = match read(last) {
        Some((end, [])) if !another => end,
        None if !another => return Err(Refusal::new(Code::ZipTruncated, "the end record is cut off")),
        Some((_, rest)) if !another => {
            let text = format!("{} bytes follow the end record", rest.len());
            return Err(Refusal::new(Code::ZipAmbiguous, text));
        }
        _ => return Err(Refusal::new(Code::ZipAmbiguous, "there are two end records")),
    };

    if end.disk != 0 || end.directory_disk != 0 || end.entries_on_disk != end.entries {
        return Err(Refusal::new(Code::ZipUnsupported, "the archive is spread over several disks"));
    }
    if end.entries == u16::MAX || end.directory_bytes == u32::MAX || end.directory_offset == u32::MAX {
        return Err(Refusal::new(Code::ZipUnsupported, "the archive is a zip64 archive"));
    }
    if usize::from(end.entries) > ZIP_MEMBERS || u64::from(end.directory_bytes) > ZIP_DIRECTORY_BYTES {
        let text = format!("{} members in a directory of {} bytes", end.entries, end.directory_bytes);
        return Err(Refusal::new(Code::ZipTooLarge, text));
    }
    let start = u64::from(end.directory_offset);
    let directory_end = start + u64::from(end.directory_bytes);
    let end_start = size - (tail.len() - last) as u64;
    if directory_end > end_start {
        let text = format!("the directory should end at {directory_end}, but the end record starts at {end_start}");
        return Err(Refusal::new(Code::ZipTruncated, text));
    }
    if directory_end < end_start {
        let locator = last.checked_sub(records::LOCATOR_64_BYTES).and_then(|at| tail.get(at..));
        return Err(if locator.is_some_and(|bytes| bytes.starts_with(&records::LOCATOR_64)) {
            Refusal::new(Code::ZipUnsupported, "the archive is a zip64 archive")
        } else {
            let text = format!("the directory ends at {directory_end}, but the end record starts at {end_start}");
            Refusal::new(Code::ZipOverlap, text)
        });
    }
    let bytes = usize::try_from(end.directory_bytes).unwrap_or(usize::MAX);
    Ok(Some((Directory { start, bytes, entries: end.entries }, end.comment.to_vec())))
}

/// What a file without an end record is.
fn no_directory(start: &[u8]) -> Refusal {
    if start.starts_with(&records::LOCAL) {
        Refusal::new(Code::ZipTruncated, "the archive ends before its directory")
    } else if start.is_empty() {
        Refusal::new(Code::ZipNotAnArchive, "the file is empty")
    } else {
        Refusal::new(Code::ZipNotAnArchive, "the file is not a zip archive")
    }
}

/// Reads the directory. Where the content of its members starts is not known yet.
fn read_directory(mut bytes: &[u8], directory: &Directory) -> Result<Vec<Member>, Refusal> {
    let mut members = Vec::with_capacity(usize::from(directory.entries));
    for count in 0..directory.entries {
        let Some((entry, rest)) = records::read_entry(bytes) else {
            let text = format!("the directory announces {} members and holds {count}", directory.entries);
            return Err(Refusal::new(Code::ZipHeaderMismatch, text));
        };
        let name = names::read(entry.header.name, entry.header.flags)?;
        members.push(member(name, &entry, directory.start)?);
        bytes = rest;
    }
    if !bytes.is_empty() {
        let text = format!("{} bytes follow the last of {} directory entries", bytes.len(), directory.entries);
        return Err(Refusal::new(Code::ZipHeaderMismatch, text));
    }
    names::check_distinct(members.iter().map(|member| member.name.as_str()))?;
    Ok(members)
}

/// The member of a directory entry, when it is of a kind that gait reads.
fn member(name: String, entry: &Entry<'_>, directory_start: u64) -> Result<Member, Refusal> {
    let refuse = |code, text: &str| Err(Refusal::new(code, text).of(&name));
    let Header { flags, method, sums, .. } = entry.header;
    check_header(&entry.header).map_err(|refusal| refusal.of(&name))?;
    if entry.disk != 0 {
        return refuse(Code::ZipUnsupported, "the member is on another disk");
    }
    if entry.offset == u32::MAX {
        return refuse(Code::ZipUnsupported, "the member needs zip64");
    }
    let header = u64::from(entry.offset);
    if header >= directory_start {
        return refuse(Code::ZipTruncated, "the member starts where the directory is, or behind it");
    }
    if method == records::STORED && sums.compressed != sums.uncompressed {
        return refuse(Code::ZipHeaderMismatch, "the member is stored, yet has two sizes");
    }
    if name.ends_with('/') && sums.uncompressed != 0 {
        // To some readers this is a folder, and its content is never seen.
        return refuse(Code::ZipHeaderMismatch, "the member has a folder's name, yet it has content");
    }
    Ok(Member {
        name,
        uncompressed: sums.uncompressed.into(),
        compressed: sums.compressed.into(),
        crc32: sums.crc32,
        deflated: method == records::DEFLATED,
        data: 0,
        header,
        flags,
    })
}

/// Checks what stands in both kinds of header.
fn check_header(header: &Header<'_>) -> Result<(), Refusal> {
    let unsupported = |text: String| Err(Refusal::new(Code::ZipUnsupported, text));
    if header.flags & FLAGS_ENCRYPTED != 0 {
        return unsupported("the member is encrypted".into());
    }
    if header.flags & !FLAGS != 0 {
        return unsupported(format!("the flags {:#06x} have no meaning here", header.flags));
    }
    if header.method != records::STORED && header.method != records::DEFLATED {
        return unsupported(format!("the compression method {} is not supported", header.method));
    }
    if header.version > records::VERSION {
        return unsupported(format!("the member needs version {} of the format", header.version));
    }
    if header.sums.compressed == u32::MAX || header.sums.uncompressed == u32::MAX {
        return unsupported("the member needs zip64".into());
    }
    for id in records::extra_fields(header.extra) {
        match id {
            Some(EXTRA_64) => return unsupported("the member needs zip64".into()),
            Some(EXTRA_NAME) => return unsupported("an extra field gives the member a second name".into()),
            Some(_) => {}
            None => return unsupported("the extra fields are not a list of fields".into()),
        }
    }
    Ok(())
}

/// Walks through the members as they lie in the file: each begins where the one before it ends, the directory begins
/// where the last one ends, and each local header says what the directory says.
async fn check_members(window: &mut Window<'_>, members: &mut [Member], directory: u64) -> Result<(), Fault> {
    let source = window.source;
    let mut members: Vec<&mut Member> = members.iter_mut().collect();
    order::sort(&mut members, &mut |one, other| one.header.cmp(&other.header));
    let ends: Vec<u64> = members.iter().skip(1).map(|member| member.header).chain([directory]).collect();
    let mut end_before = 0;
    for (member, end) in members.into_iter().zip(ends) {
        let refuse = |code, text: String| Err(Refusal::new(code, text).of(&member.name).at(source));
        // The directory wins; a local header in a gap is how a hidden member gets in.
        if member.header != end_before {
            let text = format!("the member starts at {}, but what precedes it ends at {end_before}", member.header);
            return refuse(Code::ZipOverlap, text);
        }
        let Some(room) = end.checked_sub(member.header).filter(|room| *room >= records::LOCAL_BYTES as u64) else {
            return refuse(Code::ZipOverlap, format!("the member should end at {end}, inside its own header"));
        };
        let start = window.get(member.header, records::LOCAL_BYTES).await?;
        let Some(length) = records::local_length(start) else {
            return refuse(Code::ZipHeaderMismatch, format!("there is no local header at {}", member.header));
        };
        let content = length as u64 + member.compressed;
        let Some(behind) = room.checked_sub(content) else {
            return refuse(Code::ZipOverlap, format!("the member reaches past {end}, where something else begins"));
        };
        let local = window.get(member.header, length).await?;
        check_local(member, local).map_err(|refusal| refusal.of(&member.name).at(source))?;
        member.data = member.header + length as u64;
        end_before = member.header + content;
        if member.flags & records::FLAG_DESCRIPTOR != 0 {
            let length = match behind {
                12 => 12,
                16 => 16,
                20 | 24 => return refuse(Code::ZipUnsupported, "the data descriptor is a zip64 one".into()),
                _ => return refuse(Code::ZipOverlap, format!("{behind} bytes stand where a data descriptor should")),
            };
            let descriptor = records::read_descriptor(window.get(end_before, length).await?);
            if descriptor.is_none_or(|sums| !says(member, sums)) {
                return refuse(Code::ZipHeaderMismatch, "the data descriptor contradicts the directory".into());
            }
            end_before = end;
        }
    }
    if end_before != directory {
        let text = format!("the directory starts at {directory}, but the last member ends at {end_before}");
        return Err(Refusal::new(Code::ZipOverlap, text).at(source));
    }
    Ok(())
}

/// Holds a local header against the directory.
fn check_local(member: &Member, local: &[u8]) -> Result<(), Refusal> {
    let mismatch = |text: &str| Err(Refusal::new(Code::ZipHeaderMismatch, text));
    let Some(local) = records::read_local(local) else { return mismatch("there is no local header") };
    check_header(&local)?;
    if local.name != member.name.as_bytes() {
        return mismatch("the local header has another name");
    }
    if local.flags != member.flags || (local.method == records::DEFLATED) != member.deflated {
        return mismatch("the local header has another method or other flags");
    }
    // With a descriptor behind the data, the sizes were not known when the local header was written.
    let open = local.flags & records::FLAG_DESCRIPTOR != 0 && local.sums == Sums::default();
    if !open && !says(member, local.sums) {
        return mismatch("the local header has another checksum or other sizes");
    }
    Ok(())
}

fn says(member: &Member, sums: Sums) -> bool {
    (member.crc32, member.compressed, member.uncompressed)
        == (sums.crc32, u64::from(sums.compressed), u64::from(sums.uncompressed))
}
