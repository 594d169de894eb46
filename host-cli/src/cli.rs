//! The list of commands, one line each, and what all of them share: how one is found, run, explained and drawn.

use std::fmt::Write as _;

use clap::ArgMatches;
use gait_contract::{ExitCode, Fault};

use crate::args::{Invocation, Target, clap_fault, usage_fault};
use crate::commands::{self, Command};
use crate::render::{Envelope, Failure, Object, Outcome, Report, json};

/// Every command, in the order of `gait help`.
pub const COMMANDS: &[Entry] = &[
    entry::<commands::demo::Demo>("demo"),
    entry::<commands::verify::Verify>("verify"),
    entry::<commands::verify::chain::Chain>("verify chain"),
    entry::<commands::run::record::Record>("run record"),
    entry::<commands::run::replay::Replay>("run replay"),
    entry::<commands::run::diff::Diff>("run diff"),
    entry::<commands::run::reduce::Reduce>("run reduce"),
    entry::<commands::run::receipt::Receipt>("run receipt"),
    entry::<commands::regress::init::Init>("regress init"),
    entry::<commands::regress::run::Run>("regress run"),
    entry::<commands::regress::bootstrap::Bootstrap>("regress bootstrap"),
    entry::<commands::policy::init::Init>("policy init"),
    entry::<commands::policy::validate::Validate>("policy validate"),
    entry::<commands::policy::fmt::Fmt>("policy fmt"),
    entry::<commands::policy::test::Test>("policy test"),
    entry::<commands::policy::explain::Explain>("policy explain"),
    entry::<commands::policy::simulate::Simulate>("policy simulate"),
    entry::<commands::gate::eval::Eval>("gate eval"),
    entry::<commands::mcp::gateway::Gateway>("mcp gateway"),
    entry::<commands::mcp::proxy::Proxy>("mcp proxy"),
    entry::<commands::mcp::bridge::Bridge>("mcp bridge"),
    entry::<commands::mcp::serve::Serve>("mcp serve"),
    entry::<commands::mcp::verify::Verify>("mcp verify"),
    entry::<commands::approve::Approve>("approve"),
    entry::<commands::trace::verify::Verify>("trace verify"),
    entry::<commands::trace::recheck::Recheck>("trace recheck"),
    entry::<commands::guard::pack::Pack>("guard pack"),
    entry::<commands::guard::verify::Verify>("guard verify"),
    entry::<commands::guard::retain::Retain>("guard retain"),
    entry::<commands::guard::encrypt::Encrypt>("guard encrypt"),
    entry::<commands::guard::decrypt::Decrypt>("guard decrypt"),
    entry::<commands::incident::pack::Pack>("incident pack"),
    entry::<commands::mcp::gateway::init::Init>("mcp gateway init"),
    entry::<commands::mcp::replay::Replay>("mcp replay"),
    entry::<commands::registry::install::Install>("registry install"),
    entry::<commands::registry::list::List>("registry list"),
    entry::<commands::registry::verify::Verify>("registry verify"),
    entry::<commands::scout::signal::Signal>("scout signal"),
    entry::<commands::scout::snapshot::Snapshot>("scout snapshot"),
    entry::<commands::scout::diff::Diff>("scout diff"),
    entry::<commands::migrate::Migrate>("migrate"),
    entry::<commands::keys::init::Init>("keys init"),
    entry::<commands::keys::show::Show>("keys show"),
    entry::<commands::keys::verify::Verify>("keys verify"),
    entry::<commands::doctor::Doctor>("doctor"),
    entry::<commands::doctor::adoption::Adoption>("doctor adoption"),
    entry::<commands::version::Version>("version"),
    entry::<commands::completions::Completions>("completions"),
    entry::<commands::help::Help>("help"),
];

