//! A lock that is a file (gate contract, 4.5): made exclusively, removed afterwards, taken over when nobody holds it.
//!
//! Why two processes never both hold it. Whoever makes the file, or finds one that is stale, locks the open file with
//! the operating system and then looks whether the path still leads to that very file. Holding the lock means both:
//! the operating system's lock on a file, and the path leading to it. The first excludes everybody else who opened the
//! same file, the second everybody who opened another one. Files are only removed by their holder, before it lets the
//! operating system's lock go, so a path cannot change between looking and using. A process that was killed has lost
//! the operating system's lock, so its file can be taken over; one that is merely slow has not, so it cannot, however
//! stale its file looks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gait_contract::{Code, Fault, Timestamp};
use serde::{Deserialize, Serialize};

use super::{clock, fs, interrupt};

/// How long to wait for another holder.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often to look.
const RETRY: Duration = Duration::from_millis(15);
/// The age from which a lock may be taken over.
const STALE: Duration = Duration::from_secs(15);
/// Bytes of a lock file that are looked at.
const TEXT_BYTES: u64 = 4_096;

/// A lock that is held until it is dropped.
pub(super) struct Lock {
    path: PathBuf,
    file: File,
    was_left_behind: bool,
}

/// The one line in a lock file.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Holder {
    schema_id: String,
    schema_version: String,
    pid: u32,
    created_at: Timestamp,
}

impl Lock {
    /// Waits until the lock is free, at most three seconds.
    pub(super) fn take(path: &Path) -> Result<Self, Fault> {
        let began = Instant::now();
        loop {
            let made = make(path)?.map(|file| (file, false));
            if let Some((file, was_left_behind)) = made.or_else(|| Some((take_over(path)?, true))) {
                let mut lock = Self { path: path.to_owned(), file, was_left_behind };
                lock.sign().map_err(|error| failed(Code::RateLimitLockWriteFailed, path, "be written", &error))?;
                return Ok(lock);
            }
            if interrupt::pending() {
                return Err(Fault::new(Code::InternalFailure, "interrupted while waiting for the rate-limit lock"));
            }
            if began.elapsed() >= PATIENCE {
                return Err(held_by_another(path));
            }
            std::thread::sleep(RETRY);
        }
    }

    /// True as long as nobody removed the file behind gait's back.
    pub(super) fn is_held(&self) -> bool {
        leads_to(&self.path, &self.file)
    }

    /// True when the process that held it before ended without letting go.
    pub(super) fn was_left_behind(&self) -> bool {
        self.was_left_behind
    }

