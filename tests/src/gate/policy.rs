//! Policies, normalized as the contract says (gate contract, 3.2 and 3.3), from a document that is known to be valid.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::intent::{lower, set, texts};
use crate::runpack::canonical;
use crate::world::sha256;

/// Selectors: the key, its name in the digest, whether the digest has it when it is empty, whether case counts.
pub const SELECTORS: [(&str, &str, bool, bool); 14] = [
    ("tool_names", "ToolNames", true, false),
    ("risk_classes", "RiskClasses", true, false),
    ("target_kinds", "TargetKinds", true, false),
    ("target_values", "TargetValues", true, true),
    ("provenance_sources", "ProvenanceSources", true, false),
    ("identities", "Identities", true, true),
    ("workspace_prefixes", "WorkspacePrefixes", true, true),
    ("endpoint_classes", "EndpointClasses", false, false),
    ("skill_publishers", "SkillPublishers", false, false),
    ("skill_sources", "SkillSources", false, false),
    ("data_classes", "DataClasses", false, false),
    ("destination_kinds", "DestinationKinds", false, false),
    ("destination_values", "DestinationValues", false, true),
    ("destination_operations", "DestinationOps", false, false),
];

/// A normalized policy: the object that is digested, and the rules in their order.
pub struct Policy {
    /// What is digested.
    pub normalized: Value,
}

impl Policy {
    /// Normalizes a policy. Rules that share priority and name stand in the order of their canonical forms, or, for
    /// the contract's reference, in the order of the file.
    pub fn read(raw: &Value, by_content: bool) -> Self {
        let closed = &raw["fail_closed"];
        let enabled = closed["enabled"] == true;
        let mut classes = lower_set(closed, "risk_classes");
        if enabled && classes.is_empty() {
            classes = vec!["critical".into(), "high".into()];
        }
        let mut rules: Vec<Value> = raw["rules"].as_array().into_iter().flatten().map(rule).collect();
        rules.sort_by(|a, b| {
            let key = |rule: &Value| (rule["Priority"].as_i64(), rule["Name"].as_str().map(String::from));
            let content = || if by_content { canonical(a).cmp(&canonical(b)) } else { Ordering::Equal };
            key(a).cmp(&key(b)).then_with(content)
        });
        let normalized = json!({
            "SchemaID": "gait.gate.policy",
            "SchemaVersion": "1.0.0",
            "DefaultVerdict": word(raw, "default_verdict", "require_approval"),
            "FailClosed": {
                "Enabled": enabled,
                "RiskClasses": classes,
                "RequiredFields": lower_set(closed, "required_fields"),
            },
            "Rules": rules,
        });
        Self { normalized }
    }

    /// Its digest.
    pub fn digest(&self) -> String {
        sha256(&canonical(&self.normalized))
    }

    /// Its rules, in the order in which they are looked at.
    pub fn rules(&self) -> &[Value] {
        self.normalized["Rules"].as_array().map_or(&[], Vec::as_slice)
    }
}

fn word(value: &Value, key: &str, default: &str) -> String {
    let word = lower(value[key].as_str().unwrap_or_default().trim());
    if word.is_empty() { default.into() } else { word }
}

fn plain(value: &Value, key: &str, default: &str) -> String {
    let text = value[key].as_str().unwrap_or_default().trim();
    if text.is_empty() { default.into() } else { text.into() }
}

fn lower_set(value: &Value, key: &str) -> Vec<String> {
    let lowered: Vec<String> = texts(value, key).into_iter().map(|text| lower(text.trim())).collect();
    set(lowered.iter().map(String::as_str))
}

fn plain_set(value: &Value, key: &str) -> Vec<String> {
    set(texts(value, key))
}

fn rule(raw: &Value) -> Value {
    let mut rule = Map::new();
    let mut put = |key: &str, value: Value| drop(rule.insert(key.into(), value));
    put("Name", plain(raw, "name", "").into());
    put("Priority", raw["priority"].as_i64().unwrap_or_default().into());
    put("Effect", word(raw, "effect", "").into());
    put("Match", matcher(&raw["match"]));
    put("ReasonCodes", plain_set(raw, "reason_codes").into());
    put("Violations", plain_set(raw, "violations").into());
    let approvals = raw["min_approvals"].as_u64().unwrap_or_default();
    if approvals > 0 {
        put("MinApprovals", approvals.into());
    }
    if approvals > 1 || raw["require_distinct_approvers"] == true {
        put("RequireDistinctApprovers", true.into());
    }
    if raw["require_broker_credential"] == true {
        put("RequireBrokerCredential", true.into());
    }
    let reference = plain(raw, "broker_reference", "");
    if !reference.is_empty() {
        put("BrokerReference", reference.into());
    }
    let scopes = lower_set(raw, "broker_scopes");
    if !scopes.is_empty() {
        put("BrokerScopes", scopes.into());
    }
    let limit = &raw["rate_limit"];
    if let Some(requests) = limit["requests"].as_u64().filter(|requests| *requests > 0) {
        let (window, scope) = (word(limit, "window", "minute"), word(limit, "scope", "tool_identity"));
        put("RateLimit", json!({"Requests": requests, "Window": window, "Scope": scope}));
    }
    if let Some(dataflow) = dataflow(&raw["dataflow"]) {
        put("Dataflow", dataflow);
    }
    if let Some(endpoint) = endpoint(&raw["endpoint"]) {
        put("Endpoint", endpoint);
    }
    rule.into()
}

