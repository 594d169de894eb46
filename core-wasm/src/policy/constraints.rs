//! Constraints: what a matching rule finds out about where data flows and what a call touches (gate contract, 3.5).
//! A constraint never loosens a verdict.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::policy::Verdict;

use super::rule::{Dataflow, Endpoint};
use crate::glob;
use crate::intent::{Intent, NormalTarget};

/// A constraint that fired.
pub(crate) struct Fired<'p> {
    /// `dataflow` or `endpoint`.
    pub(crate) constraint: &'static str,
    /// At least this severe.
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<&'p str>,
    pub(crate) violations: Vec<&'p str>,
}

/// Kinds that carry data out when a dataflow constraint names no destination.
const OUTWARD_KINDS: [&str; 5] = ["host", "url", "bucket", "queue", "topic"];

/// Tainted arguments on their way to a destination.
pub(crate) fn dataflow<'p>(dataflow: &'p Dataflow, intent: &Intent) -> Option<Fired<'p>> {
    let holds = |set: &[String], value: &str| set.iter().any(|one| one == value);
    if !intent.arg_provenance.iter().any(|entry| holds(&dataflow.tainted_sources, &entry.source)) {
        return None;
    }
    let (kinds, values, operations) =
        (&dataflow.destination_kinds, &dataflow.destination_values, &dataflow.destination_operations);
    let anywhere = kinds.is_empty() && values.is_empty() && operations.is_empty();
    let hit = intent.targets.iter().map(|target| &target.target).any(|target| {
        if anywhere {
            return OUTWARD_KINDS.contains(&target.kind.as_str());
        }
        (kinds.is_empty() || holds(kinds, &target.kind))
            && (values.is_empty() || holds(values, &target.value))
            && (operations.is_empty() || holds(operations, &target.operation))
    });
    hit.then(|| Fired {
        constraint: "dataflow",
        verdict: dataflow.action,
        reasons: alloc::vec![dataflow.reason_code.as_str()],
        violations: alloc::vec![dataflow.violation.as_str()],
    })
}

/// Paths, domains, egress and destruction.
pub(crate) fn endpoint<'p>(endpoint: &'p Endpoint, intent: &Intent) -> Option<Fired<'p>> {
    let mut codes: Vec<&'p str> = Vec::new();
    let mut verdict = endpoint.action;
    for target in &intent.targets {
        paths(endpoint, target, &mut codes);
        domains(endpoint, target, &mut codes);
        egress(endpoint, target, &mut codes);
    }
    let mut violations = codes.clone();
    if let Some(action) = endpoint.destructive_action
        && intent.targets.iter().any(is_destructive)
    {
        codes.push("endpoint_destructive_operation");
        violations.push("destructive_operation");
        verdict = verdict.max(action);
    }
    if codes.is_empty() {
        return None;
    }
    codes.push(&endpoint.reason_code);
    violations.push(&endpoint.violation);
    Some(Fired { constraint: "endpoint", verdict, reasons: codes, violations })
}

fn is_destructive(target: &NormalTarget) -> bool {
    // A sender that declares a harmless class does not take the teeth out of the operation.
    target.target.destructive || matches!(target.inferred_class, "fs.delete" | "proc.exec")
}

fn paths<'p>(endpoint: &'p Endpoint, target: &NormalTarget, codes: &mut Vec<&'p str>) {
    let target = &target.target;
    if target.kind != "path" {
        return;
    }
    // A path that climbs is nowhere a list could know it to be.
    let climbs = target.value.split(['/', '\\']).any(|segment| segment == "..");
    let listed = |patterns: &[String]| patterns.iter().any(|pattern| path_matches(pattern, &target.value));
    if !endpoint.path_denylist.is_empty() && (climbs || listed(&endpoint.path_denylist)) {
        codes.push("endpoint_path_denied");
    }
    if !endpoint.path_allowlist.is_empty() && (climbs || !listed(&endpoint.path_allowlist)) {
        codes.push("endpoint_path_not_allowlisted");
    }
}

fn domains<'p>(endpoint: &'p Endpoint, target: &NormalTarget, codes: &mut Vec<&'p str>) {
    let inferred = target.inferred_domain.as_str();
    let target = &target.target;
    let declared = target.endpoint_domain.as_str();
    let outward = matches!(target.kind.as_str(), "url" | "host");
    // What the sender declares is judged, and what its value says as well.
    let unreadable = outward && inferred.is_empty();
    let all = [declared, inferred];
    let mut read = all.iter().filter(|domain| !domain.is_empty());
    let listed = |patterns: &[String], domain: &str| patterns.iter().any(|pattern| domain_matches(pattern, domain));
    let (allow, deny) = (&endpoint.domain_allowlist, &endpoint.domain_denylist);
    if !deny.is_empty() && (read.clone().any(|domain| listed(deny, domain)) || (unreadable && allow.is_empty())) {
        codes.push("endpoint_domain_denied");
    }
    if !allow.is_empty() && (unreadable || read.any(|domain| !listed(allow, domain))) {
        codes.push("endpoint_domain_not_allowlisted");
    }
}

fn egress<'p>(endpoint: &'p Endpoint, target: &NormalTarget, codes: &mut Vec<&'p str>) {
    let classes = [target.target.endpoint_class.as_str(), target.inferred_class];
    let leaves = |class: &str| class.starts_with("net.") && !endpoint.egress_classes.iter().any(|one| one == class);
    if !endpoint.egress_classes.is_empty() && classes.into_iter().any(leaves) {
        codes.push("endpoint_egress_class_not_allowed");
    }
}

/// Whether a path pattern matches: exactly, as a folder (`/**` at its end), or as a glob.
pub(crate) fn path_matches(pattern: &str, path: &str) -> bool {
    if pattern == path {
        return true;
    }
    if let Some(folder) = pattern.strip_suffix("/**")
        && path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    {
        return true;
    }
    glob::matches(pattern, path)
}

/// Whether a domain pattern matches: exactly, below a domain (`*.` at its start), or as a glob.
pub(crate) fn domain_matches(pattern: &str, domain: &str) -> bool {
    pattern == domain
        || (pattern.starts_with("*.") && pattern.get(1..).is_some_and(|parent| domain.ends_with(parent)))
        || glob::matches(pattern, domain)
}
