//! Verify an evidence pack: find the keys, and let the core say what was shown.

use gait_contract::Fault;
use gait_contract::guard::{PackReport, PackVerifyRequest};

use super::chain::{Part, ask};
use super::verify::{self, Demand};

/// Verifies a pack. Beside the report stands what is odd about the caller's own key.
pub fn verify(path: &str, demand: &Demand) -> Result<(Part<PackReport>, Option<String>), Fault> {
    let keys = verify::keys(demand)?;
    let request = PackVerifyRequest {
        pack: path.to_owned(),
        public_key: keys.named_text(),
        require_signature: keys.require_signature(),
        run_id: None,
        members: false,
    };
    Ok((ask(path, &request)?, keys.warning))
}
