//! Reading one small document: a configuration, a fixture, a trace, from a source or as a request brings it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::intent::Given;
use gait_contract::limits::{CHUNK_BYTES, DOCUMENT_BYTES};
use gait_contract::{Code, Fault};
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::task::{Host, source_fault};

/// The bytes of a document, wherever it is, at most [`DOCUMENT_BYTES`].
pub(crate) async fn bytes_of<'a>(host: &Host, given: &'a Given) -> Result<Cow<'a, [u8]>, Fault> {
    let bytes = match given {
        Given::Source(source) => Cow::Owned(read(host, source).await?),
        Given::Inline(object) => Cow::Borrowed(object.as_str().as_bytes()),
        Given::Attached => Cow::Owned(host.attached()?),
    };
    if bytes.len() > DOCUMENT_BYTES {
        let text = format!("the document has {} bytes, more than {DOCUMENT_BYTES}", bytes.len());
        return Err(Fault::new(Code::JsonTooLarge, text));
    }
    Ok(bytes)
}

/// A fault about a document, with the document's source in front of its place if it has one.
pub(crate) fn at(given: &Given, fault: Fault) -> Fault {
    match given {
        Given::Source(source) => fault.at(source.as_str()),
        Given::Inline(_) | Given::Attached => fault,
    }
}

/// SHA-256 of a source of any size, lower-case hex.
pub(crate) async fn digest(host: &Host, source: &str) -> Result<String, Fault> {
    let size = host.open(source).await.map_err(|error| source_fault(source, &error))?;
    let (mut sha256, mut offset) = (Sha256::new(), 0);
    while offset < size {
        let length = usize::try_from(size - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        sha256.update(host.read(source, offset, length).await?);
        offset += length as u64;
    }
    Ok(hex(&sha256.finalize()))
}

/// The bytes of a source, at most [`DOCUMENT_BYTES`].
pub(crate) async fn read(host: &Host, source: &str) -> Result<Vec<u8>, Fault> {
    read_within(host, source, DOCUMENT_BYTES).await
}

/// The bytes of a source, at most `limit`.
pub(crate) async fn read_within(host: &Host, source: &str, limit: usize) -> Result<Vec<u8>, Fault> {
    let size = host.open(source).await.map_err(|error| source_fault(source, &error))?;
    if size > limit as u64 {
        let text = format!("the file has {size} bytes, more than {limit}");
        return Err(Fault::new(Code::JsonTooLarge, text).at(source));
    }
    let mut text = Vec::new();
    while (text.len() as u64) < size {
        let length = usize::try_from(size - text.len() as u64).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        text.extend(host.read(source, text.len() as u64, length).await?);
    }
    Ok(text)
}
