//! The `gait` program: parse, run, render, exit.

use gait_cli::host::events::Call;
use gait_cli::render::json;
use gait_cli::{args, cli, host, render};

fn main() -> std::process::ExitCode {
    let invocation = args::read(std::env::args_os().skip(1));
    let call = Call::start(&invocation.words, || json::correlation_id(&invocation.words));
    let outcome = cli::run(&invocation);
    // Temporary files are gone by now, so a pending Ctrl-C can have its way.
    host::interrupt::die_if_pending();
    let cause = outcome.as_ref().err().map(|failure| failure.fault.error_category);
    let code = render::show(outcome, &invocation.manner());
    if let Some(call) = call {
        call.end(code, cause);
    }
    std::process::ExitCode::from(code as u8)
}
