//! Ask what a policy makes of an MCP server, before any call goes there. Nothing is written, and nothing is looked up
//! anywhere but in files.

use gait_contract::Fault;
use gait_contract::trust::{McpVerification, McpVerifyRequest, NamedServer};

use crate::core::Core;
use crate::host::clock;
use crate::host::documents::Documents;

/// Asks. `server` is an id, or the path of a description, which ends in `.json` or begins with `.` or `/`.
pub fn verify(policy: &str, server: &str, risk_class: &str) -> Result<McpVerification, Fault> {
    let server = server.trim();
    // By its spelling alone: a file that appears in the folder must not turn an id into something else.
    let is_path = server.ends_with(".json") || server.starts_with(['.', '/']);
    let server = if is_path { NamedServer::Source(server.into()) } else { NamedServer::Id(server.into()) };
    let request = McpVerifyRequest {
        policy: Some(policy.to_owned()),
        server,
        risk_class: risk_class.to_owned(),
        now: clock::now(),
    };
    Core::load()?.call(&request, &mut Documents::new())
}
