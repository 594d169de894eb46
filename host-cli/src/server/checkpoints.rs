//! Checkpoints of sessions: every so many decisions, those since the last checkpoint become a signed runpack (mcp contract,
//! section 8). Written by a thread of their own, so that only those wait who asked for one, and one after the other, so
//! that each goes on where the one before it ended.
//!
//! Nobody hears the decision before its checkpoint is on the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use gait_contract::runpack::{SCHEMA_VERSION, Signing};
use gait_contract::{Code, Fault};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::queue::Queue;
use super::sessions::{Checkpoint, Event, JOURNAL, Record};
use crate::core::Core;
use crate::flows::mcp_call::Answer;
use crate::flows::session_pack::{SessionPack, Step, Wish};
use crate::host::keys::{self, PrivateKey};
use crate::host::{appended, clock, fs};

/// Decisions that wait for their checkpoint, at most.
const WAITING: usize = 256;
/// How many journals are remembered; others are read again from their start.
const REMEMBERED: usize = 1_000;

/// Writes checkpoints and answers.
pub struct Checkpoints {
    writer: Option<Writer>,
    queue: Arc<Queue<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

struct Waiting {
    answer: Answer,
    journal: PathBuf,
    sequence: u64,
    caller: Caller,
}

impl Checkpoints {
    /// Checkpoints go into a folder, which is made with the first one.
    pub fn new(folder: PathBuf, key: Arc<PrivateKey>, signing: Signing) -> Self {
        let writer = Writer { folder, key, signing, known: BTreeMap::new() };
        Self { writer: Some(writer), queue: Arc::new(Queue::new(WAITING)), thread: None }
    }

    /// Answers; after the checkpoint, where one is due.
    pub fn tell(&mut self, caller: Caller, outcome: Result<Answer, Fault>) {
        let (answer, journal, sequence) = match outcome {
            Ok(mut answer) => match std::mem::take(&mut answer.checkpoint) {
                Wish::Due(journal, sequence) => (answer, journal, sequence),
                _ => return caller.tell(Ok(answer)),
            },
            Err(fault) => return caller.tell(Err(fault)),
        };
        if let Some(writer) = self.writer.take() {
            let queue = self.queue.clone();
            self.thread = Some(std::thread::spawn(move || writer.work(&queue)));
        }
        if let Err(Waiting { caller, .. }) = self.queue.push(Waiting { answer, journal, sequence, caller }) {
            caller.tell(Err(Fault::new(Code::InternalFailure, "too many decisions wait for a checkpoint")));
        }
    }
}

impl Drop for Checkpoints {
    /// What waits is still written.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Writer {
    folder: PathBuf,
    key: Arc<PrivateKey>,
    signing: Signing,
    known: BTreeMap<PathBuf, Stand>,
}

/// How far the checkpoints of a journal go.
#[derive(Clone, Default)]
struct Stand {
    session_id: String,
    run_id: String,
    /// Bytes of the journal before the first line that may hold something new.
    offset: u64,
    /// Checkpoints so far.
    index: u64,
    /// The last decision they cover.
    sequence: u64,
    /// Digest of the last one.
    digest: String,
}

impl Writer {
    fn work(mut self, queue: &Queue<Waiting>) {
        while let Some(Waiting { mut answer, journal, sequence, caller }) = queue.pop() {
            let outcome = self.write(&journal, sequence).map(|path| {
                answer.warnings.push(format!("session_checkpoint={}", path.display()));
                answer
            });
            caller.tell(outcome);
        }
    }

