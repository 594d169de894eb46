//! Count an adoption log.

use gait_contract::Fault;
use gait_contract::events::{AdoptionReport, AdoptionRequest};

use crate::core::Core;
use crate::host::files::Files;

/// Counts the log; nothing of it leaves this machine.
pub fn report(log: &str) -> Result<AdoptionReport, Fault> {
    let request = AdoptionRequest { log: log.trim().to_owned(), producer_version: Core::producer_version() };
    Core::load()?.call(&request, &mut Files::new())
}
