//! A file that a long-running gait keeps in memory and that somebody may edit meanwhile: whether it changed, and never
//! half of it.
//!
//! A look costs one `stat`. A file that was written a moment ago is not trusted: whoever writes it may not be done, and
//! the next write may fall into the same tick of the file system's clock. So gait waits until the file has been quiet for a
//! while and reads it again.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gait_contract::{Code, Fault};

use super::fs;

/// How long a file has to be left alone before its content counts.
const QUIET: Duration = Duration::from_millis(40);
/// How long gait waits for that.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it sleeps between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// A file and what is in it.
pub struct Watched {
    path: PathBuf,
    /// Bytes that are read at most; one more tells that there are too many.
    limit: u64,
    stamp: Stamp,
    /// It had been quiet when it was read, so an equal stamp means equal bytes.
    settled: bool,
    bytes: Vec<u8>,
}

/// What tells two states of a file apart without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Device and number of the file: one that was put in the other's place has another.
    identity: (u64, u64),
    /// What is no file (a pipe, for instance) is read once and has no later state.
    is_file: bool,
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (found.dev(), found.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { modified: found.modified().ok(), length: found.len(), identity, is_file: found.is_file() }
    }

    /// Whether nobody has written for a while. A time in the future says nothing, and then looking twice has to do.
    fn is_quiet(&self) -> bool {
        match self.modified.map(|modified| SystemTime::now().duration_since(modified)) {
            Some(Ok(age)) => age >= QUIET,
            Some(Err(_)) | None => true,
        }
    }
}

impl Watched {
    /// Reads a file, at most so many bytes and one. It is taken as it is: who starts a program has finished its files.
    pub fn read(path: &Path, limit: u64) -> Result<Self, Fault> {
        let (stamp, bytes) = take(path, limit).map_err(|error| fs::unreadable(path, &error))?;
        let settled = stamp.is_quiet();
        Ok(Self { path: path.to_owned(), limit, stamp, settled, bytes })
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file anew, if it holds something else by now. A file that is being written is waited for; one that does not
    /// come to rest, or cannot be read, is a fault.
    pub fn changed(&mut self) -> Result<Option<Self>, Fault> {
        if !self.stamp.is_file {
            return Ok(None);
        }
        let refused = |error: io::Error| fs::unreadable(&self.path, &error);
        let now = Stamp::of(&self.path.metadata().map_err(refused)?);
        if self.settled && now == self.stamp {
            return Ok(None);
        }
        let began = Instant::now();
        loop {
            let before = Stamp::of(&self.path.metadata().map_err(refused)?);
            if before.is_quiet() {
                let (stamp, bytes) = take(&self.path, self.limit).map_err(refused)?;
                let after = Stamp::of(&self.path.metadata().map_err(refused)?);
                if before == stamp && stamp == after {
                    return Ok(self.compare(stamp, bytes));
                }
            }
            if began.elapsed() >= PATIENCE {
                let shown = self.path.display().to_string();
                let fault = Fault::new(Code::FileUnreadable, format!("`{shown}` keeps changing while it is read"));
                return Err(fault.hint("write it beside its place, then rename it").at(shown));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn compare(&mut self, stamp: Stamp, bytes: Vec<u8>) -> Option<Self> {
        if bytes == self.bytes {
            self.stamp = stamp;
            self.settled = true;
            return None;
        }
        Some(Self { path: self.path.clone(), limit: self.limit, stamp, settled: true, bytes })
    }
}

fn take(path: &Path, limit: u64) -> io::Result<(Stamp, Vec<u8>)> {
    let file = File::open(path)?;
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((Stamp::of(&found), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_when_it_is_whole() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("p.yaml");
        std::fs::write(&path, b"first").expect("written");
        let mut watched = Watched::read(&path, 100).expect("read");
        assert_eq!(watched.bytes(), b"first");
        assert!(watched.changed().expect("a look").is_none());
        // The same length, as fast as may be: only the bytes tell.
        std::fs::write(&path, b"other").expect("written");
        let mut other = watched.changed().expect("a look").expect("it changed");
        assert_eq!(other.bytes(), b"other");
        assert!(other.changed().expect("a look").is_none());
        std::fs::write(root.path().join("new"), b"other").expect("written");
        std::fs::rename(root.path().join("new"), &path).expect("renamed");
        assert!(other.changed().expect("a look").is_none(), "another file with the same content");
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(other.changed().map(|_| ()).map_err(|fault| fault.error_code), Err(Code::FileNotFound));
    }

    #[test]
    fn a_writer_that_rests_in_the_middle_is_waited_for() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("p.yaml");
        std::fs::write(&path, b"old").expect("written");
        let mut watched = Watched::read(&path, 100).expect("read");
        std::fs::write(&path, b"ha").expect("written");
        let writer = {
            let path = path.clone();
            std::thread::spawn(move || {
                for part in [&b"hal"[..], b"half", b"half and half"] {
                    std::thread::sleep(Duration::from_millis(15));
                    std::fs::write(&path, part).expect("written");
                }
            })
        };
        let changed = watched.changed().expect("a look").expect("it changed");
        assert_eq!(changed.bytes(), b"half and half");
        writer.join().expect("it wrote");
    }

    #[test]
    fn a_file_that_never_rests_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("p.yaml");
        std::fs::write(&path, b"old").expect("written");
        let mut watched = Watched::read(&path, 100).expect("read");
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let writer = {
            let (path, stop) = (path.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    std::fs::write(&path, b"new").expect("written");
                    std::thread::sleep(Duration::from_millis(5));
                }
            })
        };
        std::thread::sleep(Duration::from_millis(20));
        let code = watched.changed().map(|_| ()).map_err(|fault| fault.error_code);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        writer.join().expect("it wrote");
        assert_eq!(code, Err(Code::FileUnreadable));
        assert!(Watched::read(root.path(), 100).is_err());
    }
}
