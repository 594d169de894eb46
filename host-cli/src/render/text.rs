//! Answers for people: `key=value` lines on standard output, everything else on standard error.
//!
//! Texts that come from artifacts and arguments are shown with their control characters spelled out, so that no
//! artifact can write lines of its own or steer the terminal.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use gait_contract::Fault;
use gait_contract::policy::Problem;

use super::{Color, Manner, Note, problems};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const CARE: Style = AnsiColor::Yellow.on_default().bold();
const QUIET: Style = AnsiColor::Cyan.on_default();

/// The lines of an answer.
#[derive(Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// `key=value`.
    pub fn pair(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.text, "{key}={}", printable(&value.to_string()));
    }

    /// `key=value`, where the value is the verdict.
    pub fn verdict(&mut self, key: &str, good: bool, value: &str) {
        let style = if good { GOOD } else { BAD };
        let _ = writeln!(self.text, "{key}={style}{}{style:#}", printable(value));
    }

    /// `key=value`, where the value is something that is wrong.
    pub fn wrong(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.text, "{key}={BAD}{}{BAD:#}", printable(&value.to_string()));
    }

    /// `key=value`, where the value deserves a look.
    pub fn care(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.text, "{key}={CARE}{}{CARE:#}", printable(&value.to_string()));
    }

    /// A line of its own.
    pub fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.text, "{}", printable(&line.to_string()));
    }

    /// Rows under their head, in columns.
    pub fn table<const N: usize>(&mut self, rows: &[[String; N]]) {
        let mut widths = [0; N];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = printable(cell).chars().count().max(*width);
            }
        }
        for row in rows {
            let line = row
                .iter()
                .zip(widths)
                .fold(String::new(), |line, (cell, width)| format!("{line}{:width$}  ", printable(cell)));
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }

    /// A line below a heading, with a word in front that says whether it holds.
    pub fn holds(&mut self, holds: bool, line: impl Display) {
        let (style, word) = if holds { (GOOD, "ok") } else { (BAD, "no") };
        let _ = writeln!(self.text, "  {style}{word}{style:#}   {}", printable(&line.to_string()));
    }

    /// `- name: status (message)`, where the status is the verdict.
    pub fn check(&mut self, name: &str, status: &str, message: &str) {
        let style = match status {
            "pass" => GOOD,
            "warn" => CARE,
            _ => BAD,
        };
        let _ = writeln!(self.text, "- {name}: {style}{status}{style:#} ({})", printable(message));
    }

    /// `head: text`, where the head is a word of care.
    pub fn warning(&mut self, text: &str) {
        let _ = writeln!(self.text, "{CARE}warning:{CARE:#} {}", printable(text));
    }

    /// Problems that do not keep a policy from being used, drawn into its lines.
    pub fn warnings(&mut self, problems: &[Problem], path: &str) {
        self.text.push_str(&problems::drawn(problems, path, problems::Kind::Warning));
    }

    /// A fault in the answer's place: what is wrong and where, every problem in its line, and what to do about it.
    pub fn fault(&mut self, command: &str, fault: &Fault) {
        let _ = writeln!(self.text, "{command} {BAD}error:{BAD:#} {}", sentence(fault));
        if fault.problems.is_empty() {
            let _ = writeln!(self.text, "{QUIET}hint:{QUIET:#} {}", printable(&fault.hint));
        } else {
            let path = problems::path(fault);
            self.text.push_str(&problems::drawn(&fault.problems, path, problems::Kind::Error));
        }
    }

    /// The text as it is without colours.
    #[cfg(test)]
    pub(crate) fn plain(&self) -> String {
        anstream::adapter::strip_str(&self.text).to_string()
    }

    /// Text of gait's own making, printed as it is.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

pub(super) fn print(page: &Page, color: Color) -> io::Result<()> {
    let mut out = AutoStream::new(io::stdout().lock(), choice(color, &io::stdout()));
    out.write_all(page.text.as_bytes())?;
    out.flush()
}

/// A fault: what is wrong and where, and what to do about it.
pub(super) fn fault(fault: &Fault, color: Color) {
    say(color, BAD, "error", &sentence(fault));
    let drawn = problems::drawn(&fault.problems, problems::path(fault), problems::Kind::Error);
    let mut out = AutoStream::new(io::stderr().lock(), choice(color, &io::stderr()));
    // There is nobody left to tell when this cannot be written.
    let _ = out.write_all(drawn.as_bytes());
    drop(out);
    say(color, QUIET, "hint", &printable(&fault.hint));
}

/// What is wrong, and where.
fn sentence(fault: &Fault) -> String {
    let at = match &fault.at {
        // The sentence often names the place already.
        Some(at) if !fault.error.contains(at.as_str()) => format!(" ({})", printable(at)),
        _ => String::new(),
    };
    format!("{}{at}", printable(&fault.error))
}

/// What is to be known besides an answer; said before it.
pub(super) fn remarks(notes: &[Note], manner: &Manner<'_>) {
    for note in notes {
        match note {
            Note::Info(text) => say(manner.color, QUIET, "note", &printable(text)),
            Note::Warning(text) => say(manner.color, CARE, "warning", &printable(text)),
            Note::Hint(_) | Note::Next(_) => {}
        }
    }
}

/// What can be done next; said after the answer, and to people only.
pub(super) fn advice(notes: &[Note], manner: &Manner<'_>) {
    for note in notes {
        match note {
            Note::Hint(text) => say(manner.color, QUIET, "hint", &printable(text)),
            Note::Next(text) => say(manner.color, QUIET, "next", &printable(text)),
            Note::Info(_) | Note::Warning(_) => {}
        }
    }
}

fn say(color: Color, style: Style, head: &str, text: &str) {
    let mut err = AutoStream::new(io::stderr().lock(), choice(color, &io::stderr()));
    // There is nowhere left to say that standard error is gone.
    let _ = writeln!(err, "{style}{head}:{style:#} {text}");
}

fn choice(color: Color, stream: &impl anstream::stream::RawStream) -> anstream::ColorChoice {
    match color {
        Color::Auto => AutoStream::choice(stream),
        forced => forced.choice(),
    }
}

/// True for control characters and for marks that nobody sees but the terminal.
pub(super) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

/// The text with control characters and invisible direction marks spelled out.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len() + 8), |mut shown, c| {
        if hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        shown
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_cannot_write_lines_of_their_own() {
        assert_eq!(printable("run_x\nverify=ok\u{1b}[2K\u{202e}"), "run_x\\nverify=ok\\u{1b}[2K\\u{202e}");
        assert_eq!(printable("run_ñandú 潮汐"), "run_ñandú 潮汐");
        let mut page = Page::default();
        page.pair("run_id", "a\nb");
        assert_eq!(page.text, "run_id=a\\nb\n");
    }
}