/// Words that stand before a subcommand.
pub const GROUPS: &[Group] = &[
    Group {
        name: "run",
        explain: "records runs into runpacks and replays, compares and shrinks them, without running any tool",
    },
    Group {
        name: "regress",
        explain: "turns runpacks into fixtures and checks recordings against them, deterministically",
    },
    Group {
        name: "policy",
        explain: "writes, checks and tries policies: which tool calls are allowed, blocked or wait for an approval",
    },
    Group { name: "gate", explain: "judges a tool call before it happens and signs a trace of the verdict" },
    Group { name: "mcp", explain: "puts gait between agents and the tools they reach by the Model Context Protocol" },
    Group { name: "trace", explain: "checks the signed traces of verdicts, offline" },
    Group {
        name: "guard",
        explain: "packs evidence about a run for an auditor, checks such packs, and keeps, encrypts and expires them",
    },
    Group { name: "incident", explain: "packs the evidence of a window of time around a run" },
    Group {
        name: "scout",
        explain: "groups runs into families of incidents, lists the tools and servers of a workspace, and says what changed",
    },
    Group {
        name: "registry",
        explain: "installs, lists and checks the signed manifests of skill and policy packs, offline unless you name an address",
    },
    Group {
        name: "keys",
        explain: "makes, shows and checks signing keys; private keys never leave the files they are in",
    },
];

/// What gait is, in one line.
pub const ABOUT: &str = "gait judges AI-agent tool calls before they happen, records runs into signed runpacks, verifies both offline and turns incidents into CI regressions";

/// One command.
pub struct Entry {
    /// The words that call it.
    pub path: &'static str,
    /// A few words for lists.
    pub summary: &'static str,
    /// One line for `--explain`.
    pub explain: &'static str,
    /// The form of a call.
    pub usage: &'static str,
    /// Example calls with what they do.
    pub examples: &'static [(&'static str, &'static str)],
    /// What its exit codes mean, besides the usual ones.
    pub exits: &'static [(ExitCode, &'static str)],
    /// Flags for which an empty value is a value.
    pub keeps_empty: &'static [&'static str],
    /// clap's definition of its arguments.
    pub command: fn() -> clap::Command,
    /// How it tells its faults.
    pub envelope: Envelope,
    /// Its object before anything is known, which a fault is added to.
    pub blank: fn() -> Object,
    run: fn(&ArgMatches, &[String]) -> Result<Outcome, clap::Error>,
    explained: fn(&ArgMatches) -> Option<Outcome>,
}

/// A word that stands before subcommands.
pub struct Group {
    /// The word.
    pub name: &'static str,
    /// One line for `--explain`.
    pub explain: &'static str,
}

const fn entry<C: Command>(path: &'static str) -> Entry {
    Entry {
        path,
        summary: C::SUMMARY,
        explain: C::EXPLAIN,
        usage: C::USAGE,
        examples: C::EXAMPLES,
        exits: C::EXITS,
        keeps_empty: C::KEEPS_EMPTY,
        command: || C::augment_args(clap::Command::new("gait").no_binary_name(false)),
        envelope: C::ENVELOPE,
        blank: C::blank,
        run: |matches, words| {
            let mut command = C::from_arg_matches(matches)?;
            command.correlate(json::correlation_id(words));
            Ok(command.run())
        },
        explained: |matches| C::from_arg_matches(matches).ok().and_then(Command::explain),
    }
}

/// Does what the arguments ask for.
pub fn run(invocation: &Invocation) -> Outcome {
    if invocation.explain {
        let line = || -> Outcome { Ok(Box::new(Plain::new("explain", format!("{}\n", explain(invocation.target))))) };
        return explained(invocation).unwrap_or_else(line);
    }
    if invocation.help {
        return Ok(Box::new(Plain::new("usage", help(invocation.target))));
    }
    let entry = match invocation.target {
        Target::Command(entry) => entry,
        Target::Group(group) => {
            let fault = invocation.fault.clone().unwrap_or_else(|| missing_subcommand(group));
            let mut object = Object::new();
            object.insert("usage".into(), plain(&help(invocation.target)).into());
            let mut failure = Failure::new(fault, object);
            failure.page = Some(help(invocation.target));
            return Err(failure);
        }
    };
    let told = |failure: Box<Failure>| failure.told_by(entry.path, entry.envelope);
    let refused = |fault| Err(told(Failure::new(fault, (entry.blank)())));
    if let Some(fault) = &invocation.fault {
        return refused(fault.clone());
    }
    match matches(entry, invocation).and_then(|matches| (entry.run)(&matches, &invocation.words)) {
        Ok(outcome) if invocation.words.is_empty() => outcome.map(commands::version::bare),
        Ok(outcome) => outcome.map_err(told),
        Err(error) => refused(clap_fault(&error, entry)),
    }
}

