//! The world of an operation: sources are files, the result is a draft, scratch streams are forgotten afterwards.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use gait_contract::step::SourceErrorKind;
use gait_contract::{Code, Fault, SourceError, limits};
use tempfile::SpooledTempFile;

use super::fs::{self, Draft};
use super::interrupt;
use super::keys::PrivateKey;
use super::progress::Progress;
use crate::core::World;

/// Streams up to this size stay in memory.
const IN_MEMORY: usize = 4 << 20;
/// Bytes taken from a pipe before giving up.
const PIPED_BYTES: u64 = 1 << 30;
/// Bytes of the result that are collected before they are written.
const BUFFER: usize = 256 << 10;
/// Files that are open at a time; a configuration may name more fixtures than a process may have open files.
const OPEN_FILES: usize = 64;
/// The stream that is the result.
const ARCHIVE: &str = "archive";

/// Sources, streams and a key.
#[derive(Default)]
pub struct Files {
    sources: BTreeMap<String, Source>,
    /// Names of the sources whose files are open, the longest unused first.
    open: VecDeque<String>,
    scratch: BTreeMap<String, Placed<SpooledTempFile>>,
    target: Option<Target>,
    archive: Option<Archive>,
    key: Option<Arc<PrivateKey>>,
    progress: Progress,
    /// Why the result could not be begun or written, in full.
    refusal: Option<Fault>,
}

/// Where the result goes. Nothing is made there before the first byte comes.
struct Target {
    folder: PathBuf,
    make: bool,
}

/// The result while it is written.
struct Archive {
    draft: Draft,
    out: Placed<BufWriter<File>>,
}

/// Something that is read and written at places, and remembers where it stands.
struct Placed<T> {
    inner: T,
    position: u64,
    size: u64,
}

enum Source {
    /// A file, and what it was like when it was first opened.
    File { file: Option<Placed<File>>, mark: Mark },
    /// What came out of a pipe.
    Piped(Placed<SpooledTempFile>),
}

/// What tells a file from another one of the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    size: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Mark {
    fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = (std::os::unix::fs::MetadataExt::dev(found), std::os::unix::fs::MetadataExt::ino(found));
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { size: found.len(), modified: found.modified().ok(), identity }
    }
}

impl Files {
    /// A world in which nothing can be written or signed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows no progress.
    #[must_use]
    pub fn quietly(mut self) -> Self {
        self.progress = Progress::hidden();
        self
    }

    /// Holds a source that gait wrote itself, under the name it will be asked for by.
    #[must_use]
    pub fn holding(mut self, source: &str, content: SpooledTempFile, size: u64) -> Self {
        let kept = Placed { inner: content, position: u64::MAX, size };
        self.sources.insert(source.to_owned(), Source::Piped(kept));
        self
    }

    /// Names of the sources that were used.
    pub fn used(&self) -> impl Iterator<Item = &str> + Clone {
        self.sources.keys().map(String::as_str)
    }

    /// The result goes into a folder that exists.
    #[must_use]
    pub fn writing_into(mut self, folder: &str) -> Self {
        self.target = Some(Target { folder: folder.into(), make: false });
        self
    }

    /// The result goes into a folder that is made if need be.
    #[must_use]
    pub fn writing_into_new(mut self, folder: &str) -> Self {
        self.target = Some(Target { folder: folder.into(), make: true });
        self
    }

    /// Signs with this key.
    #[must_use]
    pub fn signing_with(mut self, key: Option<impl Into<Arc<PrivateKey>>>) -> Self {
        self.key = key.map(Into::into);
        self
    }

    /// The result, complete but not yet in place.
    pub fn into_draft(mut self) -> Result<Draft, Fault> {
        let Some(mut archive) = self.archive.take() else {
            return Err(Fault::new(Code::InternalFailure, "the operation ended without a result"));
        };
        archive.out.inner.flush().map_err(|error| fs::unwritable(archive.draft.path(), &error))?;
        Ok(archive.draft)
    }

    /// A fault of an operation, with the host's own words where the host is the cause.
    pub fn explain(&mut self, fault: Fault) -> Fault {
        self.refusal.take().unwrap_or(fault)
    }

    /// Notes that a source is used, and closes the one that was not for longest.
    fn use_now(&mut self, source: &str) {
        if self.open.back().is_some_and(|last| last == source) {
            return;
        }
        self.open.retain(|name| name != source);
        self.open.push_back(source.to_owned());
        if self.open.len() > OPEN_FILES
            && let Some(Source::File { file, .. }) = self.open.pop_front().and_then(|name| self.sources.get_mut(&name))
        {
            *file = None;
        }
    }

