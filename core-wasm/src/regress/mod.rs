//! Regressions: turning a runpack into a fixture, and grading fixtures.

use gait_contract::Fault;
use gait_contract::regress::{RegressInit, RegressInitRequest, RegressReport, RegressRunRequest};
use crate::task::Host;
pub(crate) async fn init(_: &Host, _: RegressInitRequest) -> Result<RegressInit, Fault> { Err(Fault::new(gait_contract::Code::UnknownOp, "")) }
pub(crate) async fn run(_: &Host, _: RegressRunRequest) -> Result<RegressReport, Fault> { Err(Fault::new(gait_contract::Code::UnknownOp, "")) }
