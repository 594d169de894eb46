//! Archives that are refused, each with its code.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Code;
use gait_contract::limits::{CHUNK_BYTES, MEMBER_BYTES};

use super::builder::{Part, Zip, deflate};
use super::memory::{Memory, refusal};
use crate::zip::Archive;

/// Changes the sample and expects a refusal: as it is, and behind a member so large that the archive is not read in
/// one piece.
#[track_caller]
fn refused(code: Code, change: impl Fn(&mut Zip)) {
    let mut zip = Zip::sample();
    change(&mut zip);
    assert_eq!(refusal(&zip.bytes()), Some(code));
    let mut zip = Zip::sample();
    change(&mut zip);
    zip.parts.insert(0, Part::stored("large", &alloc::vec![b'l'; CHUNK_BYTES]));
    assert_eq!(refusal(&zip.bytes()), Some(code), "in a large archive");
}

/// Changes both headers of the second member.
#[track_caller]
fn refused_second(code: Code, change: impl Fn(&mut super::builder::Head)) {
    refused(code, |zip| zip.parts[1].both(&change));
}

#[test]
fn what_is_no_archive() {
    for text in ["", "P", "PK", "hello, this is a text file that is longer than an end record", "\u{1f}\u{8b}"] {
        assert_eq!(refusal(text.as_bytes()), Some(Code::ZipNotAnArchive), "{text}");
    }
    assert_eq!(refusal(&alloc::vec![0; 2 * CHUNK_BYTES]), Some(Code::ZipNotAnArchive));
    assert_eq!(refusal(b"PK\x03\x04 and then nothing more"), Some(Code::ZipTruncated));
}

#[test]
fn the_end_record_ends_the_file_and_is_the_only_one() {
    refused(Code::ZipAmbiguous, |zip| zip.behind = b"x".to_vec());
    refused(Code::ZipAmbiguous, |zip| zip.behind = alloc::vec![0; 70]);
    refused(Code::ZipAmbiguous, |zip| {
        zip.comment = b"harmless".to_vec();
        zip.comment_off = -1;
    });
    refused(Code::ZipTruncated, |zip| zip.comment_off = 1);
    // The comment is an end record of its own, of an archive without members.
    refused(Code::ZipAmbiguous, |zip| zip.comment = Zip::default().bytes());
    refused(Code::ZipAmbiguous, |zip| zip.comment = Zip::sample().bytes());
    refused(Code::ZipAmbiguous, |zip| zip.comment = b"see PK\x05\x06 there".to_vec());
    refused(Code::ZipAmbiguous, |zip| zip.comment = b"PK\x05\x06".to_vec());
}

#[test]
fn an_archive_inside_a_member_confuses_nobody() {
    let inner = Zip::sample().bytes();
    let zip = Zip::of(&[Part::stored("a", b"1"), Part::stored("inner.zip", &inner)]);
    assert_eq!(zip.contents(), [("a".into(), b"1".to_vec()), ("inner.zip".into(), inner.clone())]);
    // Cut behind the inner archive, the file looks like that archive with a prefix.
    let bytes = zip.bytes();
    let cut = 31 + 1 + 30 + "inner.zip".len() + inner.len();
    assert_eq!(refusal(&bytes[..cut]), Some(Code::ZipOverlap));
}

#[test]
fn the_end_record_tells_the_truth() {
    refused(Code::ZipUnsupported, |zip| zip.disk = 1);
    refused(Code::ZipUnsupported, |zip| zip.directory_disk = 1);
    refused(Code::ZipUnsupported, |zip| zip.entries_on_disk_off = -1);
    for off in [-1, 1] {
        refused(Code::ZipHeaderMismatch, |zip| (zip.entries_off, zip.entries_on_disk_off) = (off, off));
    }
    refused(Code::ZipTruncated, |zip| zip.bytes_off = 1);
    refused(Code::ZipOverlap, |zip| zip.bytes_off = -1);
    refused(Code::ZipTruncated, |zip| zip.offset_off = 1);
    refused(Code::ZipOverlap, |zip| zip.offset_off = -1);
    refused(Code::ZipTruncated, |zip| zip.offset_off = 1 << 30);
    refused(Code::ZipHeaderMismatch, |zip| (zip.offset_off, zip.bytes_off) = (1, -1));
    refused(Code::ZipHeaderMismatch, |zip| (zip.offset_off, zip.bytes_off) = (-1, 1));
    refused(Code::ZipHeaderMismatch, |zip| {
        zip.behind_directory = b"gap".to_vec();
        zip.bytes_off = 3;
    });
    refused(Code::ZipOverlap, |zip| zip.behind_directory = b"gap".to_vec());
    let mut zip = Zip::sample();
    zip.parts[0].comment = alloc::vec![b'c'; 65_535];
    let parts = alloc::vec![zip.parts[0].clone(); 65];
    assert_eq!(refusal(&Zip::of(&parts).bytes()), Some(Code::ZipTooLarge));
}

