//! Old files go away, where the set-up says so: by age and by number, the newest stay (mcp contract, section 8).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gait_contract::{Code, Fault};

use crate::host::evidence::NewFile;

/// Which files are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `*trace*.json`.
    Trace,
    /// `runpack_*.zip` and `*_cp_*.zip`.
    Runpack,
    /// Journals and what belongs to them.
    Session,
}

impl Kind {
    /// The word in flags and warnings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Runpack => "runpack",
            Self::Session => "session",
        }
    }

    fn covers(self, name: &str) -> bool {
        let name = name.to_lowercase();
        match self {
            Self::Trace => name.contains("trace") && name.ends_with(".json"),
            Self::Runpack => name.ends_with(".zip") && (name.starts_with("runpack_") || name.contains("_cp_")),
            Self::Session => [".json", ".jsonl", ".state"].iter().any(|end| name.ends_with(end)),
        }
    }
}

/// What is kept of the files of one kind.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which files.
    pub kind: Kind,
    /// Where they are.
    pub folder: PathBuf,
    /// How old they may become; none for any age.
    pub max_age: Option<Duration>,
    /// How many may be there; none for any number.
    pub max_count: Option<usize>,
}

/// Applies rules after decisions, but looks into a folder no more often than it has to: between two looks it goes by
/// what the service itself has written.
pub struct Retention {
    rules: Vec<Applied>,
}

/// A rule, and what was there when its folder was looked into.
struct Applied {
    rule: Rule,
    looked: Option<Instant>,
    /// Traces, the oldest first; none where only a look can tell.
    known: Option<VecDeque<PathBuf>>,
}

/// Files only become too old with time, so ages are looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// Others may write and remove traces, too; how often that is looked for.
const RECOUNT: Duration = Duration::from_secs(30);

impl Retention {
    /// Rules that say anything.
    pub fn new(rules: Vec<Rule>) -> Self {
        let rules = rules.into_iter().filter(|rule| rule.max_age.is_some() || rule.max_count.is_some());
        Self { rules: rules.map(|rule| Applied { rule, looked: None, known: None }).collect() }
    }

    /// Notes what the service has written, in its order.
    pub fn wrote<'f>(&mut self, files: impl Iterator<Item = &'f NewFile>) {
        for file in files {
            for Applied { rule, known, .. } in &mut self.rules {
                let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                if rule.kind != Kind::Trace || file.path.parent() != Some(&rule.folder) || !rule.kind.covers(&name) {
                    continue;
                }
                if file.replaces {
                    // It may have stood among the others.
                    *known = None;
                } else if let Some(known) = known {
                    known.push_back(file.path.clone());
                }
            }
        }
    }

    /// Removes what is too old or too much; what that came to, for the answer.
    pub fn apply(&mut self) -> Vec<String> {
        self.rules.iter_mut().filter_map(Applied::apply).collect()
    }
}

impl Applied {
    fn apply(&mut self) -> Option<String> {
        let every = if self.rule.max_age.is_some() { LOOK } else { RECOUNT };
        let due = self.looked.is_none_or(|looked| looked.elapsed() >= every);
        let outcome = match &mut self.known {
            Some(known) if !due => self.rule.surplus(known).map(|by_count| (0, by_count)),
            None if !due && self.rule.max_count.is_none() => return None,
            _ => {
                self.looked = Some(Instant::now());
                self.rule.removed(SystemTime::now()).map(|(counts, kept)| {
                    self.known = Some(kept).filter(|_| self.rule.kind == Kind::Trace);
                    counts
                })
            }
        };
        let word = self.rule.kind.word();
        match outcome {
            Ok((0, 0)) => None,
            Ok((by_age, by_count)) => Some(format!("retention_{word}_removed_age={by_age} removed_count={by_count}")),
            Err(error) => Some(format!("retention_{word}_error={}", crate::host::fs::words(&error))),
        }
    }
}

impl Rule {
    /// Removes what is more than the number, the oldest first.
    fn surplus(&self, known: &mut VecDeque<PathBuf>) -> std::io::Result<usize> {
        let mut removed = 0;
        while self.max_count.is_some_and(|count| known.len() > count) {
            let Some(oldest) = known.front() else { break };
            remove(oldest)?;
            known.pop_front();
            removed += 1;
        }
        Ok(removed)
    }

