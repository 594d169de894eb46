//! The world of a verdict: every document is read once, so that all questions about a call see the same bytes.
//!
//! A policy or an intent that somebody exchanges between two questions could otherwise be judged in one form and
//! signed in another.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use gait_contract::step::SourceErrorKind;
use gait_contract::{Fault, SourceError, limits};

use super::files::{check_interrupt, failed, unreadable};
use super::fs;
use super::keys::PrivateKey;
use crate::core::World;

/// Documents and a key.
#[derive(Default)]
pub struct Documents {
    read: BTreeMap<String, Document>,
    key: Option<Arc<PrivateKey>>,
}

struct Document {
    bytes: Vec<u8>,
    /// Larger than `bytes` where the document is too large to be one; the core refuses it by its size.
    size: u64,
}

impl Documents {
    /// A world in which nothing can be written or signed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Signs with this key.
    #[must_use]
    pub fn signing_with(mut self, key: impl Into<Arc<PrivateKey>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Holds a document that was read before, under the name it will be asked for by.
    #[must_use]
    pub fn holding(mut self, source: &str, bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        self.read.insert(source.to_owned(), Document { bytes, size });
        self
    }

    /// Reads a document that will be asked for.
    pub fn take(&mut self, source: &str) -> Result<(), Fault> {
        self.find(source).map(|_| ()).map_err(|error| fs::unreadable(Path::new(source), &error))
    }

    fn find(&mut self, source: &str) -> io::Result<&Document> {
        if !self.read.contains_key(source) {
            let document = Document::read(Path::new(source))?;
            self.read.insert(source.to_owned(), document);
        }
        self.read.get(source).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Document {
    fn read(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let found = file.metadata()?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let limit = limits::DOCUMENT_BYTES as u64;
        if found.is_file() && found.len() > limit {
            return Ok(Self { bytes: Vec::new(), size: found.len() });
        }
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        Ok(Self { bytes, size })
    }
}

impl World for Documents {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        self.find(source).map(|document| document.size).map_err(|error| unreadable(&error))
    }

    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        check_interrupt()?;
        let document = self.find(source).map_err(|error| unreadable(&error))?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let wanted = document.bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
        let wanted =
            wanted.ok_or_else(|| failed(SourceErrorKind::Unreadable, "the document ends before that place"))?;
        buffer.copy_from_slice(wanted);
        Ok(())
    }

    fn write(&mut self, _: &str, _: &[u8]) -> Result<(), SourceError> {
        Err(failed(SourceErrorKind::Unwritable, "nothing is to be written here"))
    }

    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        match &self.key {
            Some(key) => Ok((key.public().key_id(), key.sign(digest)?)),
            None => Err(failed(SourceErrorKind::Signing, "there is no signing key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_stays_what_it_was() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("intent.json").display().to_string();
        std::fs::write(&path, b"first").expect("written");
        let mut documents = Documents::new();
        assert_eq!(documents.open(&path), Ok(5));
        std::fs::write(&path, b"second, longer").expect("written");
        assert_eq!(documents.open(&path), Ok(5));
        let mut buffer = [0; 3];
        documents.read(&path, 2, &mut buffer).expect("read");
        assert_eq!(&buffer, b"rst");
        for offset in [3, 5, 6, u64::MAX] {
            assert!(documents.read(&path, offset, &mut buffer).is_err(), "{offset}");
        }
        documents.read(&path, 5, &mut []).expect("nothing");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let mut documents = Documents::new();
        let kind = |documents: &mut Documents, source: &str| documents.open(source).map_err(|error| error.kind);
        assert_eq!(kind(&mut documents, "no/such"), Err(SourceErrorKind::NotFound));
        assert_eq!(kind(&mut documents, &root.path().display().to_string()), Err(SourceErrorKind::Unreadable));
        let large = root.path().join("large");
        let size = limits::DOCUMENT_BYTES as u64 + 1;
        File::create(&large).and_then(|file| file.set_len(size)).expect("a sparse file");
        let large = large.display().to_string();
        assert_eq!(kind(&mut documents, &large), Ok(size));
        assert!(documents.read(&large, 0, &mut [0]).is_err());
        assert!(documents.take(&large).is_ok() && documents.take("no/such").is_err());
        assert!(documents.write("archive", b"x").is_err() && documents.sign(&"0".repeat(64)).is_err());
    }
}
