//! Files that grow by lines, and that several processes may write at the same time: a line is there whole or not at all.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use gait_contract::Fault;

use super::fs;

/// Appends lines, each without its line feed. Folders are made if need be. Nobody else's line comes between them, and what
/// could not be written as a whole is taken back.
pub fn append<'a>(path: &Path, lines: impl IntoIterator<Item = &'a str>) -> Result<(), Fault> {
    let refused = |error: std::io::Error| fs::unwritable(path, &error);
    let mut text = Vec::new();
    if fs::is_stream(path) {
        add(&mut text, lines);
        return File::options().append(true).open(path).and_then(|mut file| file.write_all(&text)).map_err(refused);
    }
    let mut made = fs::make_folder(fs::parent(path), 0o750)?;
    let mut options = File::options();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(refused)?;
    made.keep();
    // Where files cannot be locked, one call that appends is as good as it gets.
    let _ = file.lock();
    let length = file.metadata().map_err(refused)?.len();
    if !ends_a_line(&mut file, length) {
        // Somebody died in the middle of a line; it stands alone, and ours are whole.
        text.push(b'\n');
    }
    add(&mut text, lines);
    file.write_all(&text).map_err(|error| {
        let _ = file.set_len(length);
        refused(error)
    })
}

fn add<'a>(text: &mut Vec<u8>, lines: impl IntoIterator<Item = &'a str>) {
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
}

fn ends_a_line(file: &mut File, length: u64) -> bool {
    let mut last = [b'\n'];
    if length > 0 && file.seek(SeekFrom::Start(length - 1)).is_ok() {
        let _ = file.read_exact(&mut last);
    }
    last == *b"\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("a/b/log.jsonl");
        append(&path, ["1", "2"]).expect("written");
        append(&path, []).expect("written");
        std::fs::File::options().append(true).open(&path).and_then(|mut file| file.write_all(b"torn")).expect("torn");
        append(&path, ["3"]).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "1\n2\ntorn\n3\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        }
        assert!(append(root.path(), ["x"]).is_err());
        assert!(!cfg!(unix) || append(Path::new("/dev/null"), ["x"]).is_ok());
    }

    #[test]
    fn writers_take_turns() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("log.jsonl");
        let line = |who: usize| who.to_string().repeat(20_000);
        std::thread::scope(|threads| {
            for who in 1..=4 {
                let (path, line) = (&path, line(who));
                threads.spawn(move || {
                    for _ in 0..20 {
                        append(path, [line.as_str(), "x"]).expect("written");
                    }
                });
            }
        });
        let text = std::fs::read_to_string(&path).expect("read");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 160);
        for pair in lines.chunks(2) {
            assert!(pair[1] == "x" && (1..=4).any(|who| line(who) == pair[0]));
        }
    }
}
