//! `gait help`.

use clap::Args;
use gait_contract::ExitCode;

use super::Command;
use crate::args::Target;
use crate::cli::{self, GROUPS, Plain};
use crate::render::Outcome;

/// The arguments of `gait help`.
#[derive(Debug, Args)]
pub struct Help {
    /// The command, such as `run record`
    #[arg(value_name = "command")]
    words: Vec<String>,
}

impl Command for Help {
    const SUMMARY: &'static str = "this list, or the page of a command";
    const EXPLAIN: &'static str = "help lists the commands, or tells how one of them is used";
    const USAGE: &'static str = "gait help [command] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait help", "lists the commands"), ("gait help run record", "tells about one of them")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the page was printed")];

    fn run(self) -> Outcome {
        let path = self.words.join(" ");
        let target = match cli::find(&path) {
            Some(entry) => Target::Command(entry),
            None if path.is_empty() => Target::Group(""),
            None => match GROUPS.iter().find(|group| group.name == path) {
                Some(group) => Target::Group(group.name),
                None => return Err(cli::unknown_command("", &path).into()),
            },
        };
        Ok(Box::new(Plain::new("usage", cli::help(target))))
    }
}
