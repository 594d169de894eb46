//! Archives whose structure is wrong. Apart from that they are the sample runpack.

use super::{Blobs, blob};
use crate::archive::{Archive, Member, UTF8, deflate};
use crate::runpack::Runpack;

/// The member that most defects sit in.
const VICTIM: &str = "results.jsonl";

pub(super) fn blobs() -> Blobs {
    let sample = Runpack::sample().bytes();
    let directory = find(&sample, b"PK\x01\x02");
    let mut blobs = vec![
        blob("zip_empty_file.zip", ""),
        blob("zip_is_text.zip", "this is a note that somebody renamed to a runpack\n"),
        blob("zip_is_gzip.zip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"),
        blob("zip_no_directory.zip", &sample[..directory]),
        blob("zip_end_record_cut.zip", &sample[..sample.len() - 5]),
        blob("zip_first_half.zip", &sample[..sample.len() / 2]),
        blob("zip_no_members.zip", Archive::default().bytes()),
        blob("zip_prefix_missing.zip", &sample[7..]),
        blob("zip_bomb_declared.zip", bomb(200 << 20)),
        blob("zip_bomb_understated.zip", bomb(10)),
        blob("zip_folder_entry.zip", Runpack::sample().archive().and(Member::stored("notes/", b"")).bytes()),
        blob("zip_streamed.zip", streamed().bytes()),
        blob("zip_deflated.zip", deflated().bytes()),
    ];
    blobs.extend(ends());
    blobs.extend(members());
    blobs.extend(headers());
    blobs.extend(names());
    blobs
}

fn sample(change: impl FnOnce(&mut Archive)) -> Vec<u8> {
    Runpack::sample().archive().with(change).bytes()
}

fn victim(change: impl FnOnce(Member) -> Member) -> Vec<u8> {
    Runpack::sample().archive().member(VICTIM, change).bytes()
}

/// Defects of the end record and around the directory.
fn ends() -> Blobs {
    let second_end = Archive::default().bytes();
    vec![
        blob("zip_bytes_behind_end.zip", sample(|zip| zip.behind = b"and more".to_vec())),
        blob("zip_second_end_in_comment.zip", sample(|zip| zip.comment = second_end)),
        blob("zip_archive_in_comment.zip", sample(|zip| zip.comment = Runpack::demo().bytes())),
        blob("zip_comment_longer.zip", sample(|zip| (zip.comment, zip.comment_off) = (b"note".to_vec(), 3))),
        blob("zip_comment_shorter.zip", sample(|zip| (zip.comment, zip.comment_off) = (b"note".to_vec(), -3))),
        blob("zip_second_disk.zip", sample(|zip| zip.disk = 1)),
        blob("zip_too_many_members.zip", sample(|zip| zip.entries_off = 5_000)),
        blob("zip64_counts.zip", sample(|zip| zip.entries_off = 65_535 - 5)),
        blob(
            "zip64_locator.zip",
            sample(|zip| {
                zip.behind_directory = [&b"PK\x06\x07"[..], &[0; 12], b"\x01\0\0\0"].concat();
            }),
        ),
        blob("zip_entries_more.zip", sample(|zip| zip.entries_off = 1)),
        blob("zip_entries_fewer.zip", sample(|zip| zip.entries_off = -1)),
        blob("zip_directory_moved.zip", sample(|zip| zip.offset_off = 1)),
        blob("zip_directory_shorter.zip", sample(|zip| zip.bytes_off = -1)),
        blob("zip_gap_before_directory.zip", sample(|zip| zip.before_directory = b"gap".to_vec())),
        blob("zip_gap_behind_directory.zip", sample(|zip| zip.behind_directory = b"gap".to_vec())),
    ]
}

