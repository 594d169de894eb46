//! The flag grammar of gait (schemas contract, C.3) on top of clap: one or two dashes, flags and positionals mixed,
//! the last repetition wins unless a flag takes several values. Which flags there are, clap's definitions say; here they are only brought into the one
//! spelling that clap reads the same way.
//!
//! Reading never stops at the first mistake, so that `--json`, `--help` and `--color` count wherever they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use clap::ArgAction;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use gait_contract::{Code, Fault};

use crate::cli::{self, Entry};
use crate::render::{Color, Manner};

/// What the arguments ask for.
pub struct Invocation {
    /// The arguments as they came.
    pub words: Vec<String>,
    /// Which command, as far as that could be told.
    pub target: Target,
    /// The command's own arguments, in the spelling that clap reads.
    pub argv: Vec<String>,
    /// `--json` was given.
    pub json: bool,
    /// `--explain` was given.
    pub explain: bool,
    /// `--help` was given.
    pub help: bool,
    /// `--color`.
    pub color: Color,
    /// The first mistake, if there is one.
    pub fault: Option<Fault>,
}

/// Which command is meant.
#[derive(Clone, Copy)]
pub enum Target {
    /// A command of the list.
    Command(&'static Entry),
    /// A group without (or with an unknown) subcommand; the empty group is gait itself.
    Group(&'static str),
}

impl Invocation {
    /// How the answer is to be shown.
    pub fn manner(&self) -> Manner<'_> {
        Manner { json: self.json, color: self.color, words: &self.words }
    }
}

/// Reads the arguments after the program's name.
pub fn read(arguments: impl Iterator<Item = OsString>) -> Invocation {
    let mut reader = Reader::default();
    for (index, argument) in arguments.enumerate() {
        let word = argument.into_string().unwrap_or_else(|argument| {
            let shown = argument.to_string_lossy().into_owned();
            reader.mistake(format!("argument {} is not UTF-8: `{shown}`", index + 1), None);
            shown
        });
        reader.words.push(word);
    }
    reader.walk();
    reader.finish()
}

/// A mistake in the usage.
pub fn usage_fault(error: impl Into<String>) -> Fault {
    Fault::new(Code::InvalidInput, error)
}

/// What is wrong with the arguments of a command, in gait's words instead of clap's.
pub fn clap_fault(error: &clap::Error, entry: &Entry) -> Fault {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = text(ContextKind::InvalidArg);
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("`{argument}` is missing"),
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues | ErrorKind::InvalidSubcommand => {
            format!("unexpected argument `{argument}`")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let flag = argument.split(' ').next().unwrap_or_default();
            let reason = std::error::Error::source(error).map(ToString::to_string);
            let reason = reason.unwrap_or_else(|| format!("use {}", text(ContextKind::ValidValue).replace(' ', ", ")));
            format!("`{}` is no value of {flag}: {reason}", text(ContextKind::InvalidValue))
        }
        kind => kind.as_str().unwrap_or("the arguments do not fit").to_lowercase(),
    };
    usage_fault(what).hint(usage_hint(entry))
}

fn usage_hint(entry: &Entry) -> String {
    format!("usage: {}; `gait {} --help` tells more", entry.usage, entry.path)
}

#[derive(Default)]
struct Reader {
    words: Vec<String>,
    entry: Option<&'static Entry>,
    group: &'static str,
    /// The long flags of the command, true for those that take a value.
    known: BTreeMap<String, bool>,
    /// Those of them that may be given several times.
    repeated: BTreeSet<String>,
    flags: BTreeMap<String, Value>,
    positionals: Vec<String>,
    json: bool,
    explain: bool,
    help: bool,
    color: Color,
    fault: Option<Fault>,
}

enum Value {
    Switch(bool),
    Text(String),
    Texts(Vec<String>),
}

impl Reader {
    fn walk(&mut self) {
        let words = std::mem::take(&mut self.words);
        let mut rest = words.iter();
        let mut flags_ended = false;
        while let Some(word) = rest.next() {
            if flags_ended || !word.starts_with('-') || word == "-" {
                self.positional(word, flags_ended);
            } else if word == "--" {
                flags_ended = true;
            } else if !(self.at_root() && matches!(word.as_str(), "-v" | "-version" | "--version")) {
                self.flag(word, &mut rest);
            }
        }
        // The reference looks for this one flag before it looks at anything else.
        self.explain =
            words.iter().take_while(|word| *word != "--").any(|word| matches!(word.as_str(), "-explain" | "--explain"))
                || self.explain;
        // Without any command, gait tells its version.
        if self.at_root() && !self.help && !self.explain && self.fault.is_none() {
            self.entry = cli::find("version");
        }
        self.words = words;
    }

