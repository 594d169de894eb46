//! What is accepted, what it costs, and what a changed byte does.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Code;
use gait_contract::limits::{CHUNK_BYTES, MEMBER_BYTES, ZIP_MEMBERS};

use super::builder::{Part, Zip};
use super::memory::{Memory, contents, contents_in, refusal};
use crate::digest::sha256_hex;
use crate::zip::Archive;

/// Bytes that do not compress, the same on every run.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    core::iter::repeat_with(next).take(length).collect()
}

#[test]
fn members_of_every_kind_are_read() {
    let mut zip = Zip::of(&[
        Part::deflated("deflated.json", b"{}"),
        Part::stored("stored.json", b"[]"),
        Part::deflated("empty.jsonl", b""),
        Part::stored("nothing", b""),
        Part::deflated("streamed.json", b"one").streamed(b"PK\x07\x08"),
        Part::deflated("streamed without signature.json", b"two").streamed(b""),
        Part::stored("streamed and stored", b"three").streamed(b"PK\x07\x08"),
        Part::stored("folder/", b""),
        Part::deflated("folder/ñandú.json", b"four").extra(b"UT\x05\x00\x01\x00\xee\xcf\x12"),
        Part::stored("a..b/..c", b"five"),
    ]);
    zip.comment = b"a comment, with PK\x01\x02 in it".to_vec();
    zip.parts[0].comment = b"about a member".to_vec();
    zip.parts[0].both(|head| head.flags |= 0b110);
    let contents = zip.contents();
    let expected: [(&str, &[u8]); 10] = [
        ("deflated.json", b"{}"),
        ("stored.json", b"[]"),
        ("empty.jsonl", b""),
        ("nothing", b""),
        ("streamed.json", b"one"),
        ("streamed without signature.json", b"two"),
        ("streamed and stored", b"three"),
        ("folder/", b""),
        ("folder/ñandú.json", b"four"),
        ("a..b/..c", b"five"),
    ];
    for ((name, content), (expected_name, expected)) in contents.iter().zip(expected) {
        assert_eq!((name.as_str(), content.as_slice()), (expected_name, expected));
    }
    assert_eq!(contents.len(), expected.len());
    assert_eq!(Zip::of(&[]).contents(), []);
}

#[test]
fn a_streamed_members_local_header_may_know_its_sizes() {
    let mut zip = Zip::of(&[Part::deflated("a", b"content").streamed(b"PK\x07\x08")]);
    let entry = zip.parts[0].entry().clone();
    zip.parts[0].local = entry;
    assert_eq!(zip.contents(), [("a".into(), b"content".to_vec())]);
}

#[test]
fn the_directory_may_have_another_order_than_the_file() {
    let bytes = Zip::of(&[Part::stored("a", b"1"), Part::stored("b", b"2")]).bytes();
    // Two headers of 32 bytes and two entries of 47: swap the entries.
    let swapped = [&bytes[..64], &bytes[111..158], &bytes[64..111], &bytes[158..]].concat();
    assert_eq!(contents(&swapped).unwrap(), [("b".into(), b"2".to_vec()), ("a".into(), b"1".to_vec())]);
}

#[test]
fn members_are_found_by_their_exact_name() {
    let mut memory = Memory::with(Zip::sample().bytes());
    memory.run(async |host| {
        let archive = Archive::open(&host, "a.zip").await.unwrap();
        assert_eq!(archive.find("beta.txt").map(|member| member.uncompressed), Some(17));
        for other in ["Beta.txt", "beta.txt ", "", "beta", "zeta", "/beta.txt"] {
            assert!(archive.find(other).is_none(), "{other}");
        }
    });
}

#[test]
fn a_small_archive_costs_one_open_and_one_read() {
    let bytes = Zip::of(&[Part::stored("noise", &noise(CHUNK_BYTES - 200))]).bytes();
    let length = bytes.len();
    assert!(length > CHUNK_BYTES - 100 && length <= CHUNK_BYTES);
    let digest = sha256_hex(&bytes);
    let mut memory = Memory::with(bytes);
    contents_in(&mut memory).unwrap();
    assert_eq!(memory.steps, [("open", "a.zip".into(), 0), ("read", "a.zip".into(), length)]);
    let found = memory.run(async |host| Archive::open(&host, "a.zip").await?.digest(&host).await);
    assert_eq!(found.unwrap(), (digest, length as u64));
    assert_eq!(memory.steps.len(), 4);
}

#[test]
fn a_large_archive_is_read_in_pieces() {
    let mut comment = noise(60_000);
    comment.retain(|byte| *byte != b'P');
    let text = b"{\"text\":\"compressible\"}\n".repeat(200_000);
    let mut zip = Zip::of(&[
        Part::deflated("first.jsonl", &text),
        Part::stored("noise", &noise(3 * CHUNK_BYTES + 17)),
        Part::deflated("noise, deflated", &noise(2 * CHUNK_BYTES)).streamed(b"PK\x07\x08"),
        Part::deflated("last.json", b"{}").streamed(b""),
    ]);
    zip.comment = comment.clone();
    let bytes = zip.bytes();
    let digest = sha256_hex(&bytes);
    let mut memory = Memory::with(bytes.clone());
    let contents = contents_in(&mut memory).unwrap();
    assert!(contents[0].1 == text && contents[1].1 == noise(3 * CHUNK_BYTES + 17) && contents[3].1 == b"{}");
    let (found, kept) = memory.run(async |host| {
        let archive = Archive::open(&host, "a.zip").await.unwrap();
        (archive.digest(&host).await.unwrap(), archive.comment().to_vec())
    });
    assert_eq!(found, (digest, bytes.len() as u64));
    assert!(kept == comment);
}

