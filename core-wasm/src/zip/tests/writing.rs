//! What the writer makes: read back, byte-equal on every run, in few and bounded pieces.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::limits::{CHUNK_BYTES, MEMBER_BYTES};
use gait_contract::{Code, Fault};

use super::memory::{Memory, contents_in};
use super::reading::noise;
use crate::digest::sha256_hex;
use crate::zip::{Archive, FinishedMember, MemberWriter, WrittenArchive, write_archive};

/// Writes members in pieces of `piece` bytes, all of them open at once.
fn write(
    memory: &mut Memory,
    members: &[(&str, &[u8])],
    piece: usize,
    comment: &[u8],
) -> Result<WrittenArchive, Fault> {
    memory.run(async |host| {
        let mut finished: Vec<FinishedMember> = Vec::new();
        for (name, content) in members {
            let mut writer = MemberWriter::new(*name);
            for piece in content.chunks(piece) {
                writer.write(&host, piece).await?;
            }
            let member = writer.finish()?;
            assert_eq!(member.sha256, sha256_hex(content));
            finished.push(member);
        }
        write_archive(&host, finished, comment).await
    })
}

/// What was written, as an archive that can be read.
fn read_back(memory: &Memory) -> Vec<(String, Vec<u8>)> {
    contents_in(&mut Memory::with(memory.files["archive"].clone())).unwrap()
}

#[test]
fn a_small_archive_is_written_at_once_and_read_back() {
    let mut memory = Memory::default();
    let members: [(&str, &[u8]); 4] =
        [("run.json", b"{}"), ("intents.jsonl", b""), ("ñ", b"text"), ("refs.json", &[b' '; 70_000])];
    let written = write(&mut memory, &members, 1000, b"a comment").unwrap();
    let bytes = memory.files["archive"].clone();
    assert_eq!(memory.steps, [("write", "archive".into(), bytes.len())]);
    assert_eq!(written, WrittenArchive { sha256: sha256_hex(&bytes), length: bytes.len() as u64 });
    let read = read_back(&memory);
    let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["intents.jsonl", "refs.json", "run.json", "ñ"]);
    for (name, content) in members {
        assert!(
            read.iter().any(|(read_name, read)| (read_name.as_str(), read.as_slice()) == (name, content)),
            "{name}"
        );
    }
    let comment = Memory::with(bytes).run(async |host| Archive::open(&host, "a.zip").await.unwrap().comment().to_vec());
    assert_eq!(comment, b"a comment");
}

#[test]
fn every_byte_of_the_framing_is_as_published() {
    let mut memory = Memory::default();
    write(&mut memory, &[("a", b"")], 1, b"").unwrap();
    let expected = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\x21\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0a\x03\0\
        PK\x01\x02\x14\x03\x14\0\0\0\x08\0\0\0\x21\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\xa4\x81\0\0\0\0a\
        PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x21\0\0\0\0\0";
    assert_eq!(memory.files["archive"], expected);
}

#[test]
fn an_archive_without_members_is_read_back() {
    let mut memory = Memory::default();
    assert_eq!(write(&mut memory, &[], 1, b"").unwrap().length, 22);
    assert_eq!(read_back(&memory), []);
}

#[test]
fn how_the_content_came_changes_no_byte() {
    let text = b"{\"intent_id\":\"intent_1\",\"tool_name\":\"tool.search\"}\n".repeat(30_000);
    let content = [text, noise(300_000)].concat();
    let members: [(&str, &[u8]); 2] = [("a", &content), ("b", &content[..100_000])];
    let mut archives = Vec::new();
    for piece in [usize::MAX, 1 << 20, 64 * 1024, 64 * 1024 + 1, 997, 50] {
        let mut memory = Memory::default();
        write(&mut memory, &members, piece, b"").unwrap();
        archives.push(memory.files.remove("archive").unwrap());
    }
    for archive in &archives {
        assert!(*archive == archives[0]);
    }
    let read = contents_in(&mut Memory::with(archives.remove(0))).unwrap();
    assert!(read[0].1 == content && read[1].1 == content[..100_000]);
}

#[test]
fn a_large_member_goes_through_scratch() {
    let content = noise(5 * CHUNK_BYTES + 1234);
    let mut memory = Memory::default();
    let written =
        write(&mut memory, &[("b/large", &content), ("a", b"small"), ("c", &noise(100))], CHUNK_BYTES, b"").unwrap();
    let scratch = memory.files["scratch/b/large"].len();
    assert!(scratch > 4 * CHUNK_BYTES && scratch <= content.len() + 10_000);
    assert!(memory.steps.iter().all(|(_, stream, length)| stream == "archive" || *length <= CHUNK_BYTES));
    let archive = &memory.files["archive"];
    assert_eq!(written, WrittenArchive { sha256: sha256_hex(archive), length: archive.len() as u64 });
    let read = read_back(&memory);
    assert!(read[1].1 == content && read[0].1 == b"small" && read[2].1 == noise(100));
}

#[test]
fn what_the_reader_would_refuse_is_not_written() {
    let code = |names: &[&str], comment: &[u8]| {
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b""[..])).collect();
        write(&mut Memory::default(), &members, 1, comment).unwrap_err().error_code
    };
    assert_eq!(code(&["a", "a"], b""), Code::ZipDuplicateMember);
    assert_eq!(code(&["a", "A"], b""), Code::ZipNameClash);
    assert_eq!(code(&["../a"], b""), Code::ZipUnsafeName);
    assert_eq!(code(&[&"a".repeat(65_536)], b""), Code::ZipUnsafeName);
    assert_eq!(code(&["a"], b"PK\x05\x06"), Code::ZipAmbiguous);
    assert_eq!(code(&["a"], &[b' '; 65_536]), Code::ZipTooLarge);
    assert_eq!(code(&["a"; 4_097], b""), Code::ZipTooLarge);
    let huge = alloc::vec![0; MEMBER_BYTES as usize + 1];
    let refused = write(&mut Memory::default(), &[("a", &huge)], usize::MAX, b"").unwrap_err();
    assert_eq!((refused.error_code, refused.at.as_deref()), (Code::ZipMemberTooLarge, Some("archive: a")));
}
