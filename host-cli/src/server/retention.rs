//! Old files go away, where the set-up says so: by age and by number, the newest stay (mcp contract, section 8).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gait_contract::{Code, Fault};

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

/// Applies rules after decisions, but looks into a folder no more often than it has to.
pub struct Retention {
    rules: Vec<Rule>,
    looked: Option<Instant>,
}

/// Files only become too old with time, so ages are looked at this often.
const LOOK: Duration = Duration::from_secs(1);

impl Retention {
    /// Rules that say anything.
    pub fn new(rules: Vec<Rule>) -> Self {
        let rules = rules.into_iter().filter(|rule| rule.max_age.is_some() || rule.max_count.is_some()).collect();
        Self { rules, looked: None }
    }

    /// Removes what is too old or too much; what that came to, for the answer.
    pub fn apply(&mut self) -> Vec<String> {
        let due = self.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if due {
            self.looked = Some(Instant::now());
        }
        let now = SystemTime::now();
        self.rules.iter().filter(|rule| due || rule.max_count.is_some()).filter_map(|rule| rule.apply(now)).collect()
    }
}

impl Rule {
    fn apply(&self, now: SystemTime) -> Option<String> {
        match self.removed(now) {
            Ok((0, 0)) => None,
            Ok((by_age, by_count)) => {
                Some(format!("retention_{}_removed_age={by_age} removed_count={by_count}", self.kind.word()))
            }
            Err(error) => Some(format!("retention_{}_error={}", self.kind.word(), crate::host::fs::words(&error))),
        }
    }

    fn removed(&self, now: SystemTime) -> std::io::Result<(usize, usize)> {
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
        let mut removed = (0, 0);
        for (index, (modified, path)) in files.iter().enumerate() {
            let too_old = self.max_age.is_some_and(|age| now.duration_since(*modified).is_ok_and(|since| since > age));
            let too_many = self.max_count.is_some_and(|count| index >= count);
            if too_old || too_many {
                remove(path)?;
                removed.0 += usize::from(too_old);
                removed.1 += usize::from(too_many);
            }
        }
        Ok(removed)
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
        let mut retention = Retention::new(vec![rule(Some(Duration::from_secs(35)), None)]);
        assert_eq!(retention.apply(), ["retention_trace_removed_age=1 removed_count=0"]);
        assert_eq!(names(), ["notes.json", "x_trace.json"]);
        assert!(Kind::Runpack.covers("s_cp_000002.zip") && !Kind::Runpack.covers("pack_x.zip"));
    }
}
