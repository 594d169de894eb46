//! All printing: standard output carries the answer, standard error the conversation.

pub mod html;
pub mod json;
mod problems;
pub mod signal_page;
pub mod text;
pub mod wire;

use std::fs::File;
use std::io;

use anstream::ColorChoice;
use gait_contract::{Code, ExitCode, Fault};

pub use text::Page;

/// The JSON form of an answer.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// What a command comes to.
pub type Outcome = Result<Box<dyn Report>, Box<Failure>>;

/// An answer: one object for machines, lines for people.
pub trait Report {
    /// The exit code that belongs to it.
    fn exit(&self) -> ExitCode {
        ExitCode::Success
    }

    /// The object that `--json` prints.
    fn object(&self) -> Object;

    /// The lines that are printed without it.
    fn page(&self, page: &mut Page);

    /// What is said beside the answer.
    fn notes(&self) -> Vec<Note> {
        Vec::new()
    }

    /// A document that `--json` prints as it stands: the name of the last member, and its text.
    fn document(&self) -> Option<(&'static str, &File)> {
        None
    }

    /// What follows once the answer is printed, for commands that then go on until they are stopped.
    fn go_on(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// True for answers that are text even with `--json`.
    fn always_text(&self) -> bool {
        false
    }
}

/// How a command tells its faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// As the fault has it: the code names the cause, and the text goes to standard error.
    #[default]
    ByCause,
    /// As the gate contract fixes it (4.1): code, category and hint by exit code, and the text on standard output,
    /// after the command's name. The cause and its own hint stand beside them.
    ByExit,
}

/// A fault, with what its command had found out before.
pub struct Failure {
    /// What went wrong.
    pub fault: Fault,
    /// How the command tells it.
    pub envelope: Envelope,
    /// The words that call the command.
    pub command: &'static str,
    /// The command's own object, as far as it got.
    pub object: Object,
    /// Text for standard output; usage pages only.
    pub page: Option<String>,
    /// What is to be said all the same.
    pub notes: Vec<Note>,
}

impl From<Fault> for Box<Failure> {
    fn from(fault: Fault) -> Self {
        Failure::new(fault, Object::new())
    }
}

impl Failure {
    /// A fault with the command's object.
    pub fn new(fault: Fault, object: Object) -> Box<Self> {
        let envelope = Envelope::default();
        Box::new(Self { fault, envelope, command: "", object, page: None, notes: Vec::new() })
    }

    /// Tells it the way a command does.
    #[must_use]
    pub fn told_by(mut self: Box<Self>, command: &'static str, envelope: Envelope) -> Box<Self> {
        (self.command, self.envelope) = (command, envelope);
        self
    }
}

/// Something said on standard error beside an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Something happened that the user should know of.
    Info(String),
    /// Something is allowed but worth a look.
    Warning(String),
    /// Something the user could do; people only.
    Hint(String),
    /// A command to run next; people only.
    Next(String),
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The value of `--color`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" | "" => Some(Self::Auto),
            "always" => Some(Self::Always),
            "never" => Some(Self::Never),
            _ => None,
        }
    }

    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// How answers are shown.
pub struct Manner<'a> {
    /// As one JSON object.
    pub json: bool,
    /// With colours.
    pub color: Color,
    /// The arguments, which give the correlation id.
    pub words: &'a [String],
}

/// Prints what a command came to, and tells the exit code.
pub fn show(outcome: Outcome, manner: &Manner<'_>) -> ExitCode {
    let (code, printed) = match outcome {
        Ok(mut report) => {
            let notes = report.notes();
            text::remarks(&notes, manner);
            let printed = if manner.json && !report.always_text() {
                json::print(report.object(), report.document(), manner.words)
            } else {
                let mut page = Page::default();
                report.page(&mut page);
                text::print(&page, manner.color)
            };
            if !manner.json {
                text::advice(&notes, manner);
            }
            let code = match report.go_on() {
                Ok(()) => report.exit(),
                Err(fault) => {
                    text::fault(&fault, manner.color);
                    ExitCode::from(&fault)
                }
            };
            (code, printed)
        }
        Err(failure) => {
            text::remarks(&failure.notes, manner);
            let code = ExitCode::from(&failure.fault);
            let printed = if manner.json {
                json::print(json::fault(failure.object, &failure.fault, failure.envelope), None, manner.words)
            } else {
                let mut page = Page::default();
                match failure.envelope {
                    Envelope::ByCause => text::fault(&failure.fault, manner.color),
                    Envelope::ByExit => page.fault(failure.command, &failure.fault),
                }
                page.text(failure.page.as_deref().unwrap_or_default());
                text::print(&page, manner.color)
            };
            (code, printed)
        }
    };
    match printed {
        // Whoever reads has seen enough; that is not gait's failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            let fault = Fault::new(Code::FileUnwritable, format!("the answer cannot be printed: {error}"));
            text::fault(&fault, manner.color);
            if code == ExitCode::Success { ExitCode::Internal } else { code }
        }
        Ok(()) => code,
    }
}
