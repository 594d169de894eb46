//! Group runs into families of incidents: several instances read the runpacks, one joins what they noted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gait_contract::scout::{FingerprintRequest, ReportRequest, SignalSummary};
use gait_contract::step::SourceErrorKind;
use gait_contract::{Code, Fault, SourceError};
use tempfile::SpooledTempFile;

use crate::core::{Core, World};
use crate::host::files::Files;
use crate::host::fs::{self, Draft};
use crate::host::progress::Count;
use crate::host::{interrupt, paths};

/// Where the report goes unless told otherwise.
pub const OUTPUT: &str = "./gait-out/scout_signal_report.json";
/// Records up to this size stay in memory.
const IN_MEMORY: usize = 16 << 20;
/// Instances that read at a time, at most.
const READERS: usize = 8;
/// The source that holds the records; no path holds a zero byte.
const RECORDS: &str = "\0records";

/// What is to be looked at, and where the report goes.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Run ids or paths of runpacks.
    pub runs: Vec<String>,
    /// Files of traces.
    pub traces: Vec<String>,
    /// Files of regress results.
    pub regress: Vec<String>,
    /// File for the report.
    pub output: String,
    /// File for the report as a page.
    pub html: Option<String>,
}

/// What was found.
pub struct Signals {
    /// The report's file.
    pub output: String,
    /// The page's file.
    pub html: Option<String>,
    /// What is in the report.
    pub summary: SignalSummary,
    /// The report itself.
    pub report: File,
    /// Things that are allowed but worth a look.
    pub warnings: Vec<String>,
}

/// Looks at all runs. `page` draws the report for people who open it in a browser.
pub fn signal(wanted: Wanted, page: fn(&SignalSummary, &[String]) -> String) -> Result<Signals, Fault> {
    let set = |texts: &[String]| -> Vec<String> {
        let trimmed = texts.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut set: Vec<String> = trimmed.collect();
        set.sort_unstable();
        set.dedup();
        set
    };
    let runs = set(&wanted.runs).iter().map(|run| paths::resolve(run)).collect::<Result<Vec<_>, _>>()?;
    let runs = set(&runs);
    if runs.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "no run is named")
            .hint("name runs by `--runs run_one,run_two` or as arguments; `gait demo` makes one to try"));
    }
    let request = ReportRequest {
        records: RECORDS.into(),
        traces: set(&wanted.traces),
        regress: set(&wanted.regress),
        producer_version: Core::producer_version(),
    };
    let targets = [Some((wanted.output.as_str(), "--out")), wanted.html.as_deref().map(|html| (html, "--html"))];
    refuse_overwriting(&targets, runs.iter().chain(&request.traces).chain(&request.regress))?;
    interrupt::hold();
    let warnings = spelled_twice(&runs).into_iter().collect::<Vec<_>>();
    let records = read(&runs)?;
    let mut report = Output::begin(Path::new(&wanted.output))?;
    let mut table = Table { records, files: Files::new().quietly(), out: &mut report.file };
    let summary = Core::load()?.call(&request, &mut table)?;
    let kept = report.file.try_clone().map_err(|error| fs::unwritable(Path::new(&wanted.output), &error))?;
    let drawn = wanted.html.as_deref().map(|path| (Path::new(path), page(&summary, &warnings)));
    report.put_with(Path::new(&wanted.output), drawn)?;
    Ok(Signals { output: wanted.output, html: wanted.html, summary, report: kept, warnings })
}

/// No file may take the place of another, or of anything the report is made from.
fn refuse_overwriting<'a>(
    targets: &[Option<(&str, &str)>; 2],
    inputs: impl Iterator<Item = &'a String> + Clone,
) -> Result<(), Fault> {
    for (target, flag) in targets.iter().flatten() {
        if let Some(input) = inputs.clone().find(|input| paths::same_place(target, input)) {
            let text = format!("`{input}` is read and would be overwritten");
            return Err(Fault::new(Code::OutputIsInput, text).hint(format!("choose another file with `{flag}`")));
        }
    }
    match targets {
        [Some((output, _)), Some((html, _))] if paths::same_place(output, html) => {
            Err(Fault::new(Code::OutputIsInput, format!("`{html}` is the report's file"))
                .hint("choose another file with `--html`"))
        }
        _ => Ok(()),
    }
}

/// Says that one file counts twice because it is spelled in two ways.
fn spelled_twice(runs: &[String]) -> Option<String> {
    let mut known: BTreeMap<PathBuf, &str> = BTreeMap::new();
    let mut first = None;
    let mut count = 0;
    for run in runs {
        let Ok(real) = Path::new(run).canonicalize() else { continue };
        if let Some(before) = known.insert(real, run) {
            count += 1;
            first.get_or_insert((before, run));
        }
    }
    let (one, other) = first?;
    let more = if count > 1 { format!(", and so do {} more", count - 1) } else { String::new() };
    Some(format!("`{one}` and `{other}` are one file, which counts twice{more}"))
}