/// The machine-readable explanation, where a command has one and was given what it is about.
fn explained(invocation: &Invocation) -> Option<Outcome> {
    let Target::Command(entry) = invocation.target else { return None };
    if !invocation.json || invocation.fault.is_some() {
        return None;
    }
    let outcome = (entry.explained)(&matches(entry, invocation).ok()?)?;
    Some(outcome.map_err(|failure| failure.told_by(entry.path, entry.envelope)))
}

fn matches(entry: &Entry, invocation: &Invocation) -> Result<ArgMatches, clap::Error> {
    (entry.command)().disable_help_flag(true).try_get_matches_from(&invocation.argv)
}

/// The command with these words.
pub fn find(path: &str) -> Option<&'static Entry> {
    COMMANDS.iter().find(|entry| entry.path == path)
}

/// The fault for a word that is no command.
pub fn unknown_command(group: &str, word: &str) -> Fault {
    let prefix = if group.is_empty() { String::new() } else { format!("{group} ") };
    let commands = COMMANDS.iter().filter_map(|entry| entry.path.strip_prefix(&prefix));
    let names = commands.chain(GROUPS.iter().map(|group| group.name)).filter(|name| !name.contains(' '));
    let fault = usage_fault(format!("unknown command `{prefix}{word}`"));
    match nearest(word, names) {
        Some(near) => fault.hint(format!("did you mean `gait {prefix}{near}`?")),
        None => fault.hint(format!("`gait help{}{group}` lists the commands", if group.is_empty() { "" } else { " " })),
    }
}

fn missing_subcommand(group: &str) -> Fault {
    usage_fault(format!("`gait {group}` needs a subcommand")).hint(format!("`gait help {group}` lists them"))
}

/// The name that differs least from what was typed, if it is near enough to be meant.
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (distance(typed, name), name)).min()?;
    (near.0 <= 1 + near.1.len() / 4 && near.0 < typed.chars().count()).then_some(near.1)
}

/// Number of single-letter insertions, removals and replacements between two words.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.chars().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn explain(target: Target) -> &'static str {
    match target {
        Target::Command(entry) => entry.explain,
        Target::Group(name) => GROUPS.iter().find(|group| group.name == name).map_or(ABOUT, |group| group.explain),
    }
}

/// The help text, with escape codes for a terminal.
pub fn help(target: Target) -> String {
    match target {
        Target::Command(entry) => command(entry).render_help().ansi().to_string(),
        Target::Group(name) => {
            let members: Vec<_> =
                COMMANDS.iter().filter(|entry| name.is_empty() || belongs(entry.path, name)).collect();
            let width = members.iter().map(|entry| entry.usage.len()).max().unwrap_or_default();
            let mut text = format!("{}\n\n{BOLD}Usage:{BOLD:#}\n", explain(target));
            for entry in members {
                let _ = writeln!(
                    text,
                    "  {CODE}{}{CODE:#}{:pad$}  {}",
                    entry.usage,
                    "",
                    entry.summary,
                    pad = width - entry.usage.len()
                );
            }
            let _ = writeln!(
                text,
                "\nEvery command takes --json, --explain, --help and --color auto|always|never.\n\
                 `gait help <command>` tells more."
            );
            text
        }
    }
}