    fn at_root(&self) -> bool {
        self.entry.is_none() && self.group.is_empty()
    }

    fn positional(&mut self, word: &str, flags_ended: bool) {
        if self.positionals.is_empty() && !flags_ended {
            let path = match (self.entry, self.group) {
                (Some(entry), _) => format!("{} {word}", entry.path),
                (None, "") => word.to_owned(),
                (None, group) => format!("{group} {word}"),
            };
            if let Some(entry) = cli::find(&path) {
                self.enter(entry);
                return;
            }
            if let Some(group) = cli::GROUPS.iter().find(|group| group.name == path) {
                self.group = group.name;
                return;
            }
        }
        if self.entry.is_some() {
            self.positionals.push(word.to_owned());
        } else if self.fault.is_none() {
            self.fault = Some(cli::unknown_command(self.group, word));
        }
    }

    fn enter(&mut self, entry: &'static Entry) {
        self.entry = Some(entry);
        self.known = (entry.command)()
            .get_arguments()
            .filter_map(|arg| Some((arg.get_long()?.to_owned(), !matches!(arg.get_action(), ArgAction::SetTrue))))
            .collect();
        self.repeated = (entry.command)()
            .get_arguments()
            .filter(|arg| matches!(arg.get_action(), ArgAction::Append))
            .filter_map(|arg| arg.get_long().map(str::to_owned))
            .collect();
    }

    fn flag<'a>(&mut self, word: &str, rest: &mut impl Iterator<Item = &'a String>) {
        let body = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or(word);
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let takes_value = match name {
            "json" | "explain" | "help" | "h" => false,
            "color" => true,
            _ => match self.known.get(name) {
                Some(takes_value) => *takes_value,
                None => return self.unknown_flag(word, name),
            },
        };
        if takes_value {
            // The next argument is the value whatever it looks like.
            let Some(value) = value.or_else(|| rest.next().cloned()) else {
                return self.mistake(format!("`{word}` needs a value"), None);
            };
            match name {
                "color" => match Color::parse(&value) {
                    Some(color) => self.color = color,
                    None => self.mistake(format!("`{value}` is no value of --color: use auto, always or never"), None),
                },
                _ if self.repeated.contains(name) => {
                    match self.flags.entry(name.to_owned()).or_insert_with(|| Value::Texts(Vec::new())) {
                        Value::Texts(values) => values.push(value),
                        other => *other = Value::Texts(vec![value]),
                    }
                }
                _ => drop(self.flags.insert(name.to_owned(), Value::Text(value))),
            }
            return;
        }
        let Some(on) = value.as_deref().map_or(Some(true), boolean) else {
            let value = value.unwrap_or_default();
            return self.mistake(format!("`{value}` is no value of --{name}: use true or false"), None);
        };
        match name {
            "json" => self.json = on,
            "explain" => self.explain = on,
            "help" | "h" => self.help = on,
            _ => drop(self.flags.insert(name.to_owned(), Value::Switch(on))),
        }
    }

    fn unknown_flag(&mut self, word: &str, name: &str) {
        let shown = word.split('=').next().unwrap_or(word);
        let near = cli::nearest(name, self.known.keys().map(String::as_str));
        self.mistake(format!("unknown flag `{shown}`"), near.map(|near| format!("did you mean `--{near}`?")));
    }

    fn mistake(&mut self, error: String, hint: Option<String>) {
        if self.fault.is_some() {
            return;
        }
        let fault = usage_fault(error);
        self.fault = Some(match (hint, self.entry) {
            (Some(hint), _) => fault.hint(hint),
            (None, Some(entry)) => fault.hint(usage_hint(entry)),
            (None, None) => fault.hint("`gait help` lists the commands"),
        });
    }

    fn finish(self) -> Invocation {
        let keeps_empty = self.entry.map_or(&[][..], |entry| entry.keeps_empty);
        let mut argv = vec!["gait".to_owned()];
        for (name, value) in self.flags {
            match value {
                Value::Switch(true) => argv.push(format!("--{name}")),
                Value::Switch(false) => {}
                Value::Text(value) if value.is_empty() && !keeps_empty.contains(&name.as_str()) => {}
                Value::Text(value) => argv.push(format!("--{name}={value}")),
                Value::Texts(values) => argv.extend(values.iter().map(|value| format!("--{name}={value}"))),
            }
        }
        argv.push("--".to_owned());
        argv.extend(self.positionals);
        Invocation {
            words: self.words,
            target: self.entry.map_or(Target::Group(self.group), Target::Command),
            argv,
            json: self.json,
            explain: self.explain,
            help: self.help,
            color: self.color,
            fault: self.fault,
        }
    }
}

