//! Records of runs, one a line, read once in their order and then again one by one: they are never all in memory.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::limits::CHUNK_BYTES;
use gait_contract::scout::RunRecord;
use gait_contract::{Code, Fault};

use crate::json;
use crate::task::{Host, source_fault};

/// Where a record stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    start: u64,
    length: usize,
}

/// A source of records.
pub(super) struct Records<'h> {
    host: &'h Host,
    source: String,
    size: u64,
    /// How far the source has been read.
    read: u64,
    buffer: Vec<u8>,
    /// Bytes of the buffer that have been handed over.
    taken: usize,
}

impl<'h> Records<'h> {
    pub(super) async fn open(host: &'h Host, source: String) -> Result<Self, Fault> {
        let size = host.open(&source).await.map_err(|error| source_fault(&source, &error))?;
        Ok(Self { host, source, size, read: 0, buffer: Vec::new(), taken: 0 })
    }

    /// The next record and its place.
    pub(super) async fn next(&mut self) -> Result<Option<(RunRecord, Place)>, Fault> {
        loop {
            let waiting = self.buffer.get(self.taken..).unwrap_or_default();
            let end = memchr::memchr(b'\n', waiting);
            if end.is_none() && self.read < self.size {
                self.buffer.drain(..self.taken);
                self.taken = 0;
                let piece = self.piece(self.read, self.size - self.read).await?;
                self.read += piece.len() as u64;
                self.buffer.extend(piece);
                continue;
            }
            let length = end.unwrap_or(waiting.len());
            let start = self.read - waiting.len() as u64;
            let line = waiting.get(..length).filter(|line| !line.is_empty());
            let record = line.map(|line| self.record(line)).transpose()?;
            self.taken += length + usize::from(end.is_some());
            match record {
                Some(record) => return Ok(Some((record, Place { start, length }))),
                None if end.is_none() => return Ok(None),
                None => {}
            }
        }
    }

    /// The record at a place.
    pub(super) async fn at(&self, place: Place) -> Result<RunRecord, Fault> {
        let mut line = Vec::with_capacity(place.length);
        while line.len() < place.length {
            let left = (place.length - line.len()) as u64;
            line.extend(self.piece(place.start + line.len() as u64, left).await?);
        }
        self.record(&line)
    }

    async fn piece(&self, from: u64, most: u64) -> Result<Vec<u8>, Fault> {
        let length = usize::try_from(most).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        self.host.read(&self.source, from, length).await
    }

    fn record(&self, line: &[u8]) -> Result<RunRecord, Fault> {
        let record: RunRecord = json::read(line).map_err(|fault| fault.at(self.source.clone()))?;
        if record.run_id.is_empty() {
            return Err(Fault::new(Code::RunIdInvalid, "a record names no run").at(self.source.clone()));
        }
        Ok(record)
    }
}