/// True for a command of a group, and for the one that has the group's name.
fn belongs(path: &str, group: &str) -> bool {
    path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

const BOLD: anstyle::Style = anstyle::Style::new().bold().underline();
const CODE: anstyle::Style = anstyle::Style::new().bold();

/// clap's definition of one command, dressed for help and completions.
pub fn command(entry: &Entry) -> clap::Command {
    let mut after = format!("{BOLD}Examples:{BOLD:#}\n");
    for (call, why) in entry.examples {
        let _ = writeln!(after, "  {CODE}{call}{CODE:#}\n      {why}");
    }
    let _ = write!(after, "\n{BOLD}Exit codes:{BOLD:#}");
    let usual = [
        (ExitCode::InvalidInput, "the arguments or the input are not usable"),
        (ExitCode::Internal, "gait or the machine failed"),
    ];
    let mut exits: Vec<_> = entry.exits.iter().chain(&usual).map(|(code, meaning)| (*code as u8, meaning)).collect();
    exits.sort_unstable();
    for (code, meaning) in exits {
        let _ = write!(after, "\n  {code}  {meaning}");
    }
    let styles = clap::builder::Styles::plain().header(BOLD).usage(BOLD).literal(CODE);
    let name = entry.path.rsplit(' ').next().unwrap_or(entry.path);
    (entry.command)()
        .name(name)
        .about(entry.explain)
        .override_usage(entry.usage)
        .help_template("{about}\n\n{usage-heading}\n  {usage}\n\n{all-args}{after-help}\n")
        .after_help(after)
        .styles(styles)
        .disable_help_flag(true)
        .next_help_heading("Options of every command")
        .args(shared_flags())
}

fn shared_flags() -> [clap::Arg; 4] {
    let switch = |name: &'static str, help: &'static str| {
        clap::Arg::new(name).long(name).action(clap::ArgAction::SetTrue).help(help)
    };
    [
        switch("json", "Answer with one JSON object on one line, failures included"),
        switch("explain", "Say in one line what the command does, and do nothing else"),
        switch("help", "Print this page").short('h'),
        clap::Arg::new("color")
            .long("color")
            .value_name("when")
            .help("Use colours")
            .value_parser(["auto", "always", "never"]),
    ]
}

/// All commands as one tree, for completions and reference pages.
pub fn tree() -> clap::Command {
    let root = clap::Command::new("gait")
        .about(ABOUT)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .args(shared_flags());
    with_subcommands(root, "")
}

/// A node with what stands directly below it, and so on.
fn with_subcommands(node: clap::Command, prefix: &str) -> clap::Command {
    let below = |path: &str| path.strip_prefix(prefix).is_some_and(|rest| !rest.contains(' '));
    let entries = COMMANDS.iter().filter(|entry| below(entry.path));
    let node = entries
        .fold(node, |node, entry| node.subcommand(with_subcommands(command(entry), &format!("{} ", entry.path))));
    let groups = GROUPS.iter().filter(|group| below(group.name));
    groups.fold(node, |node, group| {
        let name = group.name.rsplit(' ').next().unwrap_or(group.name);
        let inner = clap::Command::new(name).about(group.explain).disable_help_subcommand(true);
        node.subcommand(with_subcommands(inner, &format!("{} ", group.name)))
    })
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// An answer that is nothing but text.
pub struct Plain {
    key: &'static str,
    text: String,
}

impl Plain {
    /// Text that stands under `key` in the JSON form.
    pub fn new(key: &'static str, text: String) -> Self {
        Self { key, text }
    }
}

impl Report for Plain {
    fn object(&self) -> Object {
        let mut object = Object::new();
        object.insert("ok".into(), true.into());
        object.insert(self.key.into(), plain(&self.text).into());
        object
    }

    fn page(&self, page: &mut crate::render::Page) {
        page.text(&self.text);
    }

    fn always_text(&self) -> bool {
        self.key == "explain"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        tree().debug_assert();
        for entry in COMMANDS {
            command(entry).debug_assert();
            assert!(!entry.explain.contains('\n') && !entry.explain.is_empty(), "{}", entry.path);
            assert!(entry.usage.starts_with(&format!("gait {}", entry.path)), "{}", entry.path);
            assert!(!entry.examples.is_empty(), "{}", entry.path);
        }
    }

    #[test]
    fn near_names_are_offered() {
        let hint = |group, word| unknown_command(group, word).into_envelope().hint;
        assert_eq!(hint("", "verfy"), "did you mean `gait verify`?");
        assert_eq!(hint("run", "recrod"), "did you mean `gait run record`?");
        assert_eq!(hint("", "zzz"), "`gait help` lists the commands");
        assert_eq!(hint("run", "x"), "`gait help run` lists the commands");
    }
}