/// Members that hide, overlap, or hold something else than they declare.
fn members() -> Blobs {
    let text = "{\"ok\":true}\n".repeat(20);
    let stream = deflate(text.as_bytes());
    let with_data = |data: &[u8]| victim(|_| Member::deflated(VICTIM, text.as_bytes()).data(data));
    vec![
        blob("zip_shell_prefix.zip", sample(|zip| zip.members[0].before = b"#!/bin/sh\nexit 0\n".to_vec())),
        blob("zip_gap_between_members.zip", sample(|zip| zip.members[2].before = b"gap".to_vec())),
        blob(
            "zip_hidden_member.zip",
            sample(|zip| {
                zip.members.insert(2, Member { entry: None, ..Member::stored("hidden.json", b"{}") });
            }),
        ),
        blob(
            "zip_hidden_last_member.zip",
            sample(|zip| {
                zip.members.push(Member { entry: None, ..Member::stored("hidden.json", b"{}") });
            }),
        ),
        blob(
            "zip_members_share_bytes.zip",
            sample(|zip| {
                let mut twin = zip.members[0].clone().entry(|head| head.name = b"twin.jsonl".to_vec());
                twin.offset_off = -(30 + zip.members[0].local.name.len() as i64 + zip.members[0].data.len() as i64);
                (twin.local, twin.data) = Default::default();
                zip.members.insert(1, twin);
            }),
        ),
        blob("zip_member_offset_early.zip", victim(|member| Member { offset_off: -1, ..member })),
        blob("zip_member_offset_outside.zip", victim(|member| Member { offset_off: 1 << 30, ..member })),
        blob("zip_checksum_wrong.zip", victim(|member| member.both(|head| head.crc32 ^= 1))),
        blob(
            "zip_declares_more.zip",
            victim(|_| Member::deflated(VICTIM, text.as_bytes()).both(|head| head.uncompressed += 1)),
        ),
        blob(
            "zip_declares_less.zip",
            victim(|_| Member::deflated(VICTIM, text.as_bytes()).both(|head| head.uncompressed -= 1)),
        ),
        blob("zip_stream_cut.zip", with_data(&stream[..stream.len() - 3])),
        blob("zip_stream_garbage.zip", with_data(b"\xff\xff\xff\xff")),
        blob("zip_stream_empty.zip", with_data(b"")),
        blob("zip_second_stream.zip", with_data(&[stream.clone(), deflate(b"more")].concat())),
        blob("zip_bytes_behind_stream.zip", with_data(&[&stream[..], b"tail"].concat())),
        blob(
            "zip_manifest_checksum_wrong.zip",
            Runpack::sample().archive().member("manifest.json", |member| member.both(|head| head.crc32 ^= 1)).bytes(),
        ),
    ]
}

/// Headers that contradict each other, or ask for what gait does not do.
fn headers() -> Blobs {
    vec![
        blob("zip_local_name_differs.zip", victim(|member| member.local(|head| head.name[0] = b'R'))),
        blob("zip_local_method_differs.zip", victim(|member| member.local(|head| head.method = 8))),
        blob("zip_local_flags_differ.zip", victim(|member| member.local(|head| head.flags = 2))),
        blob("zip_local_checksum_differs.zip", victim(|member| member.local(|head| head.crc32 ^= 1))),
        blob("zip_local_size_differs.zip", victim(|member| member.local(|head| head.uncompressed += 1))),
        blob(
            "zip_local_size_zero.zip",
            victim(|member| member.local(|head| (head.compressed, head.uncompressed) = (0, 0))),
        ),
        blob("zip_stored_with_two_sizes.zip", victim(|member| member.both(|head| head.uncompressed += 1))),
        blob(
            "zip_folder_with_content.zip",
            Runpack::sample().archive().and(Member::stored("notes/", b"secret")).bytes(),
        ),
        blob("zip_descriptor_wrong.zip", streamed().with(|zip| zip.members[3].behind[4] ^= 1).bytes()),
        blob("zip_descriptor_missing.zip", streamed().with(|zip| zip.members[3].behind.clear()).bytes()),
        blob("zip64_descriptor.zip", streamed().with(|zip| zip.members[3].behind.extend([0; 8])).bytes()),
        blob("zip_encrypted.zip", victim(|member| member.both(|head| head.flags |= 1))),
        blob("zip_strongly_encrypted.zip", victim(|member| member.both(|head| head.flags |= 1 | 1 << 6))),
        blob("zip_unknown_flag.zip", victim(|member| member.both(|head| head.flags |= 1 << 15))),
        blob("zip_method_bzip2.zip", victim(|member| member.both(|head| head.method = 12))),
        blob("zip_method_zstd.zip", victim(|member| member.both(|head| head.method = 93))),
        blob("zip64_extra.zip", victim(|member| member.both(|head| head.extra = b"\x01\0\x08\0abcdefgh".to_vec()))),
        blob("zip64_size.zip", victim(|member| member.both(|head| head.uncompressed = u32::MAX))),
        blob(
            "zip_second_name_extra.zip",
            victim(|member| member.both(|head| head.extra = b"up\x06\0\x01\0\0\0\0x".to_vec())),
        ),
        blob("zip_extra_cut.zip", victim(|member| member.both(|head| head.extra = b"UT\x05\0\x01".to_vec()))),
        blob("zip_version_newer.zip", victim(|member| member.both(|head| head.version = 45))),
        blob("zip_member_on_second_disk.zip", victim(|member| Member { disk: 1, ..member })),
    ]
}

