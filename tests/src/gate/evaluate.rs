//! The verdict, evaluated naively: every rule, every selector, every target, in the order of the contract
//! (gate contract, 3.4 and 3.5, with the decisions that make it stricter).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::intent::{Intent, Target, lower, texts};
use super::patterns;
use super::policy::Policy;

/// Verdicts, from the mildest to the most severe.
pub const VERDICTS: [&str; 4] = ["allow", "dry_run", "require_approval", "block"];

/// What a policy says about an intent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The verdict.
    pub verdict: String,
    /// Why.
    pub reasons: BTreeSet<String>,
    /// What the call violates.
    pub violations: BTreeSet<String>,
    /// Names of the rules that decided.
    pub matched_rule: String,
    /// How many approvals the call needs.
    pub min_approvals: u64,
}

/// Decisions that make gait stricter than the contract's reference, each of which can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decisions {
    /// The order of rules in the file never counts.
    pub order_never_counts: bool,
    /// Rules of equal priority decide together.
    pub equal_priority: bool,
    /// Constraints never loosen a verdict.
    pub never_loosen: bool,
    /// Domains that cannot be read are judged.
    pub unreadable_domains: bool,
    /// Paths that climb are judged.
    pub climbing_paths: bool,
    /// What is declared is judged, and what is inferred as well.
    pub inferred_too: bool,
}

impl Decisions {
    /// All of them: gait.
    pub const ALL: Self = Self {
        order_never_counts: true,
        equal_priority: true,
        never_loosen: true,
        unreadable_domains: true,
        climbing_paths: true,
        inferred_too: true,
    };
    /// None of them: the contract's reference.
    pub const NONE: Self = Self {
        order_never_counts: false,
        equal_priority: false,
        never_loosen: false,
        unreadable_domains: false,
        climbing_paths: false,
        inferred_too: false,
    };
}

/// What a policy, read with the same decisions, says about an intent.
pub fn evaluate(policy: &Policy, intent: &Intent, decisions: Decisions) -> Verdict {
    let missing = missing(policy, intent);
    if !missing.is_empty() {
        return Verdict {
            verdict: "block".into(),
            reasons: missing.iter().map(|what| format!("fail_closed_{what}")).collect(),
            violations: missing.iter().map(ToString::to_string).collect(),
            ..Verdict::default()
        };
    }
    let matching: Vec<&Value> = policy.rules().iter().filter(|rule| holds(&rule["Match"], intent)).collect();
    let Some(first) = matching.first() else {
        let verdict = policy.normalized["DefaultVerdict"].as_str().unwrap_or_default();
        return Verdict {
            verdict: verdict.into(),
            reasons: [format!("default_{verdict}")].into(),
            min_approvals: u64::from(verdict == "require_approval"),
            ..Verdict::default()
        };
    };
    let best: Vec<Verdict> = matching
        .iter()
        .filter(|rule| rule["Priority"] == first["Priority"])
        .map(|rule| judge(rule, intent, decisions))
        .take(if decisions.equal_priority { usize::MAX } else { 1 })
        .collect();
    let most_severe = best.iter().map(|one| severity(&one.verdict)).max().unwrap_or_default();
    let mut merged = Verdict { verdict: VERDICTS[most_severe].into(), ..Verdict::default() };
    let mut names = BTreeSet::new();
    for one in best.into_iter().filter(|one| severity(&one.verdict) == most_severe) {
        merged.reasons.extend(one.reasons);
        merged.violations.extend(one.violations);
        merged.min_approvals = merged.min_approvals.max(one.min_approvals);
        names.insert(one.matched_rule);
    }
    merged.matched_rule = names.into_iter().collect::<Vec<_>>().join(",");
    merged
}

/// How severe a verdict is.
pub fn severity(verdict: &str) -> usize {
    VERDICTS.iter().position(|word| *word == verdict).expect("a verdict")
}

fn missing(policy: &Policy, intent: &Intent) -> Vec<&'static str> {
    let closed = &policy.normalized["FailClosed"];
    if closed["Enabled"] != true || !texts(closed, "RiskClasses").contains(&intent.text("/context/risk_class")) {
        return Vec::new();
    }
    let required = texts(closed, "RequiredFields");
    let unknown = intent.targets.iter().any(|target| target.class == "other");
    let mut missing = Vec::new();
    if required.contains(&"targets") && intent.targets.is_empty() {
        missing.push("missing_targets");
    }
    if required.contains(&"arg_provenance") && intent.sources().next().is_none() {
        missing.push("missing_arg_provenance");
    }
    if required.contains(&"endpoint_class") && unknown {
        missing.push("missing_endpoint_class");
    }
    if unknown {
        missing.push("endpoint_class_unknown");
    }
    missing
}

