//! The first win: a runpack whose every byte is known in advance, except for who signs it.

use gait_contract::Fault;
use gait_contract::runpack::DemoRequest;
use serde::Serialize;

use super::record::{Written, finish};
use super::signing::Signing;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::{interrupt, paths};

/// The demo was written and verified.
#[derive(Debug, Serialize)]
pub struct Demo {
    /// The runpack.
    #[serde(flatten)]
    pub written: Written,
    /// Always `ok`; anything else is a fault.
    pub verify: &'static str,
}

/// Writes the demo.
pub fn demo(signing: Signing) -> Result<Demo, Fault> {
    interrupt::hold();
    let core = Core::load()?;
    let mut files = Files::new().writing_into_new(paths::OUT_DIR).signing_with(signing.key);
    let recorded =
        core.call(&DemoRequest { signing: signing.place }, &mut files).map_err(|fault| files.explain(fault))?;
    Ok(Demo { written: finish(&core, files, recorded, paths::OUT_DIR, signing.warnings)?, verify: "ok" })
}
