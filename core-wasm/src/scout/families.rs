//! Families: runs with one fingerprint, ranked, with what probably changed and what to do (scout contract, section 2.4).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use gait_contract::scout::{Driver, Family, Issue, Severity, Suggestion};

use super::words::driver;
use crate::order;

/// Members that add to the score of their family.
const COUNTED: u64 = 10;

/// A run, as families see it.
pub(super) struct Member<'a> {
    pub(super) run_id: &'a str,
    pub(super) path: &'a str,
}

/// A family whose members are still being found.
pub(super) struct Draft {
    pub(super) fingerprint: String,
    /// The largest severity among the members.
    pub(super) severity: u64,
    /// Reasons, and how often each was given in all members.
    pub(super) reasons: BTreeMap<String, usize>,
    /// Numbers of the members.
    pub(super) members: Vec<usize>,
}

impl Draft {
    fn score(&self) -> u64 {
        self.severity + (self.members.len() as u64).min(COUNTED)
    }

    /// The family.
    pub(super) fn family<'a>(&self, member: impl Fn(usize) -> Option<Member<'a>>) -> Family {
        let members = || self.members.iter().filter_map(|number| member(*number));
        let run_ids = order::set(members().map(|member| member.run_id.to_string()).collect());
        let score = self.score();
        let mut drivers: Vec<Driver> = Vec::new();
        for driver in self.reasons.keys().filter_map(|reason| driver(reason)) {
            if !drivers.contains(&driver) {
                drivers.push(driver);
            }
        }
        order::sort(&mut drivers, &mut Ord::cmp);
        if drivers.is_empty() {
            drivers.push(Driver::ConfigurationChange);
        }
        let frequent = self.reasons.iter().reduce(|most, next| if next.1 > most.1 { next } else { most });
        Family {
            family_id: id(&self.fingerprint),
            fingerprint: self.fingerprint.clone(),
            count: self.members.len() as u64,
            canonical_run_id: run_ids.first().cloned().unwrap_or_default(),
            run_ids,
            top_failure_reason: self.reasons.keys().next().cloned().unwrap_or_default(),
            most_frequent_reason: frequent.map(|(reason, _)| reason.clone()).unwrap_or_default(),
            suggestions: drivers.iter().map(|driver| suggestion(*driver)).collect(),
            drivers,
            severity_score: score,
            severity_level: match score {
                150.. => Severity::Critical,
                110.. => Severity::High,
                70.. => Severity::Medium,
                _ => Severity::Low,
            },
            artifact_pointers: order::set(members().map(|member| member.path.to_string()).collect()),
        }
    }
}

fn id(fingerprint: &str) -> String {
    let mut id = "fam_".to_string();
    id.push_str(fingerprint.get(..12).unwrap_or(fingerprint));
    id
}

/// The order of families: the most severe first, then the largest.
pub(super) fn rank(one: &Draft, other: &Draft) -> Ordering {
    let size = |draft: &Draft| (draft.score(), draft.members.len());
    size(other).cmp(&size(one)).then_with(|| one.fingerprint.cmp(&other.fingerprint))
}

/// A family as one of the first.
pub(super) fn issue(rank: u64, family: &Family) -> Issue {
    let Family { family_id, fingerprint, canonical_run_id, top_failure_reason, most_frequent_reason, .. } =
        family.clone();
    Issue {
        rank,
        family_id,
        fingerprint,
        count: family.count,
        canonical_run_id,
        top_failure_reason,
        most_frequent_reason,
        drivers: family.drivers.clone(),
        severity_score: family.severity_score,
        severity_level: family.severity_level,
        suggestions: family.suggestions.clone(),
    }
}

/// What to do about a change. Fixed words: what a run recorded never enters them.
fn suggestion(driver: Driver) -> Suggestion {
    let (kind, summary, likely_scope) = match driver {
        Driver::ConfigurationChange => (
            "configuration",
            "compare a member with the last good run by `gait run diff`, then pin what differs in the environment",
            "project settings (.gait/config.yaml), environment variables, runtime versions",
        ),
        Driver::PolicyChange => (
            "policy_fixture",
            "ask `gait policy explain` about the call, mend the rule, and try it on old intents with `gait policy simulate`",
            "the policy file and the intents kept as its fixtures",
        ),
        Driver::ReferenceSetChange => (
            "regress_fixture",
            "keep the run as a fixture with `gait regress init --from`, and compare its receipts by `gait run diff`",
            "fixtures/, and what fills the reference sources",
        ),
        Driver::ToolResultShapeChange => (
            "regress_fixture",
            "keep the run as a fixture with `gait regress init --from`, then have `gait regress run` compare new recordings",
            "fixtures/, and the code that calls the tool or reads its answers",
        ),
    };
    Suggestion { kind: kind.into(), summary: summary.into(), likely_scope: likely_scope.into() }
}
