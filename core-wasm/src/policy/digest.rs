//! The digest of a policy: SHA-256 of the canonical form of its normalized content (gate contract, 3.3). What a policy
//! does not use does not enter it, so that digests stay when gait learns new keys.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use gait_contract::policy::{POLICY_SCHEMA, Verdict};
use gait_contract::runpack::SCHEMA_VERSION;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::read::Draft;
use super::rule::{Dataflow, Endpoint, Match, Rule};
use super::selectors::SELECTORS;
use super::trust::Trust;
use crate::digest::sha256_hex;
use crate::duration;
use crate::json;

/// The digest, 64 hex digits. Every form below has its members in canonical order.
pub(crate) fn digest(draft: &Draft) -> String {
    sha256_hex(&json::canonical_as_declared(&Root(draft)))
}

/// An order of rules by everything they say.
pub(crate) fn compare(a: &Rule, b: &Rule) -> Ordering {
    json::canonical_as_declared(&RuleForm(a)).cmp(&json::canonical_as_declared(&RuleForm(b)))
}

struct Root<'a>(&'a Draft);

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let draft = self.0;
        let rules: Vec<RuleForm> = draft.rules.iter().map(RuleForm).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("DefaultVerdict", draft.default_verdict.word())?;
        map.serialize_entry(
            "FailClosed",
            &FailClosedForm {
                enabled: draft.fail_closed.enabled,
                required_fields: &draft.fail_closed.required_fields,
                risk_classes: &draft.fail_closed.risk_classes,
            },
        )?;
        if let Some(trust) = &draft.trust {
            map.serialize_entry("MCPTrust", &TrustForm::of(trust))?;
        }
        map.serialize_entry("Rules", &rules)?;
        map.serialize_entry("SchemaID", POLICY_SCHEMA)?;
        map.serialize_entry("SchemaVersion", SCHEMA_VERSION)?;
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailClosedForm<'a> {
    enabled: bool,
    required_fields: &'a [String],
    risk_classes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrustForm<'a> {
    action: &'static str,
    enabled: bool,
    max_age: String,
    min_score: f64,
    publisher_allowlist: &'a [String],
    require_registry: bool,
    required_risk_classes: &'a [String],
    snapshot_path: &'a str,
}

impl<'a> TrustForm<'a> {
    fn of(trust: &'a Trust) -> Self {
        Self {
            action: trust.action.word(),
            enabled: true,
            max_age: trust.max_age.map(duration::written).unwrap_or_default(),
            min_score: trust.min_score,
            publisher_allowlist: &trust.publisher_allowlist,
            require_registry: trust.require_registry,
            required_risk_classes: &trust.required_risk_classes,
            snapshot_path: &trust.snapshot,
        }
    }
}

/// Members in canonical order, so that writing them is only writing.
struct RuleForm<'a>(&'a Rule);

impl Serialize for RuleForm<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.0;
        let mut map = serializer.serialize_map(None)?;
        if !rule.broker_reference.is_empty() {
            map.serialize_entry("BrokerReference", &rule.broker_reference)?;
        }
        if !rule.broker_scopes.is_empty() {
            map.serialize_entry("BrokerScopes", &rule.broker_scopes)?;
        }
        if let Some(dataflow) = &rule.dataflow {
            map.serialize_entry("Dataflow", &DataflowForm::of(dataflow))?;
        }
        map.serialize_entry("Effect", rule.effect.word())?;
        if let Some(endpoint) = &rule.endpoint {
            map.serialize_entry("Endpoint", &EndpointForm::of(endpoint))?;
        }
        map.serialize_entry("Match", &MatchForm(&rule.matcher))?;
        if rule.min_approvals > 0 {
            map.serialize_entry("MinApprovals", &rule.min_approvals)?;
        }
        map.serialize_entry("Name", &rule.name)?;
        map.serialize_entry("Priority", &rule.priority)?;
        if let Some(limit) = &rule.rate_limit {
            let (requests, scope, window) = (limit.requests, limit.scope.word(), limit.window.word());
            map.serialize_entry("RateLimit", &RateLimitForm { requests, scope, window })?;
        }
        map.serialize_entry("ReasonCodes", &rule.reason_codes)?;
        if rule.needs_credential {
            map.serialize_entry("RequireBrokerCredential", &true)?;
        }
        if rule.distinct_approvers {
            map.serialize_entry("RequireDistinctApprovers", &true)?;
        }
        map.serialize_entry("Violations", &rule.violations)?;
        map.end()
    }
}

