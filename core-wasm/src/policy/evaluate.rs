//! The verdict of a policy about an intent (gate contract, 3.5), before approvals, limits and credentials.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::policy::Verdict;

use super::constraints::{self, Fired};
use super::rule::{RateLimit, Rule};
use super::selectors::{Fact, Facts, SELECTORS};
use super::{Policy, constraints::dataflow};
use crate::intent::Intent;
use crate::json::Canonical;
use crate::order;
use crate::text::lower;

/// What a policy says about an intent.
#[derive(Default)]
pub(crate) struct Evaluation {
    pub(crate) verdict: Verdict,
    /// A sorted set.
    pub(crate) reasons: Vec<String>,
    /// A sorted set.
    pub(crate) violations: Vec<String>,
    /// Names of the rules that decided, sorted and joined by `,`; empty when none did.
    pub(crate) matched_rule: String,
    /// How many approvals the call needs.
    pub(crate) min_approvals: u64,
    pub(crate) distinct_approvers: bool,
    pub(crate) needs_credential: bool,
    pub(crate) broker_reference: String,
    /// A sorted set.
    pub(crate) broker_scopes: Vec<String>,
    pub(crate) rate_limit: Option<RateLimit>,
}

/// What one matching rule says.
pub(crate) struct RuleVerdict<'p> {
    pub(crate) rule: &'p Rule,
    pub(crate) verdict: Verdict,
    pub(crate) fired: Vec<Fired<'p>>,
}

impl Policy {
    /// The verdict about an intent. Looks only at rules that can match.
    pub(crate) fn evaluate(&self, intent: &Intent) -> Evaluation {
        let missing = self.missing(intent);
        if !missing.is_empty() {
            return closed(&missing);
        }
        let facts = Facts::of(intent);
        let mut best: Vec<RuleVerdict> = Vec::new();
        for rule in self.index.candidates(&facts).filter_map(|number| self.rules.get(number as usize)) {
            // Only the best priority decides, and candidates come in its order.
            if best.first().is_some_and(|first| first.rule.priority != rule.priority) {
                break;
            }
            if rule.holds(&facts, intent) {
                best.push(rule.judge(intent));
            }
        }
        self.conclude(&best)
    }

    /// Whether every call of this tool is blocked by its name alone, whatever else the call says.
    pub(crate) fn always_blocks(&self, tool_name: &str) -> bool {
        // Rules come in the order of their priority, and of those with the best one the most severe verdict holds.
        for same in self.rules.chunk_by(|one, other| one.priority == other.priority) {
            let mut possible = same.iter().filter(|rule| rule.may_match_tool(tool_name));
            if possible.clone().any(|rule| rule.effect == Verdict::Block && rule.matches_by_tool_alone()) {
                return true;
            }
            if possible.any(|rule| rule.effect != Verdict::Block) {
                return false;
            }
        }
        self.default_verdict == Verdict::Block
    }

    /// What failing closed misses: pairs of reason code and violation.
    pub(crate) fn missing(&self, intent: &Intent) -> Vec<(&'static str, &'static str)> {
        let mut missing = Vec::new();
        let conditions = &self.fail_closed;
        if !conditions.enabled || !conditions.risk_classes.contains(&intent.context.risk_class) {
            return missing;
        }
        let requires = |field: &str| conditions.required_fields.iter().any(|one| one == field);
        let unknown_class = intent.targets.iter().any(|target| target.target.endpoint_class == "other");
        if requires("targets") && intent.targets.is_empty() {
            missing.push(("fail_closed_missing_targets", "missing_targets"));
        }
        if requires("arg_provenance") && intent.arg_provenance.is_empty() {
            missing.push(("fail_closed_missing_arg_provenance", "missing_arg_provenance"));
        }
        if requires("endpoint_class") && unknown_class {
            missing.push(("fail_closed_missing_endpoint_class", "missing_endpoint_class"));
        }
        if unknown_class {
            missing.push(("fail_closed_endpoint_class_unknown", "endpoint_class_unknown"));
        }
        missing
    }

    /// The evaluation that the matching rules of the best priority come to.
    pub(crate) fn conclude(&self, matching: &[RuleVerdict]) -> Evaluation {
        let Some(verdict) = matching.iter().map(|one| one.verdict).max() else {
            return self.by_default();
        };
        let mut evaluation = Evaluation { verdict, ..Evaluation::default() };
        let mut names: Vec<String> = Vec::new();
        for RuleVerdict { rule, fired, .. } in matching.iter().filter(|one| one.verdict == verdict) {
            names.push(rule.name.clone());
            if rule.reason_codes.is_empty() {
                evaluation.reasons.push(reason_of(&rule.name));
            }
            evaluation.reasons.extend(rule.reason_codes.iter().cloned());
            evaluation.violations.extend(rule.violations.iter().cloned());
            for fired in fired {
                evaluation.reasons.extend(fired.reasons.iter().map(|code| (*code).into()));
                evaluation.violations.extend(fired.violations.iter().map(|code| (*code).into()));
            }
            evaluation.min_approvals = evaluation.min_approvals.max(rule.min_approvals);
            evaluation.distinct_approvers |= rule.distinct_approvers;
            evaluation.needs_credential |= rule.needs_credential;
            if evaluation.broker_reference.is_empty() {
                evaluation.broker_reference.clone_from(&rule.broker_reference);
            }
            evaluation.broker_scopes.extend(rule.broker_scopes.iter().cloned());
            evaluation.rate_limit = stricter(evaluation.rate_limit, rule.rate_limit);
        }
        order::by_text(&mut names, |name| name);
        names.dedup();
        evaluation.matched_rule = names.join(",");
        if verdict == Verdict::RequireApproval {
            evaluation.min_approvals = evaluation.min_approvals.max(1);
        }
        as_set(&mut evaluation.reasons);
        as_set(&mut evaluation.violations);
        as_set(&mut evaluation.broker_scopes);
        evaluation
    }

