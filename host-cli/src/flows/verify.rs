//! Verify a runpack: find it, find the keys, and let the core say what was shown.

use gait_contract::verify::{VerifyReport, VerifyRequest};
use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::core::Core;
use crate::host::files::Files;
use crate::host::keys::{PublicKey, Source};
use crate::host::{development, paths};

/// How much is demanded of signatures.
#[derive(Debug, Default)]
pub struct Demand {
    /// A signature that verifies, and a key to hold it against.
    pub strict: bool,
    /// A signature that verifies.
    pub require_signature: bool,
    /// The signer's public key.
    pub public_key: Option<Source>,
    /// The signer's private key, of which only the public half is used.
    pub private_key: Option<Source>,
}

/// The keys that signatures are held against.
pub struct Keys {
    named: Option<PublicKey>,
    own: Option<PublicKey>,
    require_signature: bool,
    /// Why the caller's own key could not be used.
    pub warning: Option<String>,
}

impl Keys {
    /// True when the caller named a key.
    pub fn are_named(&self) -> bool {
        self.named.is_some()
    }

    /// The named key, base64.
    pub fn named_text(&self) -> Option<String> {
        self.named.as_ref().map(PublicKey::text)
    }

    /// True when a signature that verifies is demanded.
    pub fn require_signature(&self) -> bool {
        self.require_signature
    }
}

/// A runpack was looked at.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// Path of the archive.
    pub path: String,
    /// What was found.
    #[serde(flatten)]
    pub report: VerifyReport,
}

/// Reads the keys that are demanded.
pub fn keys(demand: &Demand) -> Result<Keys, Fault> {
    let named = match (&demand.public_key, &demand.private_key) {
        // The public source wins; then the private one is not even read.
        (Some(source), _) => Some(source.public()?),
        (None, Some(source)) => Some(source.private()?.public()),
        (None, None) if demand.strict => {
            return Err(Fault::new(Code::KeyMissing, "profile strict needs a key to check signatures with"));
        }
        (None, None) => None,
    };
    let (own, warning) = match development::public() {
        Ok(found) => (found.map(|(key, _)| key), None),
        Err(fault) => (None, Some(format!("your own development key cannot be used: {}", fault.error))),
    };
    Ok(Keys { named, own, require_signature: demand.strict || demand.require_signature, warning })
}

/// Verifies the runpack that an argument names.
pub fn verify(argument: &str, keys: &Keys) -> Result<Verified, Fault> {
    let path = paths::resolve(argument)?;
    let request = VerifyRequest {
        archive: path.clone(),
        public_key: keys.named_text(),
        own_keys: keys.own.iter().map(PublicKey::text).collect(),
        require_signature: keys.require_signature,
    };
    let report = Core::load()?.call(&request, &mut Files::new())?;
    Ok(Verified { path, report })
}