struct MatchForm<'a>(&'a Match);

impl Serialize for MatchForm<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let matcher = self.0;
        let mut map = serializer.serialize_map(None)?;
        if !matcher.args.is_empty() {
            map.serialize_entry("Args", &matcher.args)?;
        }
        if !matcher.args_absent.is_empty() {
            let pointers: Vec<&str> = matcher.args_absent.iter().map(|pointer| pointer.text.as_str()).collect();
            map.serialize_entry("ArgsAbsent", &pointers)?;
        }
        for (selector, values) in SELECTORS.iter().zip(&matcher.selectors) {
            if selector.always_digested || !values.is_empty() {
                map.serialize_entry(selector.digest_key, values)?;
            }
        }
        map.serialize_entry("WorkspacePrefixes", &matcher.workspace_prefixes)?;
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RateLimitForm {
    requests: u64,
    scope: &'static str,
    window: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DataflowForm<'a> {
    action: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    destination_kinds: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    destination_operations: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    destination_values: &'a [String],
    enabled: bool,
    reason_code: &'a str,
    tainted_sources: &'a [String],
    violation: &'a str,
}

impl<'a> DataflowForm<'a> {
    fn of(dataflow: &'a Dataflow) -> Self {
        Self {
            action: dataflow.action.word(),
            destination_kinds: &dataflow.destination_kinds,
            destination_operations: &dataflow.destination_operations,
            destination_values: &dataflow.destination_values,
            enabled: true,
            reason_code: &dataflow.reason_code,
            tainted_sources: &dataflow.tainted_sources,
            violation: &dataflow.violation,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EndpointForm<'a> {
    action: &'static str,
    destructive_action: &'static str,
    domain_allowlist: &'a [String],
    domain_denylist: &'a [String],
    egress_classes: &'a [String],
    enabled: bool,
    path_allowlist: &'a [String],
    path_denylist: &'a [String],
    reason_code: &'a str,
    violation: &'a str,
}

impl<'a> EndpointForm<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        Self {
            action: endpoint.action.word(),
            destructive_action: endpoint.destructive_action.map_or("", Verdict::word),
            domain_allowlist: &endpoint.domain_allowlist,
            domain_denylist: &endpoint.domain_denylist,
            egress_classes: &endpoint.egress_classes,
            enabled: true,
            path_allowlist: &endpoint.path_allowlist,
            path_denylist: &endpoint.path_denylist,
            reason_code: &endpoint.reason_code,
            violation: &endpoint.violation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Root;
    use crate::json;
    use crate::policy::read::read;

    #[test]
    fn members_are_in_canonical_order() {
        let text = "fail_closed: {enabled: true, required_fields: [targets]}\nmcp_trust: {snapshot: s.json, min_score: 0.5, max_age: 1h, publisher_allowlist: [p]}\nrules:\n- name: r\n  effect: require_approval\n  min_approvals: 2\n  require_broker_credential: true\n  broker_reference: x\n  broker_scopes: [b]\n  rate_limit: {requests: 1}\n  dataflow: {destination_kinds: [url], destination_values: [v], destination_operations: [o]}\n  endpoint: {path_allowlist: [/a]}\n  match: {tool_names: [t], risk_classes: [r], identities: [i], workspace_prefixes: [/w], target_kinds: [url], target_values: [v], endpoint_classes: [net.http], data_classes: [d], destination_kinds: [url], destination_values: [v], destination_operations: [o], provenance_sources: [user], skill_publishers: [p], skill_sources: [s], args: {/a: {equals: 1, one_of: [1, x], prefix: p, glob: g, gt: 1, gte: 1, lt: 2, lte: 2, exists: true, type: number}, /b: x}, args_absent: [/c]}\n- {name: q, effect: allow}\n";
        let draft = read(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(json::canonical_as_declared(&Root(&draft)), json::canonical(&Root(&draft)));
    }
}
