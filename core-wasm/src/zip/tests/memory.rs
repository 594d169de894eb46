//! A host in memory: files are byte strings, and every step is written down.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use gait_contract::step::{Answer, SourceErrorKind};
use gait_contract::{Code, Fault, SourceError, Step, limits};

use crate::task::Host;
use crate::zip::Archive;

/// Files and streams by name, and the steps that were asked for: what, which, how many bytes.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) steps: Vec<(&'static str, String, usize)>,
}

impl Memory {
    /// A host with one file, `a.zip`.
    pub(super) fn with(archive: Vec<u8>) -> Self {
        Self { files: BTreeMap::from([("a.zip".into(), archive)]), steps: Vec::new() }
    }

    /// Runs an operation to its end.
    pub(super) fn run<T, F: Future<Output = T>>(&mut self, operation: impl FnOnce(Host) -> F) -> T {
        let host = Host::default();
        let mut future = pin!(operation(host.clone()));
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return done;
            }
            let (step, bytes) = host.wanted().unwrap();
            self.answer(&host, step, bytes);
        }
    }

    fn answer(&mut self, host: &Host, step: Step<gait_contract::FreeObject>, bytes: Vec<u8>) {
        match step {
            Step::Open { source } => {
                self.steps.push(("open", source.clone(), 0));
                host.give(match self.files.get(&source) {
                    Some(file) => Answer::Size(file.len() as u64),
                    None => {
                        Answer::Failed(SourceError { kind: SourceErrorKind::NotFound, message: "no such file".into() })
                    }
                });
            }
            Step::Read { source, offset, length } => {
                let (offset, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
                assert!(length <= limits::CHUNK_BYTES, "a read of {length} bytes");
                // An empty read only ends a long step.
                if length > 0 {
                    self.steps.push(("read", source.clone(), length));
                }
                host.give_bytes(self.files[&source][offset..offset + length].to_vec());
            }
            Step::Write { stream } => {
                assert!((1..=limits::CHUNK_BYTES).contains(&bytes.len()), "a write of {} bytes", bytes.len());
                self.steps.push(("write", stream.clone(), bytes.len()));
                self.files.entry(stream).or_default().extend_from_slice(&bytes);
                host.give_bytes(Vec::new());
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Opens `a.zip` and reads every member, piece by piece and at once: names and contents, or the first fault.
pub(super) fn contents(archive: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    contents_in(&mut Memory::with(archive.to_vec()))
}

/// The same, in a host that can be looked at afterwards.
pub(super) fn contents_in(memory: &mut Memory) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    memory.run(async |host| {
        let archive = Archive::open(&host, "a.zip").await?;
        let mut contents = Vec::new();
        for member in archive.members() {
            let mut content = Vec::new();
            let mut reader = archive.reader(&host, member);
            while let Some(piece) = reader.next().await? {
                assert!(!piece.is_empty() && piece.len() <= limits::CHUNK_BYTES);
                content.extend_from_slice(piece);
            }
            assert!(reader.next().await?.is_none());
            assert_eq!(content.len() as u64, member.uncompressed);
            assert!(archive.read_all(&host, member, usize::MAX).await? == content);
            contents.push((member.name.clone(), content));
        }
        Ok(contents)
    })
}

/// The code with which an archive is refused.
pub(super) fn refusal(archive: &[u8]) -> Option<Code> {
    contents(archive).err().map(|fault| {
        assert!(fault.at.as_deref().is_some_and(|at| at.starts_with("a.zip")), "{fault:?}");
        fault.error_code
    })
}
