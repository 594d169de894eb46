//! The parts of a rule, normalized.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::policy::Verdict;

use super::args::{ArgMatcher, Pointer};
use super::selectors::{RISK_CLASSES, SELECTORS};

/// One rule.
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) priority: i64,
    pub(crate) effect: Verdict,
    pub(crate) matcher: Match,
    pub(crate) reason_codes: Vec<String>,
    pub(crate) violations: Vec<String>,
    pub(crate) min_approvals: u64,
    /// Also true when more than one approval is needed.
    pub(crate) distinct_approvers: bool,
    pub(crate) needs_credential: bool,
    pub(crate) broker_reference: String,
    pub(crate) broker_scopes: Vec<String>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) dataflow: Option<Dataflow>,
    pub(crate) endpoint: Option<Endpoint>,
}

impl Rule {
    /// Whether the rule can match calls of high risk; a rule that names no risk matches every one.
    pub(crate) fn meets_high_risk(&self) -> bool {
        let risks = self.matcher.selectors.get(RISK_CLASSES).map_or(&[][..], Vec::as_slice);
        risks.is_empty() || risks.iter().any(|risk| risk == "high" || risk == "critical")
    }
}

/// What a rule asks of an intent. Empty parts hold for every intent.
#[derive(Default)]
pub(crate) struct Match {
    /// Accepted values of each selector, as sorted sets, by its place in the table.
    pub(crate) selectors: [Vec<String>; SELECTORS.len()],
    pub(crate) workspace_prefixes: Vec<String>,
    pub(crate) args: Vec<ArgMatcher>,
    pub(crate) args_absent: Vec<Pointer>,
}

/// How often calls may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    pub(crate) requests: u64,
    pub(crate) window: Window,
    pub(crate) scope: Scope,
}

/// The time in which calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Window {
    Minute,
    Hour,
}

impl Window {
    /// The word in policies and state files.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
        }
    }

    /// Its length.
    pub(crate) const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
        }
    }
}

/// Which calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Tool,
    Identity,
    ToolIdentity,
}

impl Scope {
    /// The word in policies and state files.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Identity => "identity",
            Self::ToolIdentity => "tool_identity",
        }
    }
}

/// Where tainted arguments may not go.
pub(crate) struct Dataflow {
    pub(crate) tainted_sources: Vec<String>,
    pub(crate) destination_kinds: Vec<String>,
    pub(crate) destination_values: Vec<String>,
    pub(crate) destination_operations: Vec<String>,
    pub(crate) action: Verdict,
    pub(crate) reason_code: String,
    pub(crate) violation: String,
}

/// What a call may touch.
pub(crate) struct Endpoint {
    pub(crate) path_allowlist: Vec<String>,
    pub(crate) path_denylist: Vec<String>,
    pub(crate) domain_allowlist: Vec<String>,
    pub(crate) domain_denylist: Vec<String>,
    pub(crate) egress_classes: Vec<String>,
    pub(crate) action: Verdict,
    pub(crate) destructive_action: Option<Verdict>,
    pub(crate) reason_code: String,
    pub(crate) violation: String,
}
