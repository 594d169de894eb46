//! Policies: read once into rules that cannot be wrong, compiled into an index, evaluated against intents.
//!
//! `read` turns text into rules and says everything that is wrong with it, `digest` names them, `index` finds the
//! rules that can match, `evaluate` decides, `explain` says why. Approvals, limits and credentials are the gate's.

mod args;
mod constraints;
mod digest;
mod evaluate;
mod explain;
mod format;
mod index;
mod problems;
mod read;
mod rule;
mod selectors;
mod trust;

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::policy::{FormattedPolicy, PolicyFormatRequest, PolicyLoadRequest, PolicyReport, Problem, Verdict};
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::task::Host;
pub(crate) use evaluate::{Evaluation, as_set};
pub(crate) use explain::explain;
use index::Index;
pub(crate) use problems::Reader;
pub(crate) use read::{SOURCES, TARGET_KINDS, places};
use rule::Rule;
pub(crate) use rule::{RateLimit, Scope};
pub(crate) use trust::Trust;

/// A policy that can decide.
pub(crate) struct Policy {
    /// Digest of the normalized policy (gate contract, 3.3).
    pub(crate) digest: String,
    /// The verdict where no rule matches.
    pub(crate) default_verdict: Verdict,
    fail_closed: FailClosed,
    trust: Option<Trust>,
    /// Sorted by priority, then name.
    rules: Vec<Rule>,
    index: Index,
    /// What the author should know.
    pub(crate) warnings: Vec<Problem>,
}

/// What has to be there before a risky call is judged at all.
#[derive(Default)]
struct FailClosed {
    enabled: bool,
    risk_classes: Vec<String>,
    required_fields: Vec<String>,
}

impl Policy {
    /// Reads and compiles a policy's text.
    pub(crate) fn read(text: &[u8]) -> Result<Self, Vec<Problem>> {
        let draft = read::read(text).map_err(|mut problems| {
            crate::yaml::quote_only_if(text, &read::POLICY, &mut problems);
            problems
        })?;
        let digest = digest::digest(&draft);
        let index = Index::of(&draft.rules);
        Ok(Self {
            digest,
            default_verdict: draft.default_verdict,
            fail_closed: draft.fail_closed,
            trust: draft.trust,
            rules: draft.rules,
            index,
            warnings: draft.warnings,
        })
    }

    /// Every rule, in the order in which they are looked at.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What it wants of MCP servers, if anything.
    pub(crate) fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref()
    }

    /// Every tool that a rule names, as it is compared.
    pub(crate) fn tool_names(&self) -> impl Iterator<Item = &str> {
        let selectors = self.rules.iter().filter_map(|rule| rule.matcher.selectors.get(selectors::TOOL_NAMES));
        selectors.flatten().map(String::as_str)
    }
}

/// Reads the policy of a source.
pub(crate) async fn open(host: &Host, source: &str) -> Result<Policy, Fault> {
    let text = document::read_within(host, source, limits::POLICY_BYTES).await?;
    Policy::read(&text).map_err(|problems| invalid(source, problems))
}

/// The policy a request names, or the one its instance keeps.
pub(crate) async fn named(host: &Host, source: Option<&str>) -> Result<Rc<Policy>, Fault> {
    match source {
        Some(source) => Ok(Rc::new(open(host, source).await?)),
        None => host
            .kept::<Policy>()
            .ok_or_else(|| Fault::new(Code::PolicyMissing, "the request names no policy, and none was loaded before")),
    }
}

fn invalid(source: &str, problems: Vec<Problem>) -> Fault {
    let Some(first) = problems.first() else {
        return Fault::new(Code::PolicyInvalid, "the policy is not valid").at(source);
    };
    let more = match problems.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let mut fault = Fault::new(Code::PolicyInvalid, format!("the policy is not valid: {}{more}", first.message))
        .at(format!("{source}:{}:{}", first.line, first.column));
    if !first.help.is_empty() {
        fault = fault.hint(first.help.clone());
    }
    fault.problems = problems;
    fault
}

/// Answers op `policy.load`.
pub(crate) async fn load(host: &Host, request: PolicyLoadRequest) -> Result<PolicyReport, Fault> {
    let policy = Rc::new(open(host, &request.policy).await?);
    host.keep(policy.clone());
    Ok(PolicyReport {
        ok: true,
        policy_digest: policy.digest.clone(),
        default_verdict: policy.default_verdict,
        rules: policy.rules.len() as u64,
        trust_snapshot: policy.trust().map(|trust| trust.snapshot.clone()).unwrap_or_default(),
        warnings: policy.warnings.clone(),
    })
}

/// Answers op `policy.format`.
pub(crate) async fn format(host: &Host, request: PolicyFormatRequest) -> Result<FormattedPolicy, Fault> {
    let text = document::read_within(host, &request.policy, limits::POLICY_BYTES).await?;
    let refused = |problems| invalid(&request.policy, problems);
    let policy = Policy::read(&text).map_err(refused)?;
    // Only text gets here: whatever is no UTF-8 was refused just now.
    let text = String::from_utf8(text).unwrap_or_default();
    let formatted = format::format(&text).map_err(refused)?;
    let after = Policy::read(formatted.as_bytes()).map_err(refused)?;
    if after.digest != policy.digest {
        return Err(Fault::new(
            Code::InternalFailure,
            "formatting would change what the policy means; it stays as it is",
        )
        .at(request.policy));
    }
    Ok(FormattedPolicy { changed: formatted != text, text: formatted, policy_digest: policy.digest })
}

#[cfg(test)]
mod tests;
