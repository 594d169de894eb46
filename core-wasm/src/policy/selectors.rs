//! Selectors: the keys below `match` that compare a fact of the intent with a list of values (gate contract, 3.4).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::intent::Intent;
use crate::order;
use crate::text::lower;

/// One selector.
pub(crate) struct Selector {
    /// Its key in policies.
    pub(crate) key: &'static str,
    /// Its key in the digest.
    pub(crate) digest_key: &'static str,
    /// The digest has it even when it is empty.
    pub(crate) always_digested: bool,
    /// Its values are compared in lower case.
    pub(crate) lower: bool,
    /// What it looks at.
    pub(crate) fact: Fact,
}

/// What selectors look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Tool,
    Identity,
    TargetValue,
    SkillPublisher,
    SkillSource,
    DataClass,
    Operation,
    EndpointClass,
    TargetKind,
    Provenance,
    Risk,
}

impl Fact {
    /// All facts.
    pub(crate) const ALL: [Self; 11] = [
        Self::Tool,
        Self::Identity,
        Self::TargetValue,
        Self::SkillPublisher,
        Self::SkillSource,
        Self::DataClass,
        Self::Operation,
        Self::EndpointClass,
        Self::TargetKind,
        Self::Provenance,
        Self::Risk,
    ];
}

const fn selector(key: &'static str, digest_key: &'static str, always: bool, lower: bool, fact: Fact) -> Selector {
    Selector { key, digest_key, always_digested: always, lower, fact }
}

/// Every selector, in the order of their keys in the digest.
pub(crate) const SELECTORS: [Selector; 13] = [
    selector("data_classes", "DataClasses", false, true, Fact::DataClass),
    selector("destination_kinds", "DestinationKinds", false, true, Fact::TargetKind),
    selector("destination_operations", "DestinationOps", false, true, Fact::Operation),
    selector("destination_values", "DestinationValues", false, false, Fact::TargetValue),
    selector("endpoint_classes", "EndpointClasses", false, true, Fact::EndpointClass),
    selector("identities", "Identities", true, false, Fact::Identity),
    selector("provenance_sources", "ProvenanceSources", true, true, Fact::Provenance),
    selector("risk_classes", "RiskClasses", true, true, Fact::Risk),
    selector("skill_publishers", "SkillPublishers", false, true, Fact::SkillPublisher),
    selector("skill_sources", "SkillSources", false, true, Fact::SkillSource),
    selector("target_kinds", "TargetKinds", true, true, Fact::TargetKind),
    selector("target_values", "TargetValues", true, false, Fact::TargetValue),
    selector("tool_names", "ToolNames", true, true, Fact::Tool),
];

/// The place of `risk_classes` in the table.
pub(crate) const RISK_CLASSES: usize = 7;
/// The place of `tool_names` in the table.
pub(crate) const TOOL_NAMES: usize = 12;

/// The facts of one intent, gathered once for all rules.
pub(crate) struct Facts<'i> {
    /// Values of each fact, by its place in [`Fact::ALL`]; sorted sets, without empty ones.
    values: [Vec<Cow<'i, str>>; Fact::ALL.len()],
}

impl<'i> Facts<'i> {
    /// Of an intent.
    pub(crate) fn of(intent: &'i Intent) -> Self {
        let mut values: [Vec<Cow<'i, str>>; Fact::ALL.len()] = Default::default();
        let mut put = |fact: Fact, value: Cow<'i, str>| {
            if let Some(list) = values.get_mut(fact as usize)
                && !value.is_empty()
                && list.last() != Some(&value)
            {
                list.push(value);
            }
        };
        let plain = |text: &'i str| Cow::Borrowed(text);
        put(Fact::Tool, plain(&intent.tool_name));
        put(Fact::Identity, plain(&intent.context.identity));
        put(Fact::Risk, plain(&intent.context.risk_class));
        for target in &intent.targets {
            let target = &target.target;
            put(Fact::TargetKind, plain(&target.kind));
            put(Fact::TargetValue, plain(&target.value));
            put(Fact::EndpointClass, plain(&target.endpoint_class));
            put(Fact::DataClass, plain(&target.sensitivity));
            put(Fact::Operation, plain(&target.operation));
        }
        for entry in &intent.arg_provenance {
            put(Fact::Provenance, plain(&entry.source));
        }
        if let Some(skill) = &intent.skill_provenance {
            put(Fact::SkillSource, plain(&skill.source));
            put(Fact::SkillPublisher, Cow::Owned(lower(&skill.publisher)));
        }
        for list in values.iter_mut().filter(|list| list.len() > 1) {
            order::by_text(list, |value| value);
            list.dedup();
        }
        Self { values }
    }

    /// The values of one fact.
    pub(crate) fn values(&self, fact: Fact) -> &[Cow<'i, str>] {
        self.values.get(fact as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether some value of the fact is in a sorted set.
    pub(crate) fn any_in(&self, fact: Fact, set: &[String]) -> bool {
        let values = self.values(fact);
        // Both are sorted, and both can be long in hostile input: the shorter one is walked.
        if values.len() <= set.len() {
            values.iter().any(|value| set.binary_search_by(|one| one.as_str().cmp(value)).is_ok())
        } else {
            set.iter().any(|one| values.binary_search_by(|value| (**value).cmp(one.as_str())).is_ok())
        }
    }
}
