//! The ticket footer of a runpack that verifies.

use gait_contract::Fault;
use gait_contract::verify::{Footer, ReceiptRequest};
use serde::Serialize;

use crate::core::Core;
use crate::host::files::Files;
use crate::host::paths;

/// The footer and what it is about.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// Always true.
    pub ok: bool,
    /// Path of the archive.
    pub path: String,
    /// The footer.
    #[serde(flatten)]
    pub footer: Footer,
}

/// Makes the footer.
pub fn receipt(argument: &str) -> Result<Receipt, Fault> {
    let path = paths::resolve(argument)?;
    let footer = Core::load()?.call(&ReceiptRequest { archive: path.clone() }, &mut Files::new())?;
    Ok(Receipt { ok: true, path, footer })
}