#[test]
fn zip64_is_refused() {
    refused(Code::ZipUnsupported, |zip| {
        zip.behind_directory = b"PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0".to_vec()
    });
    refused_second(Code::ZipUnsupported, |head| head.extra = b"\x01\x00\x08\x00abcdefgh".to_vec());
    refused(Code::ZipUnsupported, |zip| zip.parts[1].local.extra = b"\x01\x00\x00\x00".to_vec());
    refused(Code::ZipUnsupported, |zip| zip.parts[1].entry().extra = b"UT\x01\x00x\x01\x00\x00\x00".to_vec());
    refused_second(Code::ZipUnsupported, |head| head.version = 45);
    refused_second(Code::ZipUnsupported, |head| head.compressed = u32::MAX);
    refused_second(Code::ZipUnsupported, |head| head.uncompressed = u32::MAX);
    refused(Code::ZipUnsupported, |zip| zip.parts[2].behind.extend_from_slice(&[0; 8]));
    let bytes = Zip::sample().bytes();
    let end = bytes.len() - 22;
    for field in [end + 8..end + 12, end + 12..end + 16, end + 16..end + 20] {
        let mut changed = bytes.clone();
        changed[field].fill(0xff);
        assert_eq!(refusal(&changed), Some(Code::ZipUnsupported));
    }
}

#[test]
fn only_plain_members_are_read() {
    for encrypted in [1 << 0, 1 << 6, 1 << 13] {
        refused_second(Code::ZipUnsupported, |head| head.flags |= encrypted);
    }
    for unknown in [4, 5, 7, 8, 9, 10, 12, 14, 15] {
        refused_second(Code::ZipUnsupported, |head| head.flags |= 1 << unknown);
    }
    for method in [1, 6, 9, 12, 14, 93, 99, 0x8000] {
        refused_second(Code::ZipUnsupported, |head| head.method = method);
    }
    refused(Code::ZipUnsupported, |zip| zip.parts[1].disk = 1);
    refused_second(Code::ZipUnsupported, |head| head.version = 21);
    refused_second(Code::ZipUnsupported, |head| head.extra = b"UT\x05\x00\x01".to_vec());
    refused_second(Code::ZipUnsupported, |head| head.extra = b"\0".to_vec());
    // A second name, which some readers prefer.
    refused_second(Code::ZipUnsupported, |head| head.extra = b"up\x06\x00\x01\0\0\0\0x".to_vec());
}

#[test]
fn both_headers_say_the_same() {
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].local.name[0] ^= 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].local.flags |= 2);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].entry().flags |= 1 << 11);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[0].local.method = 0);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].local.crc32 ^= 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].local.compressed += 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].local.uncompressed += 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[0].entry().crc32 ^= 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[0].entry().uncompressed += 1);
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[1].entry().uncompressed += 1);
    // Zeros stand for "see the descriptor" only where there is one.
    refused(Code::ZipHeaderMismatch, |zip| {
        let local = &mut zip.parts[1].local;
        (local.crc32, local.compressed, local.uncompressed) = (0, 0, 0);
    });
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[2].local.crc32 = 7);
    refused_second(Code::ZipHeaderMismatch, |head| head.name = b"folder/".to_vec());
}

#[test]
fn a_descriptor_says_what_the_directory_says() {
    for at in 4..16 {
        refused(Code::ZipHeaderMismatch, |zip| zip.parts[2].behind[at] ^= 1);
    }
    refused(Code::ZipHeaderMismatch, |zip| zip.parts[2].behind[0] ^= 1);
    refused(Code::ZipHeaderMismatch, |zip| {
        zip.parts[2].behind.drain(..4);
        zip.parts[2].behind[0] ^= 1;
    });
    refused(Code::ZipOverlap, |zip| zip.parts[2].behind.clear());
    refused(Code::ZipOverlap, |zip| zip.parts[2].behind.push(0));
    refused(Code::ZipOverlap, |zip| zip.parts[1].both(|head| head.flags |= 1 << 3));
}