    /// Looks into the folder: how many were removed by age and by number, and what is left, the oldest first.
    fn removed(&self, now: SystemTime) -> std::io::Result<((usize, usize), VecDeque<PathBuf>)> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if !self.kind.covers(&name.to_string_lossy()) {
                continue;
            }
            // Somebody else may remove files, too.
            let Ok(found) = entry.metadata() else { continue };
            if found.is_file() {
                files.push((found.modified().unwrap_or(now), entry.path()));
            }
        }
        files.sort_unstable_by(|one, other| other.cmp(one));
        let (mut removed, mut kept) = ((0, 0), VecDeque::new());
        for (index, (modified, path)) in files.into_iter().enumerate() {
            let too_old = self.max_age.is_some_and(|age| now.duration_since(modified).is_ok_and(|since| since > age));
            let too_many = self.max_count.is_some_and(|count| index >= count);
            if too_old || too_many {
                remove(&path)?;
                removed.0 += usize::from(too_old);
                removed.1 += usize::from(too_many);
            } else {
                kept.push_front(path);
            }
        }
        Ok((removed, kept))
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Reads `90m`, `1h30m`, `1.5h`, `250ms`; `0` and nothing at all switch it off.
pub fn span(text: &str, flag: &str) -> Result<Option<Duration>, Fault> {
    let refused = || {
        Fault::new(Code::InvalidInput, format!("`{text}` is no duration (`{flag}`)"))
            .hint("durations are numbers with a unit, `90m` or `1h30m` for instance; units are h, m, s and ms")
    };
    let mut rest = text.trim();
    if rest.is_empty() || rest == "0" {
        return Ok(None);
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(refused)?;
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let seconds = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return Err(refused()),
        };
        total += number.parse::<f64>().map_err(|_| refused())? * seconds;
        rest = after;
    }
    let span = Duration::try_from_secs_f64(total).map_err(|_| refused())?;
    Ok(Some(span).filter(|span| !span.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let read = |text: &str| span(text, "--x").map_err(|fault| fault.error_code);
        assert_eq!(read("1h30m"), Ok(Some(Duration::from_secs(5_400))));
        assert_eq!(read(" 1.5h "), Ok(Some(Duration::from_secs(5_400))));
        assert_eq!(read("250ms"), Ok(Some(Duration::from_millis(250))));
        for none in ["", "0", "0s"] {
            assert_eq!(read(none), Ok(None), "{none}");
        }
        for wrong in ["5", "h", "1d", "-1h", "1h30", "1..5h", "∞"] {
            assert_eq!(read(wrong), Err(Code::InvalidInput), "{wrong}");
        }
    }

    #[test]
    fn the_newest_stay() {
        let root = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now();
        for (name, age) in [("trace_a.json", 50), ("trace_b.json", 40), ("x_trace.json", 30), ("notes.json", 90)] {
            let path = root.path().join(name);
            std::fs::write(&path, "{}").expect("written");
            let file = std::fs::File::options().write(true).open(&path).expect("opened");
            file.set_modified(now - Duration::from_secs(age)).expect("aged");
        }
        let names = || {
            let mut names: Vec<_> = std::fs::read_dir(root.path())
                .expect("list")
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
                .collect();
            names.sort();
            names
        };
        let rule = |max_age, max_count| Rule { kind: Kind::Trace, folder: root.path().into(), max_age, max_count };
        let mut retention = Retention::new(vec![rule(None, Some(2)), rule(None, None)]);
        assert_eq!(retention.apply(), ["retention_trace_removed_age=0 removed_count=1"]);
        assert_eq!(names(), ["notes.json", "trace_b.json", "x_trace.json"]);
        assert!(retention.apply().is_empty());
        // What the service writes is known without a look, and the oldest goes.
        let write = |name: &str, replaces| {
            let path = root.path().join(name);
            std::fs::write(&path, "{}").expect("written");
            NewFile { path, text: String::new(), replaces }
        };
        retention.wrote([write("trace_c.json", false), write("approval_audit_c.json", false)].iter());
        assert_eq!(retention.apply(), ["retention_trace_removed_age=0 removed_count=1"]);
        assert_eq!(names(), ["approval_audit_c.json", "notes.json", "trace_c.json", "x_trace.json"]);
        retention.wrote([write("trace_c.json", true)].iter());
        assert!(retention.apply().is_empty(), "a file that was replaced is one file");
        std::fs::remove_file(root.path().join("trace_c.json")).expect("removed");
        std::fs::remove_file(root.path().join("approval_audit_c.json")).expect("removed");
        write("trace_b.json", false);
        let aged = std::fs::File::options().write(true).open(root.path().join("trace_b.json")).expect("opened");
        aged.set_modified(now - Duration::from_secs(40)).expect("aged");
        let mut retention = Retention::new(vec![rule(Some(Duration::from_secs(35)), None)]);
        assert_eq!(retention.apply(), ["retention_trace_removed_age=1 removed_count=0"]);
        assert_eq!(names(), ["notes.json", "x_trace.json"]);
        assert!(Kind::Runpack.covers("s_cp_000002.zip") && !Kind::Runpack.covers("pack_x.zip"));
    }
}
