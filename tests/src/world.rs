//! A world for tests: sources are files of some folders or bytes at hand, streams are kept, signatures are made with a
//! fixed key, and every step is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use gait_contract::SourceError;
use gait_contract::step::SourceErrorKind;
use sha2::{Digest, Sha256};

/// Public half of the key that signs (runpack contract, section 7), as base64.
pub const PUBLIC_KEY: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

/// Every test host says the same words, so that faults come out byte for byte alike.
const ABSENT: &str = "there is no such source";

/// Sources, streams and a key.
#[derive(Default)]
pub struct World {
    folders: Vec<PathBuf>,
    sources: BTreeMap<String, Vec<u8>>,
    streams: BTreeMap<String, Vec<u8>>,
    /// Steps that were served.
    pub served: usize,
    /// The step with this number, from 0, fails in this way.
    pub failing: Option<(usize, SourceErrorKind)>,
}

impl World {
    /// A world whose sources are looked for in these folders, in this order.
    pub fn of_folders(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { folders: folders.into_iter().collect(), ..Self::default() }
    }

    /// A world with one source.
    pub fn of(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::default().with(name, bytes)
    }

    /// The same world with one more source.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.sources.insert(name.into(), bytes.into());
        self
    }

    /// What was written to a stream.
    pub fn stream(&self, name: &str) -> Option<&[u8]> {
        self.streams.get(name).map(Vec::as_slice)
    }

    /// Finds a source and tells its size.
    pub fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        self.serve()?;
        Ok(self.bytes(source)?.len() as u64)
    }

    /// Bytes of a source or a stream; fewer than asked for where it ends.
    pub fn read(&mut self, source: &str, offset: u64, length: u64) -> Result<&[u8], SourceError> {
        self.serve()?;
        let bytes = self.bytes(source)?;
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(&bytes[place(offset)..place(offset.saturating_add(length))])
    }

    /// Appends to a stream.
    pub fn write(&mut self, stream: &str, bytes: &[u8]) -> Result<(), SourceError> {
        self.serve()?;
        self.streams.entry(stream.into()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    /// Signs with the fixed key: key id and base64 signature.
    pub fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        self.serve()?;
        Ok(sign(digest))
    }

    fn serve(&mut self) -> Result<(), SourceError> {
        self.served += 1;
        match self.failing {
            Some((step, kind)) if step + 1 == self.served => Err(SourceError { kind, message: "it failed".into() }),
            _ => Ok(()),
        }
    }

    fn bytes(&mut self, source: &str) -> Result<&[u8], SourceError> {
        if self.streams.contains_key(source) {
            return Ok(&self.streams[source]);
        }
        if !self.sources.contains_key(source) {
            // Whatever the path looks like, it stays inside the folder.
            let inside = |folder: &PathBuf| folder.join(source.trim_start_matches('/'));
            let found = self.folders.iter().map(inside).find(|path| path.is_file());
            let absent = || SourceError { kind: SourceErrorKind::NotFound, message: ABSENT.into() };
            let path = found.ok_or_else(absent)?;
            let unreadable =
                |error: std::io::Error| SourceError { kind: SourceErrorKind::Unreadable, message: error.to_string() };
            self.sources.insert(source.into(), fs::read(path).map_err(unreadable)?);
        }
        Ok(&self.sources[source])
    }
}

/// Signs a message with the fixed key: key id and base64 signature.
pub fn sign_bytes(message: &[u8]) -> (String, String) {
    let key = SigningKey::from_bytes(&std::array::from_fn(|at| at as u8));
    (sha256(key.verifying_key().as_bytes()), Base64::encode_string(&key.sign(message).to_bytes()))
}

/// Signs the 32 bytes that the hex text stands for with the fixed key: key id and base64 signature.
pub fn sign(digest: &str) -> (String, String) {
    let bytes: Vec<u8> = (0..digest.len() / 2)
        .map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).unwrap_or_default())
        .collect();
    sign_bytes(&bytes)
}

/// Lower-case hex of the SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
