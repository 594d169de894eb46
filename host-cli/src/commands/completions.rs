//! `gait completions`.

use clap::Args;
use clap_complete::Shell;
use gait_contract::ExitCode;

use super::Command;
use crate::cli::{self, Plain};
use crate::render::Outcome;

/// The arguments of `gait completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "shell")]
    shell: Shell,
}

impl Command for Completions {
    const SUMMARY: &'static str = "completions for a shell";
    const EXPLAIN: &'static str = "completions prints a script that lets a shell complete gait's commands and flags";
    const USAGE: &'static str = "gait completions <bash|elvish|fish|powershell|zsh> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("source <(gait completions bash)", "for the running bash"),
        ("gait completions fish > ~/.config/fish/completions/gait.fish", "for fish, from now on"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the script was printed")];

    fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli::tree(), "gait", &mut script);
        Ok(Box::new(Plain::new("script", String::from_utf8_lossy(&script).into_owned())))
    }
}
