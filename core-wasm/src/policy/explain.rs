//! Why a verdict came about: the rules in the order in which they count, the matchers that do not hold, the constraints
//! that fired. Written for people, so it looks at every rule where the decision only looks at those that can match.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::review::{
    ConstraintEffect, EXPLANATION_SCHEMA, ExplainRequest, Explanation, MatcherFailure, RuleLook,
};
use gait_contract::runpack::SCHEMA_VERSION;

use super::args::{ArgMatcher, Found, Pointer};
use super::evaluate::{Evaluation, RuleVerdict, closed};
use super::rule::Rule;
use super::selectors::{Facts, SELECTORS};
use super::{Policy, Trust, named};
use crate::intent::{self, Intent};
use crate::json;
use crate::task::Host;

/// Rules that did not match and are listed all the same; there may be thousands.
const LISTED: usize = 50;

/// Answers op `gate.explain`.
pub(crate) async fn explain(host: &Host, request: ExplainRequest) -> Result<Explanation, Fault> {
    let policy = named(host, request.policy.as_deref()).await?;
    let intent = intent::given(host, &request.intent).await?;
    Ok(policy.explain(&intent))
}

impl Policy {
    /// How the verdict about an intent comes about.
    fn explain(&self, intent: &Intent) -> Explanation {
        let missing = self.missing(intent);
        let mut explanation = Explanation {
            schema_id: EXPLANATION_SCHEMA.into(),
            schema_version: SCHEMA_VERSION.into(),
            policy_digest: self.digest.clone(),
            intent_digest: intent.intent_digest.clone(),
            fail_closed: missing.iter().map(|(reason, _)| (*reason).to_string()).collect(),
            ..Explanation::default()
        };
        if !missing.is_empty() {
            conclude(&mut explanation, closed(&missing), None);
            return explanation;
        }
        let facts = Facts::of(intent);
        let mut best: Vec<RuleVerdict> = Vec::new();
        for rule in self.rules() {
            if best.first().is_some_and(|first| first.rule.priority != rule.priority) {
                break;
            }
            let failed = rule.failures(&facts, intent);
            if failed.is_empty() {
                best.push(rule.judge(intent));
            }
            explanation.rules.push(RuleLook {
                name: rule.name.clone(),
                priority: rule.priority,
                effect: rule.effect,
                matched: failed.is_empty(),
                failed,
                ..RuleLook::default()
            });
        }
        let evaluation = self.conclude(&best);
        let matched = explanation.rules.iter_mut().filter(|look| look.matched);
        for (look, one) in matched.zip(&best) {
            look.outranked = one.verdict != evaluation.verdict;
            look.constraints = constraints(one);
        }
        shorten(&mut explanation);
        explanation.default_verdict = best.is_empty().then_some(self.default_verdict);
        conclude(&mut explanation, evaluation, self.trust());
        explanation
    }
}

fn conclude(explanation: &mut Explanation, evaluation: Evaluation, trust: Option<&Trust>) {
    let mut oblige = |obligation: String| explanation.obligations.push(obligation);
    if let Some(limit) = &evaluation.rate_limit {
        let (requests, window, scope) = (limit.requests, limit.window.word(), limit.scope.word());
        oblige(format!("at most {requests} calls per {window}, counted per {scope}"));
    }
    if evaluation.min_approvals > 0 {
        let distinct = if evaluation.distinct_approvers { " by different people" } else { "" };
        oblige(format!("{} approvals{distinct}", evaluation.min_approvals));
    }
    if evaluation.needs_credential {
        oblige("a credential from the broker".to_string());
    }
    if let Some(trust) = trust {
        let (classes, action) = (trust.required_risk_classes.join(", "), trust.action.word());
        oblige(format!("a trusted MCP server when the risk is {classes}, or else {action}"));
    }
    explanation.verdict = evaluation.verdict;
    explanation.reason_codes = evaluation.reasons;
    explanation.violations = evaluation.violations;
    explanation.matched_rule = evaluation.matched_rule;
}