    fn begin(&mut self) -> Result<&mut Archive, SourceError> {
        if self.archive.is_none() {
            let Some(target) = &self.target else {
                return Err(failed(SourceErrorKind::Unwritable, "nothing is to be written here"));
            };
            let begun = match target.make {
                true => Draft::inside_new(&target.folder, "runpack"),
                false => Draft::inside(&target.folder, "runpack"),
            };
            let begun = begun.and_then(|mut draft| {
                let file = draft.file().try_clone().map_err(|error| fs::unwritable(draft.path(), &error))?;
                Ok(Archive { draft, out: Placed::new(BufWriter::with_capacity(BUFFER, file), 0) })
            });
            match begun {
                Ok(archive) => self.archive = Some(archive),
                Err(fault) => {
                    let message = fault.error.clone();
                    self.refusal = Some(fault);
                    return Err(failed(SourceErrorKind::Unwritable, message));
                }
            }
        }
        self.archive.as_mut().ok_or_else(|| failed(SourceErrorKind::Unwritable, "nothing was begun"))
    }
}

impl World for Files {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        if let Some(known) = self.sources.get(source) {
            return Ok(known.size());
        }
        let opened = Source::open(Path::new(source)).map_err(|error| unreadable(&error))?;
        let size = opened.size();
        self.progress.add(source, size);
        self.sources.insert(source.to_owned(), opened);
        self.use_now(source);
        Ok(size)
    }

    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        check_interrupt()?;
        let read = if source == ARCHIVE && self.archive.is_some() {
            self.begin()?.out.read(offset, buffer)
        } else if let Some(scratch) = self.scratch.get_mut(source) {
            scratch.read(offset, buffer)
        } else if self.sources.contains_key(source) {
            self.use_now(source);
            self.progress.seen(source, offset + buffer.len() as u64);
            match self.sources.get_mut(source) {
                Some(known) => known.read(source, offset, buffer),
                None => Ok(()),
            }
        } else {
            return Err(failed(SourceErrorKind::NotFound, "it was never opened"));
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => failed(SourceErrorKind::Changed, "it is not what it was"),
            _ => unreadable(&error),
        })
    }

    fn write(&mut self, stream: &str, bytes: &[u8]) -> Result<(), SourceError> {
        check_interrupt()?;
        let written = if stream == ARCHIVE {
            self.begin()?.out.append(bytes)
        } else {
            let fresh = || Placed::new(SpooledTempFile::new(IN_MEMORY), 0);
            self.scratch.entry(stream.to_owned()).or_insert_with(fresh).append(bytes)
        };
        written.map_err(|error| {
            if stream == ARCHIVE {
                let place = self.target.as_ref().map(|target| target.folder.clone()).unwrap_or_default();
                self.refusal = Some(fs::unwritable(&place, &error));
            }
            failed(SourceErrorKind::Unwritable, fs::words(&error))
        })
    }

    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        match &self.key {
            Some(key) => Ok((key.public().key_id(), key.sign(digest)?)),
            None => Err(failed(SourceErrorKind::Signing, "there is no signing key")),
        }
    }
}

impl<T> Placed<T> {
    fn new(inner: T, size: u64) -> Self {
        Self { inner, position: size, size }
    }
}

impl<T: Seek> Placed<T> {
    fn go(&mut self, place: u64) -> io::Result<()> {
        if self.position != place {
            self.inner.seek(SeekFrom::Start(place))?;
            self.position = place;
        }
        Ok(())
    }
}

impl<T: Seek + Write> Placed<T> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.go(self.size)?;
        self.inner.write_all(bytes)?;
        self.size += bytes.len() as u64;
        self.position = self.size;
        Ok(())
    }
}

trait ReadAt {
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

macro_rules! read_at {
    ($inner:ty, |$file:ident| $reader:expr) => {
        impl ReadAt for Placed<$inner> {
            fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
                self.go(offset)?;
                // Where a failed read leaves the file is not known.
                self.position = u64::MAX;
                let $file = &mut self.inner;
                $reader.read_exact(buffer)?;
                self.position = offset + buffer.len() as u64;
                Ok(())
            }
        }
    };
}
read_at!(File, |file| file);
read_at!(SpooledTempFile, |file| file);
// Seeking has flushed whatever was still in the buffer, and a buffer that is not sought is empty or unread.
read_at!(BufWriter<File>, |file| file.get_mut());

