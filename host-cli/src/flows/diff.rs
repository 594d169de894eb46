//! Compare two runpacks.

use std::path::Path;
use std::thread;

use gait_contract::runpack::{CompareRequest, Diff, DiffRequest, OutlineRequest, Privacy};
use gait_contract::step::SourceErrorKind;
use gait_contract::{Code, Fault, SourceError};
use serde::Serialize;

use crate::core::{Core, World};
use crate::host::files::Files;
use crate::host::{fs, paths};

/// What is to be compared.
pub struct Wanted {
    /// Run id or path.
    pub left: String,
    /// Run id or path.
    pub right: String,
    /// How much to look at.
    pub privacy: Privacy,
    /// File for the differences.
    pub output: Option<String>,
}

/// The differences.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What differs.
    #[serde(flatten)]
    pub diff: Diff,
    /// The file they were written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// Compares two runpacks.
pub fn diff(wanted: Wanted) -> Result<Compared, Fault> {
    let request = DiffRequest {
        left: paths::resolve(&wanted.left)?,
        right: paths::resolve(&wanted.right)?,
        privacy: wanted.privacy,
    };
    for input in [&request.left, &request.right] {
        if let Some(output) = wanted.output.as_deref().filter(|output| paths::same_place(input, output)) {
            let fault = Fault::new(Code::OutputIsInput, format!("`{output}` is compared and would be overwritten"));
            return Err(fault.hint("choose another file with `--output`"));
        }
    }
    let diff =
        if is_large(&request) { side_by_side(&request)? } else { Core::load()?.call(&request, &mut Files::new())? };
    if let Some(output) = &wanted.output {
        let text = serde_json::json!({ "privacy": diff.privacy, "summary": diff.summary }).to_string();
        fs::write(Path::new(output), text.as_bytes())?;
    }
    Ok(Compared { diff, output: wanted.output })
}

/// Archives that are worth a second thread.
const LARGE: u64 = 2 << 20;

fn is_large(request: &DiffRequest) -> bool {
    let size = |path: &str| std::fs::metadata(path).map_or(0, |found| found.len());
    size(&request.left).min(size(&request.right)) > LARGE
}

/// Two instances read one archive each, a third one compares what they noted.
fn side_by_side(request: &DiffRequest) -> Result<Diff, Fault> {
    let core = Core::load()?;
    let privacy = request.privacy;
    let outline = |archive: &str, files: Files| -> Result<Vec<u8>, Fault> {
        let mut side = Side { files, outline: Vec::new() };
        core.call(&OutlineRequest { archive: archive.into(), privacy }, &mut side)?;
        Ok(side.outline)
    };
    let (left, right) = thread::scope(|scope| {
        let right = scope.spawn(|| outline(&request.right, Files::new().quietly()));
        let left = outline(&request.left, Files::new());
        let stopped = || Err(Fault::new(Code::InternalFailure, "the second reader stopped"));
        (left, right.join().unwrap_or_else(|_| stopped()))
    });
    let mut outlines = Outlines { left: left?, right: right? };
    core.call(&CompareRequest { left: LEFT.into(), right: RIGHT.into(), privacy }, &mut outlines)
}

/// The world of a reader: files to read, and the outline that comes out.
struct Side {
    files: Files,
    outline: Vec<u8>,
}

impl World for Side {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        self.files.open(source)
    }
    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.files.read(source, offset, buffer)
    }
    fn write(&mut self, _: &str, bytes: &[u8]) -> Result<(), SourceError> {
        self.outline.extend_from_slice(bytes);
        Ok(())
    }
    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        self.files.sign(digest)
    }
}

/// Names of the outlines.
const LEFT: &str = "left";
const RIGHT: &str = "right";

/// The world of the comparison: the two outlines.
struct Outlines {
    left: Vec<u8>,
    right: Vec<u8>,
}

impl Outlines {
    fn find(&self, source: &str) -> Result<&[u8], SourceError> {
        match source {
            LEFT => Ok(&self.left),
            RIGHT => Ok(&self.right),
            _ => Err(refused(SourceErrorKind::NotFound)),
        }
    }
}

impl World for Outlines {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        Ok(self.find(source)?.len() as u64)
    }
    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.find(source)?.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or_else(|| refused(SourceErrorKind::Changed))?);
        Ok(())
    }
    fn write(&mut self, _: &str, _: &[u8]) -> Result<(), SourceError> {
        Err(refused(SourceErrorKind::Unwritable))
    }
    fn sign(&mut self, _: &str) -> Result<(String, String), SourceError> {
        Err(refused(SourceErrorKind::Signing))
    }
}

fn refused(kind: SourceErrorKind) -> SourceError {
    SourceError { kind, message: "a comparison has two outlines and nothing else".into() }
}
