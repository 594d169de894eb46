//! Server trust: what is known about MCP servers, and what a policy makes of it (mcp contract, section 8).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::policy::Verdict;
use crate::{Timestamp, is_false, is_zero};

/// `schema_id` of a trust snapshot.
pub const TRUST_SNAPSHOT_SCHEMA: &str = "gait.mcp.trust_snapshot";
/// The violation of a call whose server a policy does not trust.
pub const TRUST_VIOLATION: &str = "mcp_trust_policy";

/// `gait.mcp.trust_snapshot`: what scanners and registries found out about MCP servers, collected beforehand. gait reads
/// it, and looks nothing up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TrustSnapshot {
    /// `gait.mcp.trust_snapshot`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When it was put together; not looked at.
    pub created_at: Timestamp,
    /// Who put it together; not looked at.
    pub producer_version: String,
    /// The servers, each once.
    pub entries: Vec<TrustEntry>,
}

/// What is known about one server. It is known by its id, or by its name where it has no id; upper and lower case are
/// the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TrustEntry {
    /// Its id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// Who publishes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// Where this is known from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// `trusted`, `allow` or `pass`; any other word is a refusal. Absent: nothing is held against it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// When it was last looked at.
    pub updated_at: Timestamp,
    /// How well it did, from 0 to 1.
    #[serde(skip_serializing_if = "is_nothing")]
    pub score: f64,
    /// Where the evidence is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence_path: String,
    /// What verifying its registry pack came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_verification: Option<RegistryVerification>,
}

/// The part of a registry verification report that trust rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RegistryVerification {
    /// A signature by the expected key verifies.
    pub signature_verified: bool,
    /// The publisher may publish.
    pub publisher_allowed: bool,
    /// There is a pin.
    pub pin_present: bool,
    /// The pin names the digest.
    pub pin_verified: bool,
}

/// What is known about a server, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrustStatus {
    /// The call names no server, or the snapshot is not there.
    #[default]
    Missing,
    /// The snapshot is not valid, or the server's registry pack is not verified.
    Invalid,
    /// The snapshot does not list the server.
    Unknown,
    /// Its status or publisher is not trusted.
    Untrusted,
    /// What is known is too old.
    Stale,
    /// Its score is too low.
    BelowThreshold,
    /// It has everything that the policy wants.
    Trusted,
}

impl TrustStatus {
    /// The word in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
            Self::Untrusted => "untrusted",
            Self::Stale => "stale",
            Self::BelowThreshold => "below_threshold",
            Self::Trusted => "trusted",
        }
    }
}

/// What a policy makes of a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ServerTrust {
    /// The server's id, as the snapshot spells it if it is listed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
    /// Its name, likewise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// Who publishes it, in lower case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// Where this is known from, in lower case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The outcome in one word.
    pub status: TrustStatus,
    /// The evidence that the snapshot names for the server, else the snapshot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decision_source: String,
    /// Its score.
    #[serde(skip_serializing_if = "is_nothing")]
    pub score: f64,
    /// The score the policy wants.
    #[serde(skip_serializing_if = "is_nothing")]
    pub threshold: f64,
    /// When it was last looked at.
    #[serde(skip_serializing_if = "Timestamp::is_zero")]
    pub updated_at: Timestamp,
    /// How old that may be, in whole seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_age_seconds: u64,
    /// The policy wants a trusted server for calls of this risk class.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// The check failed and is required, so the verdict is at least the policy's `action`.
    #[serde(skip_serializing_if = "is_false")]
    pub enforced: bool,
    /// Its registry pack is verified; looked at only when the policy wants it.
    #[serde(skip_serializing_if = "is_false")]
    pub registry_verified: bool,
    /// Its publisher is on the policy's list; looked at only when there is one.
    #[serde(skip_serializing_if = "is_false")]
    pub publisher_allowed: bool,
    /// Why, as a sorted set.
    pub reason_codes: Vec<String>,
    /// What is wrong with the snapshot, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

fn is_nothing(value: &f64) -> bool {
    *value == 0.0
}

/// Which server is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NamedServer {
    /// The one with this id.
    Id(String),
    /// The one that this source describes: an object with `server_id`, `server_name` or both.
    Source(String),
}

/// Says what a policy makes of a server, before any call goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpVerifyRequest {
    /// Source of the policy; when absent, the policy that the instance loaded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The server.
    pub server: NamedServer,
    /// Risk class of the calls it would get; blank for the most severe one that the policy requires trust for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub risk_class: String,
    /// The time now.
    #[serde(default)]
    pub now: Timestamp,
}

/// What a policy makes of a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpVerification {
    /// The policy lets calls go there.
    pub ok: bool,
    /// The server's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// `local_snapshot`; empty when the policy does not ask for trust.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trust_model: String,
    /// The snapshot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub snapshot_path: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Risk class that was assumed.
    pub risk_class: String,
    /// The verdict that trust alone comes to; rules are not looked at.
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reason_codes: Vec<String>,
    /// What a call there would violate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
    /// The whole story; absent when the policy does not ask for trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_trust: Option<ServerTrust>,
}
call!(McpVerifyRequest, "mcp.verify", McpVerification);