/// Keeps the rules that matched and the last ones before them.
fn shorten(explanation: &mut Explanation) {
    let unmatched = explanation.rules.iter().filter(|look| !look.matched).count();
    let mut left_out = unmatched.saturating_sub(LISTED);
    explanation.rules_left_out = left_out as u64;
    explanation.rules.retain(|look| {
        let keep = look.matched || left_out == 0;
        left_out -= usize::from(!keep);
        keep
    });
}

fn constraints(one: &RuleVerdict) -> Vec<ConstraintEffect> {
    let mut before = one.rule.effect;
    let effect = |fired: &super::constraints::Fired| {
        let after = before.max(fired.verdict);
        let codes = fired.reasons.iter().map(|code| (*code).to_string()).collect();
        let effect = ConstraintEffect { constraint: fired.constraint.to_string(), codes, before, after };
        before = after;
        effect
    };
    one.fired.iter().map(effect).collect()
}

impl Rule {
    /// The matchers that do not hold for an intent.
    fn failures(&self, facts: &Facts, intent: &Intent) -> Vec<MatcherFailure> {
        let mut failures = Vec::new();
        for (selector, wanted) in SELECTORS.iter().zip(&self.matcher.selectors) {
            if !wanted.is_empty() && !facts.any_in(selector.fact, wanted) {
                let found = facts.values(selector.fact).iter().map(ToString::to_string).collect();
                failures.push(MatcherFailure { matcher: selector.key.to_string(), wanted: wanted.clone(), found });
            }
        }
        let prefixes = &self.matcher.workspace_prefixes;
        let workspace = &intent.context.workspace;
        if !prefixes.is_empty() && !prefixes.iter().any(|prefix| workspace.starts_with(prefix.as_str())) {
            let found = alloc::vec![workspace.clone()];
            failures.push(MatcherFailure { matcher: "workspace_prefixes".into(), wanted: prefixes.clone(), found });
        }
        let args = intent.args.as_str();
        for matcher in self.matcher.args.iter().filter(|matcher| !matcher.holds(args)) {
            let pointer = matcher.pointer.as_ref();
            let name = pointer.map_or("", |pointer| pointer.text.as_str());
            let found = pointer.and_then(|pointer| shown(pointer, args)).into_iter().collect();
            failures.push(MatcherFailure { matcher: format!("args {name}"), wanted: conditions(matcher), found });
        }
        for pointer in &self.matcher.args_absent {
            if let Some(found) = shown(pointer, args) {
                let matcher = format!("args_absent {}", pointer.text);
                let wanted = alloc::vec!["nothing".to_string()];
                failures.push(MatcherFailure { matcher, wanted, found: alloc::vec![found] });
            }
        }
        failures
    }
}

/// An argument's value as JSON, lists and objects by their kind.
fn shown(pointer: &Pointer, args: &str) -> Option<String> {
    Some(match pointer.find(args)? {
        Found::Null => "null".to_string(),
        Found::Bool(value) => value.to_string(),
        Found::Number(value) => json::canonical_text(&value),
        Found::Text(text) => json::canonical_text(&text),
        Found::List => "a list".to_string(),
        Found::Object => "an object".to_string(),
    })
}

/// The conditions of a matcher in words of the policy.
fn conditions(matcher: &ArgMatcher) -> Vec<String> {
    let mut wanted = Vec::new();
    let mut put = |key: &str, value: Option<String>| wanted.extend(value.map(|value| format!("{key} {value}")));
    let number = |bound: &Option<f64>| bound.map(|bound| json::canonical_text(&bound));
    put("equals", matcher.equals.as_ref().map(json::canonical_text));
    put("one_of", matcher.one_of.as_ref().map(json::canonical_text));
    put("prefix", matcher.prefix.as_ref().map(json::canonical_text));
    put("glob", matcher.glob.as_ref().map(json::canonical_text));
    put("gt", number(&matcher.gt));
    put("gte", number(&matcher.gte));
    put("lt", number(&matcher.lt));
    put("lte", number(&matcher.lte));
    put("exists", matcher.exists.map(|exists| exists.to_string()));
    put("type", matcher.kind.map(|kind| kind.word().to_string()));
    wanted
}