fn holds(matcher: &Value, intent: &Intent) -> bool {
    let skill = |key: &str| intent.normalized["skill_provenance"][key].as_str();
    let of_targets = |key: &str, fact: fn(&Target) -> &str| {
        let values = texts(matcher, key);
        values.is_empty() || intent.targets.iter().any(|target| values.contains(&fact(target)))
    };
    let equals = |key: &str, fact: Option<&str>| {
        let values = texts(matcher, key);
        values.is_empty() || fact.is_some_and(|fact| values.contains(&fact))
    };
    let prefixes = texts(matcher, "WorkspacePrefixes");
    let sources = texts(matcher, "ProvenanceSources");
    let publisher = skill("publisher").map(|publisher| lower(publisher.trim()));
    equals("ToolNames", Some(intent.text("/tool_name")))
        && equals("RiskClasses", Some(intent.text("/context/risk_class")))
        && equals("Identities", Some(intent.text("/context/identity")))
        && equals("SkillPublishers", publisher.as_deref())
        && equals("SkillSources", skill("source"))
        && (prefixes.is_empty() || prefixes.iter().any(|prefix| intent.text("/context/workspace").starts_with(prefix)))
        && (sources.is_empty() || intent.sources().any(|source| sources.contains(&source)))
        && of_targets("TargetKinds", |target| &target.kind)
        && of_targets("TargetValues", |target| &target.value)
        && of_targets("EndpointClasses", |target| &target.class)
        && of_targets("DataClasses", |target| &target.sensitivity)
        && of_targets("DestinationKinds", |target| &target.kind)
        && of_targets("DestinationValues", |target| &target.value)
        && of_targets("DestinationOps", |target| &target.operation)
        && matcher["Args"].as_array().into_iter().flatten().all(|condition| argument(condition, intent))
        && texts(matcher, "ArgsAbsent").iter().all(|pointer| intent.normalized["args"].pointer(pointer).is_none())
}