fn matcher(raw: &Value) -> Value {
    let mut matcher = Map::new();
    for (key, name, always, case_counts) in SELECTORS {
        let values = if case_counts { plain_set(raw, key) } else { lower_set(raw, key) };
        if always || !values.is_empty() {
            matcher.insert(name.into(), values.into());
        }
    }
    let mut args: Vec<Value> = raw["args"].as_object().into_iter().flatten().map(argument).collect();
    args.sort_by_key(|condition| condition["Pointer"].to_string());
    if !args.is_empty() {
        matcher.insert("Args".into(), args.into());
    }
    let absent = plain_set(raw, "args_absent");
    if !absent.is_empty() {
        matcher.insert("ArgsAbsent".into(), absent.into());
    }
    matcher.into()
}

/// One pointer and its conditions; a scalar is short for `equals`.
fn argument((pointer, conditions): (&String, &Value)) -> Value {
    let mut condition = Map::new();
    condition.insert("Pointer".into(), pointer.trim().into());
    let short = json!({"equals": conditions});
    let conditions = if conditions.is_object() { conditions } else { &short };
    for (key, value) in conditions.as_object().into_iter().flatten() {
        let name = match key.as_str() {
            "one_of" => "OneOf".to_owned(),
            other => other[..1].to_uppercase() + &other[1..],
        };
        let value = match value {
            Value::String(text) => text.trim().into(),
            Value::Array(choices) => {
                let mut choices = choices.clone();
                choices.sort_by_key(canonical);
                choices.dedup();
                choices.into()
            }
            other => other.clone(),
        };
        condition.insert(name, value);
    }
    condition.into()
}

fn dataflow(raw: &Value) -> Option<Value> {
    let lists = [
        ("destination_kinds", "DestinationKinds", lower_set(raw, "destination_kinds")),
        ("destination_values", "DestinationValues", plain_set(raw, "destination_values")),
        ("destination_operations", "DestinationOperations", lower_set(raw, "destination_operations")),
    ];
    let mut sources = lower_set(raw, "tainted_sources");
    let listed = !sources.is_empty() || lists.iter().any(|(_, _, list)| !list.is_empty());
    if raw["enabled"] != true && !listed {
        return None;
    }
    if sources.is_empty() {
        sources = vec!["external".into(), "tool_output".into()];
    }
    let mut dataflow = json!({
        "Enabled": true,
        "TaintedSources": sources,
        "Action": word(raw, "action", "require_approval"),
        "ReasonCode": plain(raw, "reason_code", "dataflow_tainted_destination"),
        "Violation": plain(raw, "violation", "tainted_dataflow"),
    });
    for (_, name, list) in lists {
        if !list.is_empty() {
            dataflow[name] = list.into();
        }
    }
    Some(dataflow)
}

fn endpoint(raw: &Value) -> Option<Value> {
    let lists = [
        ("PathAllowlist", plain_set(raw, "path_allowlist")),
        ("PathDenylist", plain_set(raw, "path_denylist")),
        ("DomainAllowlist", lower_set(raw, "domain_allowlist")),
        ("DomainDenylist", lower_set(raw, "domain_denylist")),
        ("EgressClasses", lower_set(raw, "egress_classes")),
    ];
    let destructive = word(raw, "destructive_action", "");
    if raw["enabled"] != true && destructive.is_empty() && lists.iter().all(|(_, list)| list.is_empty()) {
        return None;
    }
    let mut endpoint = json!({
        "Enabled": true,
        "Action": word(raw, "action", "block"),
        "DestructiveAction": destructive,
        "ReasonCode": plain(raw, "reason_code", "endpoint_constraint_violation"),
        "Violation": plain(raw, "violation", "endpoint_constraint_violation"),
    });
    for (name, list) in lists {
        endpoint[name] = list.into();
    }
    Some(endpoint)
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use serde_json::json;

    #[test]
    fn the_contracts_digests_come_out() {
        let worked = json!({
            "default_verdict": "allow",
            "rules": [{"name": "r1", "effect": "block", "match": {"tool_names": ["X.y"]}, "rate_limit": {"requests": 2}}],
        });
        assert_eq!(
            Policy::read(&worked, true).digest(),
            "16bbc9d094d0f0d9eb2ab6d6bcd9c528a5af0e85b91ff896cbb19847b632dfb3"
        );
        assert_eq!(
            Policy::read(&json!({}), true).digest(),
            "07a528a879e4f0e0cd5a0e2ca801924746b47dac624862207ef21d4ec266f8f9"
        );
    }
}
