//! The normal form of an intent's fields (gate contract, 2.1 to 2.5): what is required, what is allowed, sets.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem::take;

use gait_contract::intent::{ArgProvenance, IntentContext, Target};
use gait_contract::trace::SkillProvenance;
use gait_contract::{Code, Fault, FreeObject, Timestamp};

use super::draft::Draft;
use super::{Intent, NormalTarget, classes, domain};
use crate::order;

/// What a target can be.
const KINDS: [&str; 9] = ["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];
/// Where an argument can come from.
const SOURCES: [&str; 4] = ["user", "tool_output", "external", "system"];
/// `created_at` of an intent that has none.
const NO_TIME: &str = "1980-01-01T00:00:00Z";

/// The intent, its digests still to be computed.
pub(super) fn of(draft: Draft) -> Result<Intent, Fault> {
    required(&draft.tool_name, "tool_name")?;
    let targets = draft.targets.into_iter().enumerate();
    let targets = targets.map(|(at, given)| target(at, given, &draft.tool_name)).collect::<Result<Vec<_>, Fault>>()?;
    for (at, entry) in draft.arg_provenance.iter().enumerate() {
        provenance(at, entry)?;
    }
    draft.skill_provenance.as_ref().map_or(Ok(()), skill)?;
    let (context, given_workspace) = context(draft.context)?;
    Ok(Intent {
        created_at: created_at(&draft.created_at)?,
        tool_name: draft.tool_name,
        args: draft.args.unwrap_or_else(|| FreeObject::from_canonical("{}".into())),
        targets: set(targets, |one, other| one.target.cmp(&other.target)),
        arg_provenance: set(draft.arg_provenance, Ord::cmp),
        skill_provenance: draft.skill_provenance,
        context,
        server: draft.server,
        given_workspace,
        args_digest: String::new(),
        intent_digest: String::new(),
        canonical: Vec::new(),
    })
}

fn created_at(given: &Timestamp) -> Result<Timestamp, Fault> {
    let outside = |_| invalid(format!("`created_at` is `{given}`, which in UTC lies outside the years 0000 to 9999"));
    if given.is_zero() { Timestamp::parse(NO_TIME).map_err(outside) } else { given.in_utc().map_err(outside) }
}

fn target(at: usize, given: Target, tool_name: &str) -> Result<NormalTarget, Fault> {
    let field = |name: &str| format!("targets[{at}].{name}");
    one_of(&given.kind, &KINDS, || field("kind"))?;
    if given.value.is_empty() {
        return Err(missing(&field("value")));
    }
    if !given.endpoint_class.is_empty() {
        one_of(&given.endpoint_class, &classes::ALL, || field("endpoint_class"))?;
    }
    let inferred_class = classes::class(&given.kind, &given.operation, tool_name);
    let inferred_domain = domain::of(&given.kind, &given.value);
    let mut target = given;
    if target.endpoint_class.is_empty() {
        target.endpoint_class = inferred_class.into();
    }
    if target.endpoint_domain.is_empty() {
        target.endpoint_domain.clone_from(&inferred_domain);
    }
    // What is destructive stays so, whatever the sender says.
    target.destructive |= classes::is_destructive(&target.endpoint_class, &target.operation);
    Ok(NormalTarget { target, inferred_class, inferred_domain })
}

fn provenance(at: usize, entry: &ArgProvenance) -> Result<(), Fault> {
    let field = |name: &str| format!("arg_provenance[{at}].{name}");
    if entry.arg_path.is_empty() {
        return Err(missing(&field("arg_path")));
    }
    one_of(&entry.source, &SOURCES, || field("source"))?;
    digest_or_empty(&entry.integrity_digest, || field("integrity_digest"))
}

fn skill(skill: &SkillProvenance) -> Result<(), Fault> {
    required(&skill.skill_name, "skill_provenance.skill_name")?;
    required(&skill.source, "skill_provenance.source")?;
    required(&skill.publisher, "skill_provenance.publisher")?;
    digest_or_empty(&skill.digest, || "skill_provenance.digest".into())
}

/// The context, and its workspace as it was given if that differs.
fn context(mut context: IntentContext) -> Result<(IntentContext, Option<String>), Fault> {
    required(&context.identity, "context.identity")?;
    required(&context.workspace, "context.workspace")?;
    required(&context.risk_class, "context.risk_class")?;
    let given_workspace = context.workspace.contains('\\').then(|| {
        let slashed = context.workspace.replace('\\', "/");
        core::mem::replace(&mut context.workspace, slashed)
    });
    context.auth_context = context.auth_context.filter(|auth| !auth.is_empty());
    context.credential_scopes.retain(|scope| !scope.is_empty());
    context.credential_scopes = set(take(&mut context.credential_scopes), Ord::cmp);
    Ok((context, given_workspace))
}

/// Sorted, each element once. Elements that are equal in order are the same in everything that is hashed.
fn set<T: Default>(mut elements: Vec<T>, compare: fn(&T, &T) -> Ordering) -> Vec<T> {
    if elements.is_sorted_by(|one, other| compare(one, other).is_lt()) {
        return elements;
    }
    order::sort(&mut elements, &mut |one, other| compare(one, other));
    elements.dedup_by(|later, first| compare(later, first).is_eq());
    elements
}

fn required(value: &str, field: &str) -> Result<(), Fault> {
    if value.is_empty() { Err(missing(field)) } else { Ok(()) }
}

fn one_of(value: &str, allowed: &[&str], field: impl Fn() -> String) -> Result<(), Fault> {
    if allowed.contains(&value) {
        return Ok(());
    }
    if value.is_empty() {
        return Err(missing(&field()));
    }
    Err(invalid(format!("`{}` is `{value}`", field())).hint(format!("it takes {}", allowed.join(", "))))
}

fn digest_or_empty(value: &str, field: impl Fn() -> String) -> Result<(), Fault> {
    let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if value.is_empty() || is_digest {
        return Ok(());
    }
    Err(invalid(format!("`{}` is `{value}`", field())).hint("it takes a SHA-256 of 64 hex digits"))
}

fn missing(field: &str) -> Fault {
    invalid(format!("`{field}` is missing"))
}

fn invalid(text: String) -> Fault {
    Fault::new(Code::IntentInvalid, text)
}