/// Notes what every run did, one record a line, in whatever order the readers get done.
fn read(runs: &[String]) -> Result<SpooledTempFile, Fault> {
    let core = Core::load()?;
    let next = AtomicUsize::new(0);
    let noted =
        Mutex::new(Noted { records: SpooledTempFile::new(IN_MEMORY), progress: Count::of(runs.len()), failed: None });
    let reader = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = runs.get(number) else { return };
            let record = core.call(&FingerprintRequest { archive: run.clone() }, &mut Files::new().quietly());
            let line = record.and_then(|record| {
                let mut line = serde_json::to_vec(&record).map_err(|error| {
                    Fault::new(Code::InternalFailure, format!("a record cannot be written: {error}"))
                })?;
                line.push(b'\n');
                Ok(line)
            });
            let Ok(mut noted) = noted.lock() else { return };
            noted.take(number, line);
            if noted.failed.is_some() {
                return;
            }
        }
    };
    let readers = thread::available_parallelism().map_or(1, usize::from).min(READERS).min(runs.len().div_ceil(8));
    thread::scope(|scope| {
        for _ in 1..readers {
            scope.spawn(reader);
        }
        reader();
    });
    let stopped = || Fault::new(Code::InternalFailure, "a reader stopped");
    let noted = noted.into_inner().map_err(|_| stopped())?;
    match noted.failed {
        Some((_, fault)) => Err(fault),
        None => Ok(noted.records),
    }
}

/// What the readers have found out.
struct Noted {
    records: SpooledTempFile,
    progress: Count,
    /// The first run, in the order of the paths, that cannot be read: which of two readers is faster does not matter,
    /// since whatever comes before it was begun before.
    failed: Option<(usize, Fault)>,
}

impl Noted {
    fn take(&mut self, number: usize, line: Result<Vec<u8>, Fault>) {
        let written = line.and_then(|line| {
            self.records.write_all(&line).map_err(|error| fs::unwritable(&std::env::temp_dir(), &error))
        });
        self.progress.one_more();
        if let Err(fault) = written
            && self.failed.as_ref().is_none_or(|(first, _)| number < *first)
        {
            self.failed = Some((number, fault));
        }
    }
}

/// The report while it is written.
struct Output {
    /// Nothing, where the report goes to a device or a pipe.
    draft: Option<Draft>,
    file: File,
}

impl Output {
    fn begin(target: &Path) -> Result<Self, Fault> {
        let failed = |error: io::Error| fs::unwritable(target, &error);
        if fs::is_stream(target) {
            return Ok(Self { draft: None, file: tempfile::tempfile().map_err(failed)? });
        }
        if target.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut draft = Draft::inside_new(fs::parent(target), &name)?;
        let file = draft.file().try_clone().map_err(failed)?;
        Ok(Self { draft: Some(draft), file })
    }

    /// Puts the report in its place, and the page in its own: both or neither, as far as the disk lets us.
    fn put_with(mut self, target: &Path, page: Option<(&Path, String)>) -> Result<(), Fault> {
        let mut made = fs::Made::default();
        let page = match page {
            Some((path, text)) if fs::is_stream(path) => {
                fs::write(path, text.as_bytes())?;
                None
            }
            Some((path, text)) => {
                made = fs::make_folder(fs::parent(path), 0o750)?;
                Some((path, Draft::holding(path, text.as_bytes())?))
            }
            None => None,
        };
        match self.draft {
            Some(draft) => draft.put(target)?,
            None => {
                let copied = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
                    let mut stream = File::options().append(true).open(target)?;
                    io::copy(&mut self.file, &mut stream)
                });
                copied.map_err(|error| fs::unwritable(target, &error))?;
            }
        }
        if let Some((path, draft)) = page {
            draft.put(path)?;
        }
        made.keep();
        Ok(())
    }
}

/// The world of the report: the records, evidence in files, and what is written.
struct Table<'o> {
    records: SpooledTempFile,
    files: Files,
    out: &'o mut File,
}

impl World for Table<'_> {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        if source == RECORDS {
            self.records.seek(SeekFrom::End(0)).map_err(|error| spool(&error))
        } else {
            self.files.open(source)
        }
    }
    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        if source != RECORDS {
            return self.files.read(source, offset, buffer);
        }
        let found = self.records.seek(SeekFrom::Start(offset)).and_then(|_| self.records.read_exact(buffer));
        found.map_err(|error| spool(&error))
    }
    fn write(&mut self, _: &str, bytes: &[u8]) -> Result<(), SourceError> {
        self.out.write_all(bytes).map_err(|error| failed(SourceErrorKind::Unwritable, &error))
    }
    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        self.files.sign(digest)
    }
}

fn spool(error: &io::Error) -> SourceError {
    failed(SourceErrorKind::Unreadable, error)
}

fn failed(kind: SourceErrorKind, error: &io::Error) -> SourceError {
    SourceError { kind, message: fs::words(error) }
}
