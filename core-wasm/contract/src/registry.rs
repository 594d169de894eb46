//! Registry packs: signed manifests that name artifacts by path and digest, and checking them.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::intent::Given;
use crate::op::call;
use crate::runpack::Signature;
use crate::{FreeObject, Timestamp, is_false};

/// `schema_id` of a registry pack's manifest.
pub const PACK_SCHEMA: &str = "gait.registry.pack";
/// `schema_id` of the report about a manifest.
pub const REPORT_SCHEMA: &str = "gait.registry.verification_report";
/// Name of a manifest's file in the cache.
pub const MANIFEST_FILE: &str = "registry_pack.json";
/// Folder of the pins in the cache, which no pack may be named after.
pub const PINS: &str = "pins";

/// `registry_pack.json` (schemas contract, B.17).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RegistryPack {
    /// `gait.registry.pack`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When the pack was published.
    pub created_at: Timestamp,
    /// Who wrote the manifest.
    pub producer_version: String,
    /// Name of the pack; one component of a path.
    pub pack_name: String,
    /// Version of the pack; one component of a path.
    pub pack_version: String,
    /// What kind of pack: `skill`, `policy`, …; lower case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pack_type: String,
    /// Who published it; lower case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// Where it comes from; lower case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How dangerous its publisher holds it to be; not looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub risk_class: String,
    /// What it is for; not looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub use_case: String,
    /// What it works with; not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compatibility: Vec<String>,
    /// How it was made; not looked at.
    #[serde(skip_serializing_if = "crate::free::is_absent")]
    pub provenance: Option<FreeObject>,
    /// The artifacts; not fetched and not checked.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RegistryArtifact>"))]
    pub artifacts: Option<Vec<RegistryArtifact>>,
    /// Signatures over the canonical, normalized manifest without this field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One artifact of a registry pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RegistryArtifact {
    /// Where it stands in the pack.
    pub path: String,
    /// SHA-256 of its bytes.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub sha256: String,
    /// What it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub media_type: String,
}

/// Asks what a manifest is worth (registry contract, sections 1, 2 and 7). What breaks a rule of section 1 is a
/// fault; everything else is told in the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryVerifyRequest {
    /// The manifest.
    pub manifest: Given,
    /// Base64 of the public key that signatures are held against; without one no signature counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Publishers that are allowed; none that is not blank allows all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publishers: Vec<String>,
    /// Content of the pin that the digest is held against; without one there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Where that pin is or would be, for the report.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pin_path: String,
    /// Where the manifest is, for the report; without it there is no report.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub metadata_path: String,
    /// Version of the program, for the report.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub producer_version: String,
}

/// What checking a manifest showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryReport {
    /// A signature verifies, the pin fits if there is one, and the publisher is allowed.
    pub ok: bool,
    /// From the manifest.
    pub pack_name: String,
    /// From the manifest.
    pub pack_version: String,
    /// Digest of the normalized manifest without its signatures.
    pub digest: String,
    /// Where the pin is or would be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pin_path: String,
    /// The pin as it is spelled, without white space around it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pin_digest: String,
    /// There is a pin.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pin_present: bool,
    /// The pin names the digest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pin_verified: bool,
    /// A signature by the key verifies.
    #[serde(default, skip_serializing_if = "is_false")]
    pub signature_verified: bool,
    /// Why no signature counts, or why the publisher is refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature_error: String,
    /// The normalized publisher.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// The normalized `source` of the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pack_source: String,
    /// The publisher is on the list, or there is none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub publisher_allowed: bool,
    /// Out of `pin_mismatch`, `publisher_not_allowed`, `signature_not_verified`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_reasons: Vec<String>,
    /// Text of the verification report, if the request says where the manifest is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub report_text: String,
}
call!(RegistryVerifyRequest, "registry.verify", RegistryReport);

/// Asks for what goes into the cache. A manifest that cannot be trusted is a fault, whatever is wrong with it: rules of
/// the manifest first, then publisher, pin and signature (registry contract, section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryInstallRequest {
    /// The manifest as it was fetched.
    pub manifest: Given,
    /// Base64 of the public key that signatures are held against.
    pub public_key: String,
    /// Publishers that are allowed; none that is not blank allows all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publishers: Vec<String>,
    /// The digest that is expected; a blank one is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pin: String,
}

/// What goes into the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryEntry {
    /// From the manifest.
    pub pack_name: String,
    /// From the manifest.
    pub pack_version: String,
    /// Digest of the normalized manifest without its signatures.
    pub digest: String,
    /// The normalized publisher.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// The normalized `source` of the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pack_source: String,
    /// Where the manifest belongs below the cache folder: its folder, parts separated by `/`.
    pub folder: String,
    /// Text of the manifest's file.
    pub manifest_text: String,
    /// Text of the pin's file.
    pub pin_text: String,
}
call!(RegistryInstallRequest, "registry.install", RegistryEntry);

/// `registry verify --report-out` (schemas contract, B.18).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct VerificationReport {
    /// `gait.registry.verification_report`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// Always 1980, so that equal inputs give equal reports.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// From the manifest.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub pack_name: String,
    /// From the manifest.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub pack_version: String,
    /// Digest of the normalized manifest without its signatures.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub digest: String,
    /// Where the manifest is.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub metadata_path: String,
    /// Where the pin is or would be.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pin_path: String,
    /// The pin as it is spelled.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pin_digest: String,
    /// There is a pin.
    pub pin_present: bool,
    /// The pin names the digest.
    pub pin_verified: bool,
    /// A signature by the key verifies.
    pub signature_verified: bool,
    /// The normalized publisher.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// The normalized `source` of the manifest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The publisher is on the list, or there is none.
    pub publisher_allowed: bool,
    /// `pass` or `fail`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["pass", "fail"])))]
    pub status: String,
    /// Out of `pin_mismatch`, `publisher_not_allowed`, `signature_not_verified`; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failure_reasons: Vec<String>,
}