/// Names that climb, clash or deceive.
fn names() -> Blobs {
    let with_name = |name: &[u8], flags: u16| {
        let member = Member::stored("x", b"x").both(|head| (head.name, head.flags) = (name.to_vec(), flags));
        Runpack::sample().archive().and(member).bytes()
    };
    let with_twin = |name: &str| Runpack::sample().archive().and(Member::stored(name, b"{}")).bytes();
    vec![
        blob("zip_name_climbs.zip", with_name(b"../outside.json", 0)),
        blob("zip_name_climbs_backslash.zip", with_name(b"a\\..\\..\\outside.json", 0)),
        blob("zip_name_climbs_inside.zip", with_name(b"a/../../outside.json", 0)),
        blob("zip_name_absolute.zip", with_name(b"/etc/passwd", 0)),
        blob("zip_name_drive.zip", with_name(b"C:\\outside.json", 0)),
        blob("zip_name_empty.zip", with_name(b"", 0)),
        blob("zip_name_nul.zip", with_name(b"run.json\0.txt", 0)),
        blob("zip_name_escape.zip", with_name(b"a\x1b[2J", 0)),
        blob("zip_name_not_utf8.zip", with_name(b"caf\xe9", UTF8)),
        blob("zip_name_encoding_unsaid.zip", with_name("café".as_bytes(), 0)),
        blob("zip_duplicate_member.zip", with_twin("run.json")),
        blob("zip_duplicate_manifest.zip", with_twin("manifest.json")),
        blob("zip_duplicate_padded.zip", with_twin("run.json ")),
        blob("zip_name_clash.zip", with_twin("Run.JSON")),
        blob("zip_name_clash_manifest.zip", with_twin("MANIFEST.json")),
    ]
}

/// All members with descriptors and timestamps, as the reference writes them.
fn streamed() -> Archive {
    let mut archive = Runpack::sample().archive();
    for member in &mut archive.members {
        *member = member.clone().streamed().both(|head| head.extra = b"UT\x05\0\x01\x80\x43\xcf\x12".to_vec());
    }
    archive
}

/// All members compressed.
fn deflated() -> Archive {
    let sample = Runpack::sample().archive();
    let name = |member: &Member| String::from_utf8_lossy(&member.local.name).into_owned();
    Archive::of(sample.members.iter().map(|member| Member::deflated(&name(member), &member.data)))
}

/// Eight million zeros in eight kilobytes, with a lie about their number.
fn bomb(declared: u32) -> Vec<u8> {
    let zeros = Member::deflated(VICTIM, &vec![0; 8 << 20]);
    victim(|_| zeros.both(|head| head.uncompressed = declared))
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("the archive has a directory")
}
