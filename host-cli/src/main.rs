//! The `gait` program: parse, run, render, exit.

use gait_cli::{args, cli, host, render};

fn main() -> std::process::ExitCode {
    let invocation = args::read(std::env::args_os().skip(1));
    let outcome = cli::run(&invocation);
    // Temporary files are gone by now, so a pending Ctrl-C can have its way.
    host::interrupt::die_if_pending();
    let code = render::show(outcome, &invocation.manner());
    std::process::ExitCode::from(code as u8)
}
