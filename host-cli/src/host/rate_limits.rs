//! The rate-limit state: read and stored under its lock (gate contract, 4.5). What it means, the core knows.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gait_contract::{Code, Fault, limits};

use super::fs::{self, Made};
use super::lock::Lock;

/// The state while nobody else may change it. Unless something is stored, it stays as it was.
pub struct Turn {
    // Let go before the folders, so that they are empty by then.
    lock: Lock,
    made: Made,
    state: PathBuf,
    text: String,
}

impl Turn {
    /// Waits for the lock and reads the state. The folder is made if need be.
    pub fn take(state: &str) -> Result<Self, Fault> {
        let state = PathBuf::from(state);
        let refused = |fault: Fault| {
            let envelope = fault.into_envelope();
            let mut refused = Fault::new(Code::RateLimitLockAcquireFailed, envelope.error);
            refused.at = envelope.at;
            refused
        };
        let made = fs::make_folder(fs::parent(&state), 0o750).map_err(refused)?;
        let mut lock_path = state.clone().into_os_string();
        lock_path.push(".lock");
        let lock = Lock::take(Path::new(&lock_path))?;
        if lock.was_left_behind() {
            sweep(&state);
        }
        let text = read(&state)?;
        Ok(Self { lock, made, state, text })
    }

    /// The state's text; empty when there is none yet.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Stores the next state, all of it or nothing, and ends the turn.
    pub fn store(mut self, next: &str) -> Result<(), Fault> {
        if !self.lock.is_held() {
            let shown = self.state.display().to_string();
            let text = format!("the lock of `{shown}` was taken away before the next state could be stored");
            return Err(Fault::new(Code::RateLimitLockAcquireFailed, text).at(shown));
        }
        fs::write(&self.state, next.as_bytes())?;
        self.made.keep();
        Ok(())
    }
}

/// Removes what a process that was killed had begun to store. Only the holder of the lock stores anything here.
fn sweep(state: &Path) {
    let Some(name) = state.file_name().and_then(|name| name.to_str()) else { return };
    for entry in std::fs::read_dir(fs::parent(state)).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|found| found.starts_with(&fs::draft_prefix(name))) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn read(state: &Path) -> Result<String, Fault> {
    let invalid = |what: &str| {
        let shown = state.display().to_string();
        Err(Fault::new(Code::RateLimitStateInvalid, format!("the rate-limit state `{shown}` {what}")).at(shown))
    };
    let mut bytes = Vec::new();
    let limit = limits::DOCUMENT_BYTES as u64;
    match File::open(state).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(fs::unreadable(state, &error)),
        Ok(_) => {}
    }
    // No text at all stands for no state, and an empty file is none.
    if bytes.is_empty() {
        return invalid("is empty");
    }
    if bytes.len() as u64 > limit {
        return invalid("is too large");
    }
    String::from_utf8(bytes).or_else(|_| invalid("is not UTF-8"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_turn_reads_and_stores() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("new/folder/state.json");
        let name = path.display().to_string();
        drop(Turn::take(&name).expect("a turn"));
        assert!(!root.path().join("new").exists(), "nothing was stored, so nothing was made");
        let turn = Turn::take(&name).expect("a turn");
        assert_eq!(turn.text(), "");
        turn.store("{}\n").expect("stored");
        assert_eq!(Turn::take(&name).expect("a turn").text(), "{}\n");
        assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("list").count(), 1);
    }

    #[test]
    fn what_cannot_be_a_state_is_refused_and_the_lock_let_go() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("state.json");
        for bytes in [&b""[..], b"\xff"] {
            std::fs::write(&path, bytes).expect("written");
            let fault = Turn::take(&path.display().to_string()).err().expect("refused");
            assert_eq!(fault.error_code, Code::RateLimitStateInvalid);
        }
        let folder = root.path().join("sub");
        std::fs::create_dir(&folder).expect("made");
        let fault = Turn::take(&folder.display().to_string()).err().expect("refused");
        assert_eq!(fault.error_code, Code::FileUnreadable);
        let below = path.join("x.json");
        let fault = Turn::take(&below.display().to_string()).err().expect("refused");
        assert_eq!(fault.error_code, Code::RateLimitLockAcquireFailed);
        assert_eq!(std::fs::read_dir(root.path()).expect("list").count(), 2);
    }

    #[test]
    fn what_a_killed_process_had_begun_is_swept() {
        let root = tempfile::tempdir().expect("a folder");
        let path = |name: &str| root.path().join(name);
        for name in ["state.json.lock", ".state.json.tmp-abc", ".other.json.tmp-abc", "state.json.tmp-abc"] {
            std::fs::write(path(name), b"{").expect("written");
        }
        let then = std::time::SystemTime::UNIX_EPOCH;
        let aged = File::options().write(true).open(path("state.json.lock")).and_then(|file| file.set_modified(then));
        aged.expect("an older file");
        Turn::take(&path("state.json").display().to_string()).expect("a turn").store("{}").expect("stored");
        assert!(!path(".state.json.tmp-abc").exists() && !path("state.json.lock").exists());
        assert!(path(".other.json.tmp-abc").exists() && path("state.json.tmp-abc").exists());
    }

    #[test]
    fn a_turn_that_was_taken_away_stores_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("state.json");
        let turn = Turn::take(&path.display().to_string()).expect("a turn");
        std::fs::remove_file(root.path().join("state.json.lock")).expect("removed by somebody");
        assert_eq!(turn.store("{}").map_err(|fault| fault.error_code), Err(Code::RateLimitLockAcquireFailed));
        assert!(!path.exists());
    }
}