#[test]
fn members_tile_the_file() {
    refused(Code::ZipOverlap, |zip| zip.parts[0].before = b"#!/bin/sh\n".to_vec());
    refused(Code::ZipOverlap, |zip| zip.parts[1].before = b"gap".to_vec());
    refused(Code::ZipOverlap, |zip| zip.parts[1].behind = b"gap".to_vec());
    refused(Code::ZipOverlap, |zip| zip.before_directory = b"gap".to_vec());
    // A member that the directory does not list.
    refused(Code::ZipOverlap, |zip| zip.parts[1].entry = None);
    refused(Code::ZipOverlap, |zip| zip.parts.last_mut().unwrap().entry = None);
    refused(Code::ZipOverlap, |zip| zip.parts[1].offset_off = -1);
    refused(Code::ZipOverlap, |zip| zip.parts[1].offset_off = 1);
    refused(Code::ZipTruncated, |zip| zip.parts[1].offset_off = 1 << 30);
    refused(Code::ZipOverlap, |zip| zip.parts[0].both(|head| head.compressed += 1));
    refused(Code::ZipOverlap, |zip| {
        // One member's data holds the other member.
        let mut inner = Part::stored("inner", b"hidden");
        let whole = Zip::of(&[inner.clone()]).bytes();
        let outer = Part::stored("outer", &whole[..30 + 5 + 6]);
        inner.entry_only = true;
        inner.offset_off = -(30 + 5 + 6);
        zip.parts.extend([outer, inner]);
    });
    refused(Code::ZipHeaderMismatch, |zip| {
        // The first four bytes of the second member are no signature any more.
        zip.parts[0].both(|head| head.compressed -= 1);
        zip.parts[1].offset_off = -1;
    });
    refused(Code::ZipOverlap, |zip| {
        // Two directory entries share one member.
        let mut twin = zip.parts[1].clone();
        twin.entry().name = b"twin.txt".to_vec();
        twin.entry_only = true;
        twin.offset_off = -(30 + 8 + 17);
        zip.parts.insert(2, twin);
    });
}

#[test]
fn names_stay_inside() {
    for name in [
        "",
        " ",
        "\u{a0}",
        "/etc/passwd",
        "\\windows",
        "C:\\windows",
        "c:windows",
        "..",
        "../x",
        "a/../b",
        "a\\..\\b",
        "a/..",
        "a/.. /b",
        "..\\x",
        "a\0b",
        "a\nb",
        "a\u{1b}[2Jb",
        "a\u{7f}",
        "a\u{85}b",
    ] {
        refused_second(Code::ZipUnsafeName, |head| {
            head.name = name.into();
            head.flags |= 1 << 11;
        });
    }
    for bytes in [&b"a\xffb"[..], b"\xc0\xae\xc0\xae/x", b"\xed\xa0\x80"] {
        refused_second(Code::ZipUnsafeName, |head| {
            head.name = bytes.to_vec();
            head.flags |= 1 << 11;
        });
    }
    // UTF-8 that does not say so is something else to other readers.
    refused_second(Code::ZipUnsafeName, |head| head.name = "ñandú".into());
}

#[test]
fn names_are_distinct() {
    let code = |names: &[&str]| {
        let parts: Vec<Part> = names.iter().map(|name| Part::stored(name, b"")).collect();
        refusal(&Zip::of(&parts).bytes())
    };
    assert_eq!(code(&["run.json", "refs.json"]), None);
    for twins in [["run.json", "run.json"], ["run.json", " run.json"], ["run.json", "run.json\u{3000}"], ["ñ", "ñ "]]
    {
        assert_eq!(code(&["a", twins[0], "b", twins[1]]), Some(Code::ZipDuplicateMember), "{twins:?}");
    }
    for alike in [["run.json", "Run.json"], ["run.json", " RUN.JSON"], ["ñ", "Ñ"], ["folder/", "FOLDER/"]] {
        assert_eq!(code(&["a", alike[0], "b", alike[1]]), Some(Code::ZipNameClash), "{alike:?}");
    }
    assert_eq!(code(&["a", "A", "B", "b", "x", "x"]), Some(Code::ZipDuplicateMember));
}

#[test]
fn refusals_name_the_member_so_that_it_can_be_printed() {
    let mut zip = Zip::of(&[Part::stored("a", b""), Part::stored("a\u{202e}b", b"content")]);
    zip.parts[1].both(|head| head.crc32 ^= 1);
    let fault = super::memory::contents(&zip.bytes()).unwrap_err();
    assert_eq!((fault.error_code, fault.at.as_deref()), (Code::ZipMemberCorrupt, Some("a.zip: a\\u{202e}b")));
    zip.parts[1].both(|head| head.name = "../\u{1b}[2J".repeat(100).into());
    let fault = super::memory::contents(&zip.bytes()).unwrap_err();
    assert!(fault.error.len() < 1000 && !fault.error.contains('\u{1b}'), "{}", fault.error);
}