impl Source {
    /// Opens a file. What comes out of a pipe is kept, because operations read at places.
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let found = file.metadata()?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if found.is_file() {
            let mark = Mark::of(&found);
            return Ok(Self::File { file: Some(Placed { inner: file, position: 0, size: mark.size }), mark });
        }
        let mut kept = SpooledTempFile::new(IN_MEMORY);
        let size = io::copy(&mut (&mut file).take(PIPED_BYTES + 1), &mut kept)?;
        if size > PIPED_BYTES {
            return Err(io::Error::other("more than 1 GiB came out of the pipe; store it in a file first"));
        }
        Ok(Self::Piped(Placed::new(kept, size)))
    }

    fn size(&self) -> u64 {
        match self {
            Self::File { mark, .. } => mark.size,
            Self::Piped(kept) => kept.size,
        }
    }

    fn read(&mut self, path: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Piped(kept) => kept.read(offset, buffer),
            Self::File { file: Some(file), .. } => file.read(offset, buffer),
            Self::File { file: closed, mark } => {
                let file = File::open(path)?;
                // Another file by now, or another content, is as good as a file that became shorter.
                if Mark::of(&file.metadata()?) != *mark {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                closed.insert(Placed { inner: file, position: 0, size: mark.size }).read(offset, buffer)
            }
        }
    }
}

pub(super) fn check_interrupt() -> Result<(), SourceError> {
    if interrupt::pending() { Err(failed(SourceErrorKind::Unreadable, "interrupted")) } else { Ok(()) }
}

pub(super) fn unreadable(error: &io::Error) -> SourceError {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceErrorKind::NotFound,
        _ => SourceErrorKind::Unreadable,
    };
    failed(kind, fs::words(error))
}

pub(super) fn failed(kind: SourceErrorKind, message: impl Into<String>) -> SourceError {
    SourceError { kind, message: message.into() }
}

const _: () = assert!(BUFFER <= limits::CHUNK_BYTES, "a chunk goes straight to the file");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("out");
        let mut files = Files::new().writing_into_new(&folder.display().to_string());
        assert!(!folder.exists());
        for stream in ["archive", "scratch/a"] {
            files.write(stream, b"hello ").expect("written");
            files.write(stream, b"world").expect("written");
            let mut buffer = [0; 4];
            files.read(stream, 4, &mut buffer).expect("read");
            assert_eq!(&buffer, b"o wo");
            files.write(stream, b"!").expect("written");
            files.read(stream, 8, &mut buffer).expect("read");
            assert_eq!(&buffer, b"rld!");
            assert!(files.read(stream, 9, &mut buffer).is_err_and(|error| error.kind == SourceErrorKind::Changed));
            files.read(stream, 8, &mut buffer).expect("read");
            assert_eq!(&buffer, b"rld!");
        }
        files.into_draft().expect("a draft").put(&folder.join("x")).expect("put");
        assert_eq!(std::fs::read(folder.join("x")).expect("read"), b"hello world!");
    }

    #[test]
    fn sources_are_files() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("archive").display().to_string();
        std::fs::write(&path, b"0123456789").expect("written");
        let mut files = Files::new();
        assert_eq!(files.open(&path), Ok(10));
        let mut buffer = [0; 3];
        files.read(&path, 5, &mut buffer).expect("read");
        assert_eq!(&buffer, b"567");
        assert!(files.read(&path, 8, &mut buffer).is_err_and(|error| error.kind == SourceErrorKind::Changed));
        let kind = |source: &str, files: &mut Files| files.open(source).map_err(|error| error.kind);
        for index in 0..OPEN_FILES {
            let other = root.path().join(index.to_string());
            std::fs::write(&other, b"x").expect("written");
            files.open(&other.display().to_string()).expect("opened");
        }
        files.read(&path, 0, &mut buffer).expect("read again");
        assert_eq!(&buffer, b"012");
        let first = root.path().join("0");
        std::fs::write(&first, b"yy").expect("written");
        let changed = files.read(&first.display().to_string(), 0, &mut buffer[..1]).map_err(|error| error.kind);
        assert_eq!(changed, Err(SourceErrorKind::Changed));
        assert_eq!(kind("no/such", &mut files), Err(SourceErrorKind::NotFound));
        assert_eq!(kind("./src", &mut files), Err(SourceErrorKind::Unreadable));
        assert!(files.write("archive", b"x").is_err());
        assert!(files.sign(&"0".repeat(64)).is_err());
    }
}
