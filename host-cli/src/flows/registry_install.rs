//! Install a registry pack: fetch its manifest, have the core trust it, put it into the cache and pin it.

use std::time::Duration;

use gait_contract::intent::Given;
use gait_contract::registry::{RegistryEntry, RegistryInstallRequest};
use gait_contract::{Category, Code, Fault};
use serde::Serialize;

use super::registry::key;
use crate::core::{Core, Session};
use crate::host::documents::Documents;
use crate::host::fetch::{self, Attempts, Failure, Rules};
use crate::host::keys::Source;
use crate::host::pack_cache;

/// Attempts, unless told otherwise.
const ATTEMPTS: u32 = 3;
/// The pause after the first attempt, unless told otherwise.
const PAUSE: Duration = Duration::from_millis(200);

/// What is to be installed, and what is demanded of it.
pub struct Wanted {
    /// Path or address of the manifest.
    pub source: String,
    /// Where the cache is.
    pub cache_dir: Option<String>,
    /// Hosts that may be contacted.
    pub hosts: Vec<String>,
    /// Plain HTTP is allowed, to this machine.
    pub insecure_http: bool,
    /// How often a host is asked; the usual number unless it is positive.
    pub attempts: i64,
    /// Nanoseconds between the first and the second attempt; the usual pause unless they are positive.
    pub pause: i64,
    /// The pinned manifest of the cache will do when the host cannot be reached.
    pub cached_fallback: bool,
    /// Publishers that are allowed.
    pub publishers: Vec<String>,
    /// The expected digest; blank for any.
    pub pin: String,
    /// The publisher's public key.
    pub public: Option<Source>,
    /// The publisher's private key, of which only the public half is used.
    pub private: Option<Source>,
}

/// A pack was installed.
#[derive(Debug, Serialize)]
pub struct Installed {
    /// Always true.
    pub ok: bool,
    /// Where the manifest was said to be.
    pub source: String,
    /// From the manifest.
    pub pack_name: String,
    /// From the manifest.
    pub pack_version: String,
    /// Digest of the normalized manifest.
    pub digest: String,
    /// The normalized publisher.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// The normalized `source` of the manifest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pack_source: String,
    /// Path of the manifest in the cache.
    pub metadata_path: String,
    /// Path of the pin.
    pub pin_path: String,
    /// The host could not be reached, and the cache had the pinned manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_used: Option<bool>,
    /// Where the cache had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_path: Option<String>,
    /// Why the host was of no use; only for people.
    #[serde(skip)]
    pub unreached: Option<String>,
    /// The pin that was there before, when it named another digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_pin: Option<String>,
}

/// A manifest that the core trusts, and why it is not the one that was asked for.
struct Trusted {
    entry: RegistryEntry,
    fallback: Option<(String, Fault)>,
}

/// Installs a pack. Nothing is written unless everything about the manifest is in order.
pub fn install(mut wanted: Wanted) -> Result<Installed, Fault> {
    let cache = pack_cache::folder(wanted.cache_dir.as_deref())?;
    let source = wanted.source.trim().to_owned();
    if source.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "the source is blank"));
    }
    let request = RegistryInstallRequest {
        manifest: Given::Source(source.clone()),
        public_key: key(wanted.public.take(), wanted.private.take())?,
        publishers: std::mem::take(&mut wanted.publishers),
        pin: std::mem::take(&mut wanted.pin),
    };
    // A bad key is the caller's mistake, and no host need be contacted to find that out.
    let mut session = Core::load()?.session()?;
    let trusted = if fetch::is_address(&source) {
        remote(&mut session, &request, &wanted, &source, &cache)?
    } else {
        Trusted { entry: session.call(&request, &mut Documents::new())?, fallback: None }
    };
    store(trusted, &cache, source, request.pin.trim().is_empty())
}

/// What an address brings, or what the cache has in its place.
fn remote(
    session: &mut Session,
    request: &RegistryInstallRequest,
    wanted: &Wanted,
    source: &str,
    cache: &str,
) -> Result<Trusted, Fault> {
    let hosts = wanted.hosts.iter().map(|host| host.trim().to_lowercase()).filter(|host| !host.is_empty());
    let rules = Rules { hosts: hosts.collect(), insecure_http: wanted.insecure_http };
    let attempts = Attempts {
        most: u32::try_from(wanted.attempts).ok().filter(|most| *most > 0).unwrap_or(ATTEMPTS),
        pause: u64::try_from(wanted.pause).ok().filter(|pause| *pause > 0).map_or(PAUSE, Duration::from_nanos),
    };
    let unreached = match fetch::fetch(source, &rules, &attempts) {
        Ok(bytes) => {
            let request = RegistryInstallRequest { manifest: Given::Attached, ..request.clone() };
            let entry = session.call_attached(&request, &bytes, &mut Documents::new());
            return Ok(Trusted { entry: entry.map_err(|fault| fault.at(source))?, fallback: None });
        }
        Err(Failure::Refused(fault)) => return Err(fault.at(source)),
        Err(Failure::Failed(fault)) => fault.at(source),
    };
    if !wanted.cached_fallback {
        return Err(unreached);
    }
    let Some(path) = pack_cache::pinned(cache, &request.pin)? else {
        let hint = if request.pin.trim().is_empty() {
            "the cache stands in only for a manifest whose digest is known: add `--pin`"
        } else {
            "the cache has no manifest with that digest"
        };
        return Err(unreached.hint(hint));
    };
    let request = RegistryInstallRequest { manifest: Given::Source(path.clone()), ..request.clone() };
    let entry = session.call(&request, &mut Documents::new()).map_err(|mut fault| {
        // A cache that changes under us is trouble of its own; the manifest is still not to be trusted.
        if fault.error_category == Category::InvalidInput {
            fault.error_category = Category::VerificationFailed;
        }
        fault
    })?;
    Ok(Trusted { entry, fallback: Some((path, unreached)) })
}

fn store(trusted: Trusted, cache: &str, source: String, unpinned: bool) -> Result<Installed, Fault> {
    let Trusted { entry, fallback } = trusted;
    let metadata_path = pack_cache::manifest_path(cache, &entry.folder);
    let pin_path = pack_cache::pin_path(cache, &entry.pack_name);
    // What cannot be read as a pin cannot be replaced by one either, and that is told when it is tried.
    let before = pack_cache::pin(&pin_path).unwrap_or_default().map(|pin| pin.trim().to_owned());
    let moved = |before: &String| unpinned && *before != entry.pin_text.trim();
    let previous_pin = before.filter(moved);
    pack_cache::store(&metadata_path, entry.manifest_text.as_bytes(), &pin_path, entry.pin_text.as_bytes())?;
    let (fallback_path, unreached) = fallback.map(|(path, fault)| (path, fault.error.clone())).unzip();
    Ok(Installed {
        ok: true,
        source,
        pack_name: entry.pack_name,
        pack_version: entry.pack_version,
        digest: entry.digest,
        publisher: entry.publisher,
        pack_source: entry.pack_source,
        metadata_path,
        pin_path,
        fallback_used: fallback_path.is_some().then_some(true),
        fallback_path,
        unreached,
        previous_pin,
    })
}