    /// Writes down who holds the lock.
    fn sign(&mut self) -> io::Result<()> {
        let holder = Holder {
            schema_id: "gait.gate.rate_limit_lock".into(),
            schema_version: "1.0.0".into(),
            pid: std::process::id(),
            created_at: clock::now(),
        };
        let mut line = serde_json::to_vec(&holder)?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&line)?;
        self.file.sync_all()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.is_held() {
            // The operating system's lock goes with the file, which is closed only after this.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A new lock file; `None` when there is one already.
fn make(path: &Path) -> Result<Option<File>, Fault> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => match file.try_lock() {
            // Somebody else took it for a stale one, which takes a clock that jumps. It is theirs now.
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            // Where the operating system has no locks, making the file is all there is, and nothing is taken over.
            Err(std::fs::TryLockError::Error(_)) => Ok(Some(file)),
            Ok(()) => Ok(leads_to(path, &file).then_some(file)),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        // Windows says so while a file is being removed.
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied && path.exists() => Ok(None),
        Err(error) => Err(failed(Code::RateLimitLockAcquireFailed, path, "be made", &error)),
    }
}

/// A lock file that was left behind.
fn take_over(path: &Path) -> Option<File> {
    let mut file = File::options().read(true).write(true).open(path).ok()?;
    (is_stale(&mut file) && file.try_lock().is_ok() && can_tell_files_apart() && leads_to(path, &file)).then_some(file)
}

fn is_stale(file: &mut File) -> bool {
    let old = |modified: SystemTime| SystemTime::now().duration_since(modified).is_ok_and(|age| age > STALE);
    if file.metadata().and_then(|found| found.modified()).is_ok_and(old) {
        return true;
    }
    let created = holder(file).map(|holder| holder.created_at).unwrap_or_default();
    !created.is_zero() && created.in_utc().is_ok_and(|created| earlier(&created, &clock::ago(STALE)))
}

/// Compares two times in UTC to the second.
fn earlier(left: &Timestamp, right: &Timestamp) -> bool {
    // `YYYY-MM-DDTHH:MM:SS` sorts as it stands.
    left.as_str().get(..19) < right.as_str().get(..19)
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut text = Vec::new();
    file.take(TEXT_BYTES).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn can_tell_files_apart() -> bool {
    cfg!(unix)
}

/// True when the path leads to this very file. Where files have no identity nothing is taken over, and a file that was
/// made is the one at its path.
fn leads_to(path: &Path, file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
        let there = path.symlink_metadata().map(identity);
        there.is_ok_and(|there| file.metadata().map(identity).is_ok_and(|mine| mine == there))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

fn held_by_another(path: &Path) -> Fault {
    let shown = path.display();
    let holder = File::open(path).ok().and_then(|mut file| holder(&mut file)).map(|holder| holder.pid);
    let by = holder.filter(|pid| *pid != 0).map(|pid| format!(" by process {pid}")).unwrap_or_default();
    Fault::new(Code::RateLimitLockTimeout, format!("the lock `{shown}` has been held{by} for three seconds"))
        .at(shown.to_string())
}

fn failed(code: Code, path: &Path, what: &str, error: &io::Error) -> Fault {
    let shown = path.display().to_string();
    Fault::new(code, format!("the lock `{shown}` cannot {what}: {}", fs::words(error))).at(shown)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn in_a_folder(test: impl FnOnce(&Path)) {
        let root = tempfile::tempdir().expect("a folder");
        test(&root.path().join("state.json.lock"));
    }

    fn age(path: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options().write(true).open(path).and_then(|file| file.set_modified(then)).expect("an older file");
    }

    #[test]
    fn a_lock_is_there_while_it_is_held() {
        in_a_folder(|path| {
            let lock = Lock::take(path).expect("free");
            let text = std::fs::read_to_string(path).expect("a line");
            let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(line["schema_id"], "gait.gate.rate_limit_lock");
            assert_eq!(line["pid"], std::process::id());
            assert!(text.ends_with('\n') && lock.is_held() && !lock.was_left_behind());
            drop(lock);
            assert!(!path.exists());
            drop(Lock::take(path).expect("free again"));
        });
    }

    #[test]
    fn a_fresh_lock_of_another_is_waited_for() {
        in_a_folder(|path| {
            std::fs::write(path, b"").expect("written");
            let began = Instant::now();
            let fault = Lock::take(path).err().expect("held");
            assert_eq!(fault.error_code, Code::RateLimitLockTimeout);
            assert!(fault.retryable && began.elapsed() >= PATIENCE);
            assert!(path.exists(), "it is not ours to remove");
        });
    }

    #[test]
    fn a_stale_lock_is_taken_over() {
        in_a_folder(|path| {
            std::fs::write(path, b"whatever").expect("written");
            age(path, 16);
            let lock = Lock::take(path).expect("stale by its file time");
            assert!(std::fs::read_to_string(path).expect("a line").starts_with("{\"schema_id\""));
            assert!(lock.was_left_behind());
            drop(lock);
            assert!(!path.exists());
            let line = r#"{"pid":1,"created_at":"2026-01-01T00:00:00.5+02:00"}"#;
            std::fs::write(path, line).expect("written");
            drop(Lock::take(path).expect("stale by what it says"));
        });
    }

    #[test]
    fn a_slow_holder_keeps_its_lock() {
        in_a_folder(|path| {
            let lock = Lock::take(path).expect("free");
            age(path, 3_600);
            assert!(take_over(path).is_none() && make(path).expect("looked").is_none());
            assert!(lock.is_held());
            drop(lock);
            assert!(!path.exists());
        });
    }

    #[test]
    fn a_lock_that_was_replaced_is_not_removed() {
        in_a_folder(|path| {
            let lock = Lock::take(path).expect("free");
            std::fs::remove_file(path).expect("removed by somebody");
            let other = Lock::take(path).expect("free");
            assert!(!lock.is_held() && other.is_held());
            drop(lock);
            assert!(other.is_held());
        });
    }

    #[test]
    fn nobody_holds_it_together_with_another() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        in_a_folder(|path| {
            let (holders, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
            // Every round begins with a lock that was left behind, for all threads to find at once.
            for _ in 0..20 {
                std::fs::write(path, b"").expect("written");
                age(path, 60);
                std::thread::scope(|threads| {
                    for _ in 0..8 {
                        threads.spawn(|| {
                            let lock = Lock::take(path).expect("a turn");
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                            std::thread::sleep(Duration::from_micros(200));
                            assert!(lock.is_held());
                            holders.fetch_sub(1, Ordering::SeqCst);
                            turns.fetch_add(1, Ordering::SeqCst);
                        });
                    }
                });
            }
            assert_eq!(turns.load(Ordering::SeqCst), 160);
        });
    }

    #[test]
    fn no_folder_no_lock() {
        in_a_folder(|path| {
            let fault = Lock::take(&path.join("deeper")).err().expect("no folder");
            assert_eq!(fault.error_code, Code::RateLimitLockAcquireFailed);
        });
    }
}