#[test]
fn opening_costs_few_reads_even_with_many_members() {
    let parts: Vec<Part> = (0..ZIP_MEMBERS)
        .map(|number| Part::deflated(&format!("folder/{number}.json"), &noise(number % 600)).streamed(b"PK\x07\x08"))
        .collect();
    let mut zip = Zip::of(&parts);
    let mut memory = Memory::with(zip.bytes());
    memory.run(async |host| {
        let archive = Archive::open(&host, "a.zip").await.unwrap();
        assert_eq!(archive.members().len(), ZIP_MEMBERS);
        assert!(archive.find("folder/4095.json").is_some());
    });
    let size = memory.files["a.zip"].len();
    assert!(size > CHUNK_BYTES);
    assert!(memory.steps.len() < 10 + size / (15 * 1024), "{} steps", memory.steps.len());
    zip.parts.push(Part::stored("one too many", b""));
    assert_eq!(refusal(&zip.bytes()), Some(Code::ZipTooLarge));
}

#[test]
fn a_file_that_cannot_be_found_is_named() {
    let found = Memory::default().run(async |host| Archive::open(&host, "b.zip").await.map(|_| ()));
    let fault = found.unwrap_err();
    assert_eq!((fault.error_code, fault.at.as_deref()), (Code::FileNotFound, Some("b.zip")));
}

#[test]
fn documents_have_a_limit() {
    let mut zip = Zip::of(&[Part::deflated("small", &[b' '; 1000]), Part::deflated("huge", b"")]);
    zip.parts[1].both(|head| head.uncompressed = MEMBER_BYTES as u32 + 1);
    Memory::with(zip.bytes()).run(async |host| {
        let archive = Archive::open(&host, "a.zip").await.unwrap();
        let [small, huge] = archive.members() else { panic!() };
        assert_eq!(archive.read_all(&host, small, 1000).await.unwrap(), [b' '; 1000]);
        assert_eq!(archive.read_all(&host, small, 999).await.unwrap_err().error_code, Code::JsonTooLarge);
        let fault = archive.read_all(&host, huge, 999).await.unwrap_err();
        assert_eq!((fault.error_code, fault.at.as_deref()), (Code::ZipMemberTooLarge, Some("a.zip: huge")));
    });
}

#[test]
fn a_cut_archive_is_refused_wherever_it_was_cut() {
    let mut zip = Zip::sample();
    zip.comment = b"the end".to_vec();
    let bytes = zip.bytes();
    for length in 0..bytes.len() {
        let code = refusal(&bytes[..length]);
        let expected = if length < 4 { Code::ZipNotAnArchive } else { Code::ZipTruncated };
        assert_eq!(code, Some(expected), "{length} bytes");
        assert!(refusal(&bytes[length..]).is_some() || length == 0, "from {length}");
    }
}

/// Bytes of `zip` that say nothing about names and contents: versions, times, attributes, the contents of extra
/// fields, comments.
fn silent(zip: &Zip) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    let mut at = 0;
    for part in &zip.parts {
        places.extend([at + 4, at + 5].into_iter().chain(at + 10..at + 14));
        let extra = at + 30 + part.local.name.len();
        places.extend(extra..extra + part.local.extra.len());
        at = extra + part.local.extra.len() + part.data.len() + part.behind.len();
    }
    for part in &zip.parts {
        places.extend((at + 4..at + 8).chain(at + 12..at + 16).chain(at + 36..at + 42));
        let extra = at + 46 + part.local.name.len();
        at = extra + part.local.extra.len() + part.comment.len();
        places.extend(extra..at);
    }
    places.extend(at + 22..at + 22 + zip.comment.len());
    places
}

#[test]
fn a_flipped_bit_is_refused_or_changes_no_content() {
    let mut zip = Zip::sample();
    zip.comment = b"the end".to_vec();
    zip.parts[2].comment = b"a member".to_vec();
    let (bytes, expected) = (zip.bytes(), zip.contents());
    let data_of_deflated: Vec<usize> = {
        let mut at = 0;
        let mut places = Vec::new();
        for part in &zip.parts {
            at += 30 + part.local.name.len() + part.local.extra.len() + part.data.len();
            // Behind the last bit of a deflate stream the last byte may have unused ones.
            if part.local.method == 8 {
                places.push(at - 1);
            }
            at += part.behind.len();
        }
        places
    };
    let silent = silent(&zip);
    let mut unnoticed = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            if let Ok(contents) = contents(&changed) {
                assert!(contents == expected, "byte {at}, bit {bit}: other contents");
                assert!(silent.contains(&at) || data_of_deflated.contains(&at), "byte {at}, bit {bit}: unnoticed");
                unnoticed += 1;
            }
        }
    }
    assert!(unnoticed > 100, "the test looks at nothing");
}

#[test]
fn bytes_changed_at_random_never_panic() {
    let bytes = Zip::sample().bytes();
    let mut dice = noise(60_000).into_iter();
    let mut roll = move || usize::from(dice.next().unwrap()) << 8 | usize::from(dice.next().unwrap());
    for _ in 0..4_000 {
        let mut changed = bytes.clone();
        for _ in 0..1 + roll() % 4 {
            let at = roll() % changed.len();
            changed[at] = roll() as u8;
        }
        let names: Option<Vec<String>> =
            contents(&changed).ok().map(|contents| contents.into_iter().map(|(name, _)| name).collect());
        assert!(names.is_none_or(|names| names.len() == 3));
    }
}