/// The spellings of a boolean (schemas contract, C.3).
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(words: &str) -> Invocation {
        read(words.split('|').filter(|word| !word.is_empty()).map(|word| word.replace('∅', "").into()))
    }

    #[track_caller]
    fn reads(words: &str, path: &str, argv: &[&str]) {
        let read = invocation(words);
        assert_eq!(read.fault.map(|fault| fault.into_envelope().error), None, "{words}");
        match read.target {
            Target::Command(entry) => assert_eq!(entry.path, path, "{words}"),
            Target::Group(group) => assert_eq!(group, path, "{words}"),
        }
        assert_eq!(read.argv[1..], *argv, "{words}");
    }

    #[track_caller]
    fn refuses(words: &str, part: &str) {
        let error = invocation(words).fault.map(|fault| fault.into_envelope().error).unwrap_or_default();
        assert!(error.contains(part), "{words}: {error:?}");
    }

    #[test]
    fn one_dash_is_as_good_as_two() {
        reads("verify|x|-public-key|k", "verify", &["--public-key=k", "--", "x"]);
        reads("verify|--public-key=k|x", "verify", &["--public-key=k", "--", "x"]);
        reads("verify|-require-signature|x", "verify", &["--require-signature", "--", "x"]);
    }

    #[test]
    fn the_last_repetition_wins_and_empty_is_absent() {
        reads("verify|--public-key|a|--public-key|b|x", "verify", &["--public-key=b", "--", "x"]);
        reads("verify|--public-key|a|--public-key=|x", "verify", &["--", "x"]);
        reads("verify|--public-key|∅|x", "verify", &["--", "x"]);
        reads("verify|--require-signature|--require-signature=F|x", "verify", &["--", "x"]);
        reads("run|reduce|--predicate|∅|x", "run reduce", &["--predicate=", "--", "x"]);
    }

    #[test]
    fn value_flags_take_what_follows_and_switches_do_not() {
        reads("regress|init|--from|x|--name|-dash", "regress init", &["--from=x", "--name=-dash", "--"]);
        reads("verify|--public-key|--json|x", "verify", &["--public-key=--json", "--", "x"]);
        reads("verify|--require-signature|false", "verify", &["--require-signature", "--", "false"]);
        reads("run|diff|a|--privacy|full|b", "run diff", &["--privacy=full", "--", "a", "b"]);
    }

    #[test]
    fn two_dashes_end_the_flags() {
        reads("verify|--|--json", "verify", &["--", "--json"]);
        reads("verify|--|chain", "verify", &["--", "chain"]);
        reads("verify|-", "verify", &["--", "-"]);
        assert!(!invocation("verify|--|--json").json);
        assert!(!invocation("verify|--|--explain").explain);
    }

    #[test]
    fn commands_are_found_by_their_words() {
        reads("verify|chain|--run|x", "verify chain", &["--run=x", "--"]);
        reads("", "version", &["--"]);
        reads("--version", "version", &["--"]);
        reads("-v|--json", "version", &["--"]);
        reads("--json", "version", &["--"]);
        reads("run", "run", &["--"]);
        reads("verify|x|chain", "verify", &["--", "x", "chain"]);
    }

    #[test]
    fn json_help_and_explain_count_anywhere() {
        for words in ["--json|verify|x", "verify|x|-json", "verify|--bogus|--json=T", "nothing|--json", "run|--json"] {
            assert!(invocation(words).json, "{words}");
        }
        assert!(!invocation("verify|--json|x|--json=false").json);
        assert!(invocation("verify|--bogus|-h").help);
        assert!(invocation("run|reduce|--explain|whatever").explain);
        assert!(invocation("verify|--public-key|--explain").explain);
    }

    #[test]
    fn mistakes_are_named() {
        refuses("verify|x|--bogus", "unknown flag `--bogus`");
        refuses("verify|x|--bogus=secret", "unknown flag `--bogus`");
        refuses("verify|x|---json", "unknown flag");
        refuses("verify|x|--json=yes", "no value of --json");
        refuses("verify|x|--json=", "no value of --json");
        refuses("verify|x|--public-key", "needs a value");
        refuses("verify|x|--color=pink", "no value of --color");
        refuses("verfy|x", "`verfy`");
        refuses("run|rewind", "`run rewind`");
    }

    #[cfg(unix)]
    #[test]
    fn arguments_that_are_no_text_are_refused() {
        use std::os::unix::ffi::OsStringExt;
        let words = [OsString::from("verify"), OsString::from_vec(vec![b'a', 0xFF]), OsString::from("--json")];
        let read = read(words.into_iter());
        assert!(read.json);
        assert!(read.fault.is_some_and(|fault| fault.error.contains("argument 2 is not UTF-8")));
    }
}
