//! Check a registry manifest, and list what the cache holds.

use std::collections::BTreeMap;
use std::path::Path;

use gait_contract::intent::Given;
use gait_contract::registry::{RegistryReport, RegistryVerifyRequest};
use gait_contract::{Category, Code, Fault};
use serde::Serialize;

use super::trace;
use crate::core::{Core, Session};
use crate::host::documents::Documents;
use crate::host::keys::Source;
use crate::host::{fs, pack_cache, paths};

/// What a manifest is held against.
pub struct Check {
    /// The manifest.
    pub path: String,
    /// The cache whose pin counts.
    pub cache_dir: Option<String>,
    /// Publishers that are allowed.
    pub publishers: Vec<String>,
    /// Where the report goes.
    pub report_out: Option<String>,
    /// The publisher's public key.
    pub public: Option<Source>,
    /// The publisher's private key, of which only the public half is used.
    pub private: Option<Source>,
}

/// A manifest was looked at.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Path of the manifest.
    pub metadata_path: String,
    /// Path of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_path: Option<String>,
    /// What was found.
    #[serde(flatten)]
    pub report: RegistryReport,
}

/// The key that a manifest is held against; there has to be one.
pub(super) fn key(public: Option<Source>, private: Option<Source>) -> Result<String, Fault> {
    trace::key(public, private)?
        .ok_or_else(|| Fault::new(Code::KeyMissing, "a manifest is signed, so there has to be a key to check it with"))
}

/// Checks a manifest: signature, pin and publisher.
pub fn verify(check: Check) -> Result<Checked, Fault> {
    let key = key(check.public, check.private)?;
    let metadata_path = check.path.trim().to_owned();
    let mut request = RegistryVerifyRequest {
        manifest: Given::Source(metadata_path.clone()),
        public_key: Some(key),
        publishers: check.publishers,
        pin: None,
        pin_path: String::new(),
        metadata_path: metadata_path.clone(),
        producer_version: Core::producer_version(),
    };
    let mut session = Core::load()?.session()?;
    // Read once: both questions are about the same bytes.
    let mut documents = Documents::new();
    let mut report = session.call(&request, &mut documents)?;
    let cache = match check.cache_dir {
        Some(named) => Some(pack_cache::folder(Some(&named))?),
        None => pack_cache::around(&metadata_path, &report.pack_name, &report.pack_version, &report.digest),
    };
    if let Some(cache) = cache {
        request.pin_path = pack_cache::pin_path(&cache, &report.pack_name);
        request.pin = pack_cache::pin(&request.pin_path)?;
        report = session.call(&request, &mut documents)?;
    }
    let report_path = check.report_out.map(|path| paths::clean(path.trim()));
    if let Some(path) = &report_path {
        fs::write_with_folders(Path::new(path), report.report_text.as_bytes())?;
    }
    report.report_text.clear();
    report.failure_reasons.clear();
    Ok(Checked { metadata_path, report_path, report })
}

/// What the cache holds.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Always true.
    pub ok: bool,
    /// Sorted by name, version and digest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<Pack>,
}

/// One manifest in the cache.
#[derive(Debug, Serialize)]
pub struct Pack {
    /// From the manifest.
    pub pack_name: String,
    /// From the manifest.
    pub pack_version: String,
    /// Computed from the manifest; the folder's name is not believed.
    pub digest: String,
    /// Path of the manifest.
    pub metadata_path: String,
    /// Path of the pin of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_path: Option<String>,
    /// The pin as it is spelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_digest: Option<String>,
    /// The pin names this digest.
    pub pin_verified: bool,
}

/// Lists the cache. Signatures are not looked at.
pub fn list(cache_dir: Option<&str>) -> Result<Listed, Fault> {
    let cache = pack_cache::folder(cache_dir)?;
    let paths = pack_cache::manifests(&cache)?;
    let mut packs = Vec::new();
    if !paths.is_empty() {
        let mut session = Core::load()?.session()?;
        let mut pins = BTreeMap::new();
        for path in paths {
            packs.extend(pack(&mut session, &cache, path, &mut pins)?);
        }
    }
    packs.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    Ok(Listed { ok: true, packs })
}

impl Pack {
    fn sort_key(&self) -> (&str, &str, &str) {
        (&self.pack_name, &self.pack_version, &self.digest)
    }
}

/// A manifest of the cache; `None` for what is no valid one.
fn pack(
    session: &mut Session,
    cache: &str,
    metadata_path: String,
    pins: &mut BTreeMap<String, Option<String>>,
) -> Result<Option<Pack>, Fault> {
    let mut documents = Documents::new();
    let mut request = RegistryVerifyRequest {
        manifest: Given::Source(metadata_path.clone()),
        public_key: None,
        publishers: Vec::new(),
        pin: None,
        pin_path: String::new(),
        metadata_path: String::new(),
        producer_version: String::new(),
    };
    let mut report = match session.call(&request, &mut documents) {
        Ok(report) => report,
        Err(fault) if fault.error_category == Category::InvalidInput => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let pin_path = pack_cache::pin_path(cache, &report.pack_name);
    let pin = match pins.get(&pin_path) {
        Some(pin) => pin.clone(),
        None => pins.entry(pin_path.clone()).or_insert(pack_cache::pin(&pin_path)?).clone(),
    };
    if pin.is_some() {
        request.pin = pin;
        report = session.call(&request, &mut documents)?;
    }
    Ok(Some(Pack {
        pack_name: report.pack_name,
        pack_version: report.pack_version,
        digest: report.digest,
        metadata_path,
        pin_path: report.pin_present.then_some(pin_path),
        pin_digest: report.pin_present.then_some(report.pin_digest),
        pin_verified: report.pin_verified,
    }))
}
