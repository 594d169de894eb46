//! Regressions: turning a runpack into a fixture, and grading fixtures (regress contract).

mod fixture;
mod graders;
mod init;
mod junit;
mod run;

pub(crate) use init::init;
pub(crate) use run::run;