/// Replaces the data of the first member, and keeps the sizes honest.
fn with_data(zip: &mut Zip, data: &[u8]) {
    zip.parts[0].data = data.to_vec();
    zip.parts[0].both(|head| head.compressed = data.len() as u32);
}

#[test]
fn content_is_what_was_declared() {
    refused(Code::ZipMemberCorrupt, |zip| zip.parts[0].both(|head| head.crc32 ^= 1));
    refused(Code::ZipMemberCorrupt, |zip| zip.parts[1].both(|head| head.crc32 ^= 1));
    refused(Code::ZipMemberCorrupt, |zip| zip.parts[0].both(|head| head.uncompressed += 1));
    refused(Code::ZipMemberCorrupt, |zip| zip.parts[0].both(|head| head.uncompressed -= 1));
    refused(Code::ZipMemberCorrupt, |zip| zip.parts[0].both(|head| head.uncompressed = 0));
    refused(Code::ZipMemberCorrupt, |zip| with_data(zip, b""));
    refused(Code::ZipMemberCorrupt, |zip| with_data(zip, b"\xff\xff\xff\xff"));
    for cut in 1..8 {
        refused(Code::ZipMemberCorrupt, |zip| {
            let data = zip.parts[0].data.clone();
            with_data(zip, &data[..data.len() - cut]);
        });
    }
    for more in 1..20 {
        for content in [&b""[..], b"x", br#"{"alpha":"alpha alpha alpha alpha"}"#] {
            refused(Code::ZipMemberCorrupt, |zip| {
                let part = Part::deflated("alpha.json", content);
                zip.parts[0] = part.clone();
                let mut data = part.data;
                data.extend(core::iter::repeat_n(0x03, more));
                with_data(zip, &data);
            });
        }
    }
    // A second, whole deflate stream.
    refused(Code::ZipMemberCorrupt, |zip| {
        let data = zip.parts[0].data.clone();
        with_data(zip, &[data.clone(), deflate(b"more")].concat());
    });
}

#[test]
fn a_refused_member_stays_refused() {
    for wrong in [0, 1] {
        let mut zip = Zip::sample();
        zip.parts[wrong].both(|head| head.crc32 ^= 1);
        Memory::with(zip.bytes()).run(async |host| {
            let archive = Archive::open(&host, "a.zip").await.unwrap();
            let mut refused = 0;
            for member in archive.members() {
                let mut reader = archive.reader(&host, member);
                for _ in 0..3 {
                    refused += usize::from(reader.next().await.is_err());
                }
            }
            assert_eq!(refused, 3);
        });
    }
}

/// A deflate stream of 1 GiB of zeros.
fn bomb() -> Vec<u8> {
    let mut deflate = zlib_rs::Deflate::new(9, false, 15);
    let mut block = alloc::vec![0; 64 * 1024];
    deflate.compress(&alloc::vec![0; 1024 * 1024], &mut block, zlib_rs::DeflateFlush::FullFlush).unwrap();
    block.truncate(deflate.total_out() as usize);
    let mut stream = block.repeat(1024);
    stream.extend_from_slice(b"\x03\x00");
    stream
}

#[test]
fn bombs_do_not_go_off() {
    let bomb = bomb();
    assert!(bomb.len() < 2 * CHUNK_BYTES);
    for (declared, code, most) in [
        (10, Code::ZipMemberCorrupt, 0),
        (1 << 20, Code::ZipMemberCorrupt, 1 << 20),
        (MEMBER_BYTES, Code::ZipMemberCorrupt, MEMBER_BYTES),
        (MEMBER_BYTES + 1, Code::ZipMemberTooLarge, 0),
        (1 << 30, Code::ZipMemberTooLarge, 0),
    ] {
        let mut zip = Zip::of(&[Part::deflated("zeros", b"")]);
        with_data(&mut zip, &bomb);
        zip.parts[0].both(|head| head.uncompressed = u32::try_from(declared).unwrap());
        let mut memory = Memory::with(zip.bytes());
        let (found, read): (Option<Code>, u64) = memory.run(async |host| {
            let archive = Archive::open(&host, "a.zip").await.unwrap();
            let mut reader = archive.reader(&host, &archive.members()[0]);
            let mut read = 0;
            loop {
                match reader.next().await {
                    Ok(Some(piece)) => read += piece.len() as u64,
                    Ok(None) => break (None, read),
                    Err(fault) => break (Some(fault.error_code), read),
                }
            }
        });
        assert_eq!(found, Some(code), "{declared} bytes declared");
        assert!(read <= most, "{read} bytes came, {declared} were declared");
    }
}

#[test]
fn places_of_faults_are_names() {
    let fault = super::memory::contents(b"text").unwrap_err();
    assert_eq!(fault.at, Some(String::from("a.zip")));
}
