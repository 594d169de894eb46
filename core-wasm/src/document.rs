//! Reading a source that is one small document: a configuration, a fixture, a trace.

use alloc::format;
use alloc::vec::Vec;

use gait_contract::limits::{CHUNK_BYTES, DOCUMENT_BYTES};
use gait_contract::{Code, Fault};

use crate::task::{Host, source_fault};

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
