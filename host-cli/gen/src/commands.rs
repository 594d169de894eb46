//! `docs/reference/cli.md`: every command, from the definitions that parse its arguments.

use std::fmt::Write;

use clap::{Arg, ArgAction};
use gait_cli::cli::{COMMANDS, Entry, command};

/// The page.
pub fn cli() -> String {
    let mut page = String::from(
        "<!-- Written by `make gen` from host-cli/src/commands. -->\n\
         # Commands\n\n\
         `gait help <command>` prints the same in a terminal. `<…>` is required, `[…]` is optional, `|` separates\n\
         alternatives. One dash or two make no difference, `--flag value` is `--flag=value`, flags and other arguments\n\
         come in any order, and `--` ends flags.\n\n\
         | Command | What it does |\n|---|---|\n",
    );
    for entry in COMMANDS {
        let anchor = entry.path.replace(' ', "-");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| [`gait {}`](#gait-{anchor}) | {} |", entry.path, cell(entry.summary));
    }
    page.push_str("\n## Flags of every command\n\n");
    let shared = COMMANDS.first().map(command).unwrap_or_default();
    arguments(&mut page, shared.get_arguments().filter(|argument| is_shared(argument)));
    for entry in COMMANDS {
        section(&mut page, entry);
    }
    page
}

fn section(page: &mut String, entry: &Entry) {
    let _ = write!(page, "\n## gait {}\n\n{}\n\n```text\n{}\n```\n", entry.path, sentence(entry.explain), entry.usage);
    let own = command(entry);
    let own: Vec<&Arg> =
        own.get_arguments().filter(|argument| !is_shared(argument) && !argument.is_hide_set()).collect();
    if !own.is_empty() {
        page.push('\n');
        arguments(page, own.into_iter());
    }
    page.push_str("\nExamples:\n\n");
    for (call, why) in entry.examples {
        let _ = writeln!(page, "- `{call}`: {why}");
    }
    if !entry.exits.is_empty() {
        page.push_str("\n| Exit | Meaning |\n|---|---|\n");
        for (code, meaning) in entry.exits {
            let _ = writeln!(page, "| {} | {} |", *code as u8, cell(meaning));
        }
    }
}

fn arguments<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    page.push_str("| Argument | Meaning |\n|---|---|\n");
    for argument in arguments {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {} |", spelled(argument).replace('|', "\\|"), cell(&meaning(argument, &help)));
    }
}

/// How an argument is written in a call.
fn spelled(argument: &Arg) -> String {
    let value = match argument.get_value_names() {
        Some([name, ..]) => name.to_string(),
        _ => argument.get_id().to_string(),
    };
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    match (argument.get_long(), argument.get_short()) {
        (None, _) => format!("<{value}>"),
        (Some(long), _) if takes_value => format!("--{long} <{value}>"),
        (Some(long), Some(short)) => format!("--{long}, -{short}"),
        (Some(long), None) => format!("--{long}"),
    }
}

/// The help with the default and the words that are allowed.
fn meaning(argument: &Arg, help: &str) -> String {
    let mut text = help.to_owned();
    if !matches!(argument.get_action(), ArgAction::Set | ArgAction::Append) {
        return text;
    }
    let words: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !words.is_empty() {
        let _ = write!(text, ": {}", words.join(", "));
    }
    if let [default] = argument.get_default_values()
        && !default.is_empty()
    {
        let _ = write!(text, " (default `{}`)", default.to_string_lossy());
    }
    text
}

fn is_shared(argument: &Arg) -> bool {
    matches!(argument.get_id().as_str(), "json" | "explain" | "help" | "color")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// One line of help as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use gait_cli::cli::{COMMANDS, command};

    #[test]
    fn every_command_and_every_flag_is_on_the_page() {
        let page = super::cli();
        for entry in COMMANDS {
            assert!(page.contains(&format!("\n## gait {}\n", entry.path)), "{}", entry.path);
            for argument in command(entry).get_arguments().filter(|argument| !argument.is_hide_set()) {
                assert!(page.contains(&format!("| `{}", super::spelled(argument).replace('|', "\\|"))), "{argument:?}");
            }
        }
    }
}