    /// Writes the checkpoint that ends with a decision; where it is.
    fn write(&mut self, journal: &Path, sequence: u64) -> Result<PathBuf, Fault> {
        let unreadable = |error: io::Error| fs::unreadable(journal, &error);
        let mut file = File::open(journal).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        // A journal that became shorter is another one.
        let known = self.known.remove(journal).filter(|stand| stand.offset <= length);
        let mut stand = match known {
            Some(stand) => stand,
            None => Stand::read(&file).map_err(unreadable)?,
        };
        file.seek(SeekFrom::Start(stand.offset)).map_err(unreadable)?;
        let mut pack = SessionPack::begin()?;
        let mut first = None;
        let mut added = Ok(());
        let found = lines(&file, &mut |record, end| {
            let Record::Event { event } = record else { return true };
            if stand.run_id.is_empty() {
                // Retention took the journal's beginning away.
                (stand.session_id, stand.run_id) = (event.session_id.clone(), event.run_id.clone());
            }
            if event.sequence > stand.sequence && event.sequence <= sequence {
                first.get_or_insert(event.sequence);
                added = pack.add(&step(&event));
            }
            let is_last = event.sequence == sequence;
            if is_last {
                stand.offset += end;
            }
            !is_last && added.is_ok()
        });
        let is_complete = !found.map_err(unreadable)?;
        added?;
        let (Some(first), true) = (first, is_complete) else {
            let shown = journal.display().to_string();
            let text = format!("the journal `{shown}` does not hold decision {sequence}");
            return Err(Fault::new(Code::FileChanged, text).at(shown));
        };
        let index = stand.index + 1;
        let run_id = format!("{}_cp_{index:04}", stand.run_id);
        let target = self.free(journal, sequence);
        let label = format!("checkpoint:{index}");
        let recorded = pack.write(&run_id, &label, &target, self.key.clone(), self.signing)?;
        let chained = format!("{}:{}:{index}:{first}:{sequence}", recorded.manifest_digest, stand.digest);
        let digest = keys::hex(&Sha256::digest(chained));
        let checkpoint = Checkpoint {
            schema_id: "gait.runpack.session_checkpoint".into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: clock::now().as_str().into(),
            producer_version: Core::producer_version(),
            session_id: stand.session_id.clone(),
            run_id: stand.run_id.clone(),
            checkpoint_index: index,
            sequence_start: first,
            sequence_end: sequence,
            runpack_path: target.display().to_string(),
            manifest_digest: recorded.manifest_digest,
            prev_checkpoint_digest: std::mem::replace(&mut stand.digest, digest.clone()),
            checkpoint_digest: digest,
        };
        appended::append(journal, [Record::Checkpoint { checkpoint }.text().as_str()])?;
        (stand.index, stand.sequence) = (index, sequence);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(journal.to_owned(), stand);
        Ok(target)
    }

    /// The file of a checkpoint. One that is there belongs to an earlier journal of that name, and stays.
    fn free(&self, journal: &Path, sequence: u64) -> PathBuf {
        let name = journal.file_name().unwrap_or_default().to_string_lossy();
        let session = name.strip_suffix(JOURNAL).unwrap_or(&name);
        let usual = self.folder.join(format!("{session}_cp_{sequence:06}.zip"));
        if !usual.exists() {
            return usual;
        }
        let now = clock::compact(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        self.folder.join(format!("{session}_cp_{sequence:06}_{now}.zip"))
    }
}

impl Stand {
    /// Where the checkpoints of a journal stand, by the journal.
    fn read(file: &File) -> io::Result<Self> {
        let mut stand = Self::default();
        lines(file, &mut |record, _| {
            match record {
                Record::Header { header } if stand.run_id.is_empty() => {
                    (stand.session_id, stand.run_id) = (header.session_id, header.run_id);
                }
                Record::Checkpoint { checkpoint } => {
                    stand.index = checkpoint.checkpoint_index;
                    stand.sequence = checkpoint.sequence_end;
                    stand.digest = checkpoint.checkpoint_digest;
                }
                _ => {}
            }
            true
        })?;
        Ok(stand)
    }
}

/// Reads records from where the file stands, each with the bytes up to its end, until the visitor has enough; whether
/// it never had. A line that a crash tore counts for nothing.
fn lines(file: &File, visit: &mut dyn FnMut(Record, u64) -> bool) -> io::Result<bool> {
    let mut reader = BufReader::new(file);
    let (mut line, mut end) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(true);
        }
        end += read as u64;
        if let Ok(record) = serde_json::from_slice(&line)
            && !visit(record, end)
        {
            return Ok(false);
        }
    }
}

