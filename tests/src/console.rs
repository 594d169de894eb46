//! Console blocks of pages: commands and what they print.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::program::{self, Program};
use crate::repository::{root, text};

/// Time for all commands of one page.
const LIMIT: Duration = Duration::from_secs(60);
/// Stands for anything.
const ANYTHING: &str = "…";

/// A command, and the lines that are shown below it.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    /// Where it stands in the page, from 1.
    line: usize,
    text: String,
    shown: Vec<String>,
}

/// Runs the commands of a page and returns their number, or what differs from what the page shows.
pub fn run(page: &Path, program: &Program) -> Result<usize, String> {
    let commands = commands(&text(page));
    let place = page.strip_prefix(root()).unwrap_or(page).display();
    if commands.is_empty() {
        return Ok(0);
    }
    let place_of_work = program::temporary("gait-docs-");
    let cwd = inside_the_repository(place_of_work.path()).map_err(|error| format!("{place}: {error}"))?;
    // One shell for the page, so that folders and variables last; a mark on a line of its own ends each answer.
    let mark = "\u{1}end of answer";
    let mut script = String::from("exec 2>&1\n");
    for command in &commands {
        let _ = writeln!(script, "{}\nprintf '%s\\n' '{mark}'", command.text);
    }
    let mut shell = program.shell(&cwd);
    shell.arg("-c").arg(script);
    let done = program::run(shell, LIMIT).ok_or_else(|| format!("{place}: the commands take too long"))?;
    let out = done.out();
    let mark = format!("{mark}\n");
    let mut answers = out.split(&mark);
    for command in &commands {
        let answer = answers.next().unwrap_or_default();
        let lines: Vec<&str> = answer.lines().collect();
        if !matches(&command.shown, &lines) {
            let shown = command.shown.join("\n");
            return Err(format!(
                "{place}:{}: `{}`\n--- shown\n{shown}\n--- printed\n{answer}",
                command.line, command.text
            ));
        }
    }
    Ok(commands.len())
}

/// An empty folder with the repository's entries beside it, so that pages can name them.
fn inside_the_repository(folder: &Path) -> std::io::Result<PathBuf> {
    for entry in std::fs::read_dir(root())? {
        let entry = entry?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name()))?;
    }
    let cwd = folder.join("an-empty-folder");
    std::fs::create_dir(&cwd)?;
    Ok(cwd)
}

fn commands(page: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for (number, line) in (1..).zip(page.lines()) {
        if line.trim_start().starts_with("```") {
            inside = !inside && line.trim() == "```console";
            continued = false;
            continue;
        }
        if !inside {
            continue;
        }
        let command = line.strip_prefix("$ ");
        match (command, commands.last_mut()) {
            (Some(text), _) => commands.push(Command { line: number, text: text.into(), shown: Vec::new() }),
            (None, Some(last)) if continued => {
                let _ = write!(last.text, "\n{}", line.strip_prefix("> ").unwrap_or(line));
            }
            (None, Some(last)) => last.shown.push(line.into()),
            (None, None) => {}
        }
        continued = (command.is_some() || continued) && line.ends_with('\\');
    }
    // An empty line between two commands is for the eye.
    for command in &mut commands {
        while command.shown.last().is_some_and(|line| line.trim().is_empty()) {
            command.shown.pop();
        }
    }
    commands
}

/// True when the lines are what is shown.
fn matches(shown: &[String], lines: &[&str]) -> bool {
    match shown.split_first() {
        None => lines.iter().all(|line| line.trim().is_empty()),
        Some((first, rest)) if first.trim() == ANYTHING => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        Some((first, rest)) => match lines.split_first() {
            Some((line, lines)) => line_matches(first.trim_end(), line.trim_end()) && matches(rest, lines),
            None => false,
        },
    }
}

fn line_matches(shown: &str, line: &str) -> bool {
    let mut parts = shown.split(ANYTHING);
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for part in parts {
        open = part.is_empty();
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    // The last part has to reach the end; an earlier match may have been too early.
    open || rest.is_empty()
        || shown.rsplit(ANYTHING).next().is_some_and(|last| shown.contains(ANYTHING) && line.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::{Command, commands, line_matches, matches};

    #[test]
    fn blocks_are_read() {
        let page = "```console\n$ one \\\n    two\nout\n\n$ three\n```\n```bash\n$ not this\n```\n";
        let read = commands(page);
        assert_eq!(
            read,
            [
                Command { line: 2, text: "one \\\n    two".into(), shown: vec!["out".into()] },
                Command { line: 6, text: "three".into(), shown: vec![] },
            ]
        );
    }

    #[test]
    fn dots_stand_for_anything() {
        assert!(line_matches("key_id=…", "key_id=abc"));
        assert!(line_matches("with … (kind)", "with a (b) (kind)"));
        assert!(!line_matches("with … (kind)", "with a (kind) and more"));
        assert!(!line_matches("key", "key2"));
        let shown = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(matches(&shown(&["…", "c"]), &["a", "b", "c"]));
        assert!(matches(&shown(&["a", "…"]), &["a"]));
        assert!(!matches(&shown(&["a", "…", "d"]), &["a", "b", "c"]));
        assert!(!matches(&shown(&[]), &["a"]));
    }
}