/// All conditions on one argument; the names are those of the digest.
fn argument(condition: &Value, intent: &Intent) -> bool {
    let pointer = condition["Pointer"].as_str().unwrap_or_default();
    let Some(found) = intent.normalized["args"].pointer(pointer) else {
        return condition["Exists"] == false;
    };
    let kind = match found {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let same = |scalar: &Value| scalar == found || (scalar.is_number() && scalar.as_f64() == found.as_f64());
    condition.as_object().into_iter().flatten().all(|(name, wanted)| {
        let text = |meets: fn(&str, &str) -> bool| {
            found.as_str().is_some_and(|found| meets(wanted.as_str().unwrap_or_default(), found))
        };
        let number = |meets: fn(&f64, &f64) -> bool| {
            found.as_f64().is_some_and(|found| meets(&found, &wanted.as_f64().unwrap_or_default()))
        };
        match name.as_str() {
            "Equals" => same(wanted),
            "OneOf" => wanted.as_array().into_iter().flatten().any(same),
            "Prefix" => text(|wanted, found| found.starts_with(wanted)),
            "Glob" => text(patterns::glob),
            "Gt" => number(f64::gt),
            "Gte" => number(f64::ge),
            "Lt" => number(f64::lt),
            "Lte" => number(f64::le),
            "Exists" => *wanted == true,
            "Type" => *wanted == kind,
            _ => true,
        }
    })
}

/// What one matching rule says.
fn judge(rule: &Value, intent: &Intent, decisions: Decisions) -> Verdict {
    let name = rule["Name"].as_str().unwrap_or_default();
    let mut effect = severity(rule["Effect"].as_str().unwrap_or_default());
    let own = |key: &str| texts(rule, key).into_iter().map(String::from).collect::<BTreeSet<_>>();
    let (mut reasons, mut violations) = (own("ReasonCodes"), own("Violations"));
    if reasons.is_empty() {
        reasons.insert(default_reason(name));
    }
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let dataflow = &rule["Dataflow"];
    if dataflow.is_object() && flows(dataflow, intent) {
        let action = severity(&text(dataflow, "Action"));
        effect = if decisions.never_loosen { effect.max(action) } else { action };
        reasons.insert(text(dataflow, "ReasonCode"));
        violations.insert(text(dataflow, "Violation"));
    }
    let endpoint = &rule["Endpoint"];
    if endpoint.is_object() {
        let mut codes = BTreeSet::new();
        for target in &intent.targets {
            touched(endpoint, target, decisions, &mut codes);
        }
        let mut breaches: BTreeSet<String> = codes.iter().map(ToString::to_string).collect();
        let mut action = severity(&text(endpoint, "Action"));
        let destroys = |target: &Target| {
            let inferred = ["fs.delete", "proc.exec"].contains(&target.inferred_class.as_str());
            target.destructive || (decisions.inferred_too && inferred)
        };
        let destructive = text(endpoint, "DestructiveAction");
        if !destructive.is_empty() && intent.targets.iter().any(destroys) {
            codes.insert("endpoint_destructive_operation");
            breaches.insert("destructive_operation".into());
            action = action.max(severity(&destructive));
        }
        if !codes.is_empty() {
            effect = effect.max(action);
            reasons.extend(codes.iter().map(ToString::to_string));
            reasons.insert(text(endpoint, "ReasonCode"));
            violations.extend(breaches);
            violations.insert(text(endpoint, "Violation"));
        }
    }
    let mut min_approvals = rule["MinApprovals"].as_u64().unwrap_or_default();
    if VERDICTS[effect] == "require_approval" {
        min_approvals = min_approvals.max(1);
    }
    let verdict = VERDICTS[effect].into();
    Verdict { verdict, reasons, violations, matched_rule: name.into(), min_approvals }
}

fn flows(dataflow: &Value, intent: &Intent) -> bool {
    let tainted = texts(dataflow, "TaintedSources");
    let [kinds, values, operations] =
        ["DestinationKinds", "DestinationValues", "DestinationOperations"].map(|key| texts(dataflow, key));
    let anywhere = kinds.is_empty() && values.is_empty() && operations.is_empty();
    let hit = |target: &Target| {
        if anywhere {
            return ["host", "url", "bucket", "queue", "topic"].contains(&target.kind.as_str());
        }
        (kinds.is_empty() || kinds.contains(&target.kind.as_str()))
            && (values.is_empty() || values.contains(&target.value.as_str()))
            && (operations.is_empty() || operations.contains(&target.operation.as_str()))
    };
    intent.sources().any(|source| tainted.contains(&source)) && intent.targets.iter().any(hit)
}

/// What one target breaches.
fn touched(endpoint: &Value, target: &Target, decisions: Decisions, codes: &mut BTreeSet<&'static str>) {
    let [deny, allow] = ["PathDenylist", "PathAllowlist"].map(|key| texts(endpoint, key));
    if target.kind == "path" {
        let climbs = decisions.climbing_paths && target.value.replace('\\', "/").split('/').any(|part| part == "..");
        let on = |list: &[&str]| list.iter().any(|pattern| patterns::path(pattern, &target.value));
        if on(&deny) || (climbs && !deny.is_empty()) {
            codes.insert("endpoint_path_denied");
        }
        if !allow.is_empty() && (climbs || !on(&allow)) {
            codes.insert("endpoint_path_not_allowlisted");
        }
    }
    let [deny, allow] = ["DomainDenylist", "DomainAllowlist"].map(|key| texts(endpoint, key));
    let mut domains = vec![target.domain.as_str()];
    if decisions.inferred_too {
        domains.push(&target.inferred_domain);
    }
    domains.retain(|domain| !domain.is_empty());
    let outward = ["url", "host"].contains(&target.kind.as_str());
    // A declared domain says nothing about the value of a target that cannot be read.
    let read = if decisions.inferred_too { &target.inferred_domain } else { &target.domain };
    let unreadable = decisions.unreadable_domains && outward && read.is_empty();
    let on = |list: &[&str], domain: &str| list.iter().any(|pattern| patterns::domain(pattern, domain));
    if domains.iter().any(|domain| on(&deny, domain)) || (unreadable && allow.is_empty() && !deny.is_empty()) {
        codes.insert("endpoint_domain_denied");
    }
    if !allow.is_empty() && (unreadable || domains.iter().any(|domain| !on(&allow, domain))) {
        codes.insert("endpoint_domain_not_allowlisted");
    }
    let egress = texts(endpoint, "EgressClasses");
    let mut classes = vec![target.class.as_str()];
    if decisions.inferred_too {
        classes.push(&target.inferred_class);
    }
    if !egress.is_empty() && classes.iter().any(|class| class.starts_with("net.") && !egress.contains(class)) {
        codes.insert("endpoint_egress_class_not_allowed");
    }
}

/// The reason of a rule that has none of its own.
fn default_reason(name: &str) -> String {
    let mut quoted = json!(name).to_string();
    for (from, to) in
        [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u{2028}", "\\u2028"), ("\u{2029}", "\\u2029")]
    {
        quoted = quoted.replace(from, to);
    }
    format!("matched_rule_{}", lower(&quoted.trim_matches('"').replace([' ', '-'], "_")))
}