fn step(event: &Event) -> Step<'_> {
    Step {
        created_at: &event.created_at,
        intent_id: &event.intent_id,
        tool_name: &event.tool_name,
        args_digest: &event.args_digest,
        trace_id: &event.trace_id,
        verdict: &event.verdict,
        reason_codes: &event.reason_codes,
        violations: &event.violations,
    }
}

#[cfg(test)]
mod tests {
    use gait_contract::gate::Decision;
    use gait_contract::trace::Trace;

    use super::*;
    use crate::server::sessions::Sessions;

    fn decided(tool: &str) -> Decision {
        let digest = "0".repeat(64);
        let trace = Trace {
            tool_name: tool.into(),
            args_digest: digest.clone(),
            intent_digest: digest,
            trace_id: "t".into(),
            verdict: "block".into(),
            ..Trace::default()
        };
        Decision { trace, ..Decision::default() }
    }

    fn writer(folder: &Path) -> Writer {
        let key = Arc::new(PrivateKey::generate().expect("a key"));
        Writer { folder: folder.join("packs"), key, signing: Signing::Manifest, known: BTreeMap::new() }
    }

    fn checkpoints(journal: &Path) -> Vec<Checkpoint> {
        let mut found = Vec::new();
        let file = File::open(journal).expect("a journal");
        lines(&file, &mut |record, _| {
            if let Record::Checkpoint { checkpoint } = record {
                found.push(checkpoint);
            }
            true
        })
        .expect("read");
        found
    }

    #[test]
    fn each_goes_on_where_the_last_one_ended() {
        let root = tempfile::tempdir().expect("a folder");
        let mut sessions = Sessions::new(root.path().into());
        let mut note = |count: usize| {
            let mut last = None;
            for _ in 0..count {
                last = Some(sessions.note("s 1", "run_x", &decided("t"), "t.json").expect("noted"));
            }
            last.expect("a decision")
        };
        let mut writer = writer(root.path());
        let third = note(3);
        // Others went on meanwhile; the checkpoint ends where it was asked for.
        note(1);
        let path = writer.write(&third.path, third.sequence).expect("written");
        assert!(path.ends_with("packs/s_1_cp_000003.zip"), "{path:?}");
        let sixth = note(2);
        writer.write(&sixth.path, sixth.sequence).expect("written");
        // Another process goes on with the journal.
        let mut again = self::writer(root.path());
        let eighth = note(2);
        again.write(&eighth.path, eighth.sequence).expect("written");
        let found = checkpoints(&third.path);
        let covered: Vec<_> =
            found.iter().map(|one| (one.checkpoint_index, one.sequence_start, one.sequence_end)).collect();
        assert_eq!(covered, [(1, 1, 3), (2, 4, 6), (3, 7, 8)]);
        assert!(found.windows(2).all(|pair| pair[1].prev_checkpoint_digest == pair[0].checkpoint_digest));
        // Nothing new, and nothing that is not there.
        for sequence in [8, 99] {
            let refused = again.write(&eighth.path, sequence).expect_err("there is nothing to cover");
            assert_eq!(refused.error_code, Code::FileChanged, "{sequence}");
        }
        assert_eq!(std::fs::read_dir(root.path().join("packs")).expect("a folder").count(), 3);
    }

    #[test]
    fn what_is_there_stays() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("packs")).expect("a folder");
        let old = root.path().join("packs/s_cp_000001.zip");
        std::fs::write(&old, b"evidence").expect("written");
        let noted = Sessions::new(root.path().into()).note("s", "run_x", &decided("t"), "t.json").expect("noted");
        let path = writer(root.path()).write(&noted.path, 1).expect("written");
        assert_ne!(path, old);
        assert!(path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("s_cp_000001_")));
        assert_eq!(std::fs::read(&old).expect("read"), b"evidence");
    }
}
