//! Policies as hosts see them: verdicts, what is wrong with a policy's text, and the operations on a policy alone.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;

/// `schema_id` of a policy.
pub const POLICY_SCHEMA: &str = "gait.gate.policy";

/// What a policy says about a call, from the mildest to the most severe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The call may be executed.
    Allow,
    /// The call may be prepared, and is never executed.
    DryRun,
    /// The call waits until somebody approves it.
    RequireApproval,
    /// The call is refused.
    #[default]
    Block,
}

impl Verdict {
    /// All verdicts, from the mildest to the most severe.
    pub const ALL: [Self; 4] = [Self::Allow, Self::DryRun, Self::RequireApproval, Self::Block];

    /// The word in policies, traces and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::DryRun => "dry_run",
            Self::RequireApproval => "require_approval",
            Self::Block => "block",
        }
    }
}

/// Something about a policy's text that its author should know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Problem {
    /// Stable name of the kind of problem.
    pub code: ProblemCode,
    /// What is wrong, in the author's terms.
    pub message: String,
    /// What to do about it, for example the nearest known key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column of the first character meant, counted in characters from 1.
    pub column: u32,
    /// Number of characters meant on that line, at least 1.
    pub length: u32,
    /// The source line as it stands, without its line end.
    pub source: String,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The text is not YAML, or uses a part of YAML that policies do without.
    #[default]
    YamlSyntax,
    /// The text is not UTF-8, begins with a byte-order mark, or holds control characters.
    YamlEncoding,
    /// The text, its nesting, or what its aliases stand for is too large.
    YamlTooLarge,
    /// An alias without its anchor, inside its own anchor, or a merge that collides.
    YamlAlias,
    /// A second document follows.
    YamlSecondDocument,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// gait does not know the key.
    UnknownKey,
    /// A value of another type than the key takes.
    WrongType,
    /// A value that the key does not take.
    UnknownValue,
    /// Something that must be there is not.
    MissingValue,
    /// A number outside its range.
    OutOfRange,
    /// A pattern that no value can match as written.
    MalformedPattern,
    /// A JSON pointer that is none (RFC 6901).
    MalformedPointer,
    /// Settings that have no effect as they stand (a warning).
    NoEffect,
}

/// Reads a policy, compiles it, and keeps it in the instance for the `gate` operations that name none.
/// A policy that is not valid is a fault `policy_invalid` with all its problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyLoadRequest {
    /// Source of the policy.
    pub policy: String,
}

/// What a valid policy is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyReport {
    /// Always true: a policy that is not valid is a fault.
    pub ok: bool,
    /// Digest of the normalized policy (gate contract, 3.3).
    pub policy_digest: String,
    /// The verdict where no rule matches.
    pub default_verdict: Verdict,
    /// Number of rules.
    pub rules: u64,
    /// Source of the snapshot that says which MCP servers are trusted; empty when the policy asks for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trust_snapshot: String,
    /// What the author should know, although the policy is valid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}
call!(PolicyLoadRequest, "policy.load", PolicyReport);

/// Puts a policy's text into the one layout, keeping its comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyFormatRequest {
    /// Source of the policy.
    pub policy: String,
}

/// A policy in the one layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormattedPolicy {
    /// The text.
    pub text: String,
    /// The text differs from what was read.
    pub changed: bool,
    /// Digest of the policy; the same before and after.
    pub policy_digest: String,
}
call!(PolicyFormatRequest, "policy.format", FormattedPolicy);