    fn by_default(&self) -> Evaluation {
        let verdict = self.default_verdict;
        Evaluation {
            verdict,
            reasons: alloc::vec![["default_", verdict.word()].concat()],
            min_approvals: u64::from(verdict == Verdict::RequireApproval),
            ..Evaluation::default()
        }
    }
}

/// The evaluation when something is missing that must be there.
pub(crate) fn closed(missing: &[(&str, &str)]) -> Evaluation {
    let mut evaluation = Evaluation { verdict: Verdict::Block, ..Evaluation::default() };
    evaluation.reasons = missing.iter().map(|(reason, _)| reason.to_string()).collect();
    evaluation.violations = missing.iter().map(|(_, violation)| violation.to_string()).collect();
    as_set(&mut evaluation.reasons);
    as_set(&mut evaluation.violations);
    evaluation
}

impl Rule {
    /// Whether the rule's list of tools, if it has one, names this one.
    fn may_match_tool(&self, tool_name: &str) -> bool {
        let mut lists = SELECTORS.iter().zip(&self.matcher.selectors).filter(|(one, _)| one.fact == Fact::Tool);
        lists.all(|(_, tools)| tools.is_empty() || tools.iter().any(|tool| tool == tool_name))
    }

    /// Whether nothing but the tool's name decides if the rule matches.
    fn matches_by_tool_alone(&self) -> bool {
        let matcher = &self.matcher;
        let mut others = SELECTORS.iter().zip(&matcher.selectors).filter(|(one, _)| one.fact != Fact::Tool);
        others.all(|(_, values)| values.is_empty())
            && matcher.workspace_prefixes.is_empty()
            && matcher.args.is_empty()
            && matcher.args_absent.is_empty()
    }

    /// Whether every matcher of the rule holds.
    pub(crate) fn holds(&self, facts: &Facts, intent: &Intent) -> bool {
        let matcher = &self.matcher;
        let workspace = intent.context.workspace.as_str();
        let mut selectors = SELECTORS.iter().zip(&matcher.selectors);
        selectors.all(|(selector, values)| values.is_empty() || facts.any_in(selector.fact, values))
            && (matcher.workspace_prefixes.is_empty()
                || matcher.workspace_prefixes.iter().any(|prefix| workspace.starts_with(prefix.as_str())))
            && matcher.args.iter().all(|matcher| matcher.holds(intent.args.as_str()))
            && matcher.args_absent.iter().all(|pointer| pointer.find(intent.args.as_str()).is_none())
    }

    /// What the rule says about an intent that it matches.
    pub(crate) fn judge<'p>(&'p self, intent: &Intent) -> RuleVerdict<'p> {
        let mut verdict = self.effect;
        let flow = self.dataflow.as_ref().and_then(|constraint| dataflow(constraint, intent));
        let touched = self.endpoint.as_ref().and_then(|constraint| constraints::endpoint(constraint, intent));
        let fired: Vec<Fired> = flow.into_iter().chain(touched).collect();
        for one in &fired {
            verdict = verdict.max(one.verdict);
        }
        RuleVerdict { rule: self, verdict, fired }
    }
}

/// The limit that lets fewer calls through in an hour; of equals, the one with the shorter window and narrower scope.
fn stricter(a: Option<RateLimit>, b: Option<RateLimit>) -> Option<RateLimit> {
    let rank = |limit: &RateLimit| {
        let windows_an_hour = 3_600 / limit.window.seconds().unsigned_abs();
        (limit.requests.saturating_mul(windows_an_hour), limit.window, limit.scope)
    };
    [a, b].into_iter().flatten().min_by_key(rank)
}

/// The reason a rule without reason codes gives (gate contract, 3.5).
fn reason_of(name: &str) -> String {
    let escaped = if name.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&'))
        || name.contains(['\u{2028}', '\u{2029}'])
    {
        Cow::Owned(escape(name))
    } else {
        Cow::Borrowed(name)
    };
    let mut reason = String::from("matched_rule_");
    reason.push_str(&lower(&escaped.trim_matches('"').replace([' ', '-'], "_")));
    reason
}

/// The inside of a JSON string, with the characters escaped that HTML gives a meaning.
fn escape(name: &str) -> String {
    let mut form = Canonical::default();
    form.escaped(name);
    let mut escaped = String::new();
    for c in String::from_utf8(form.into_bytes()).unwrap_or_default().chars() {
        match c {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Trimmed, sorted, each once, none empty.
pub(crate) fn as_set(codes: &mut Vec<String>) {
    for code in codes.iter_mut() {
        let trimmed = code.trim();
        if trimmed.len() != code.len() {
            *code = trimmed.to_string();
        }
    }
    *codes = order::set(core::mem::take(codes));
}
