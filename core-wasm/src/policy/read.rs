//! From a policy's text to its rules: every key known, every value of its type, every default in place
//! (gate contract, 3.1 and 3.2). Says everything that is wrong, not the first thing only.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::limits;
use gait_contract::policy::{POLICY_SCHEMA, Problem, ProblemCode, Verdict};
use gait_contract::runpack::SCHEMA_VERSION;

use super::FailClosed;
use super::args::{ArgMatcher, ArgType, Pointer, Scalar};
use super::digest;
use super::problems::{Fields, Item, Reader};
use super::rule::{Dataflow, Endpoint, Match, RateLimit, Rule, Scope, Window};
use super::selectors::{Fact, SELECTORS};
use super::trust::{self, Trust};
use crate::glob;
use crate::order;
use crate::text::lower;
use crate::yaml::{self, Node, Value};

/// A policy that was read and not compiled yet.
pub(crate) struct Draft {
    pub(crate) default_verdict: Verdict,
    pub(crate) fail_closed: FailClosed,
    pub(crate) trust: Option<Trust>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) warnings: Vec<Problem>,
}

const VERDICTS: [&str; 4] = ["allow", "dry_run", "require_approval", "block"];
const ENDPOINT_CLASSES: [&str; 10] = [
    "fs.read",
    "fs.write",
    "fs.delete",
    "proc.exec",
    "net.http",
    "net.dns",
    "ui.click",
    "ui.type",
    "ui.navigate",
    "other",
];
/// What a target may be.
pub(crate) const TARGET_KINDS: [&str; 9] =
    ["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];
/// Where an argument may come from.
pub(crate) const SOURCES: [&str; 4] = ["user", "tool_output", "external", "system"];
pub(crate) const POLICY: [&str; 6] =
    ["schema_id", "schema_version", "default_verdict", "fail_closed", "mcp_trust", "rules"];
const FAIL_CLOSED: [&str; 3] = ["enabled", "risk_classes", "required_fields"];
const REQUIRED_FIELDS: [&str; 3] = ["targets", "arg_provenance", "endpoint_class"];
const RULE: [&str; 14] = [
    "name",
    "priority",
    "effect",
    "match",
    "reason_codes",
    "violations",
    "min_approvals",
    "require_distinct_approvers",
    "require_broker_credential",
    "broker_reference",
    "broker_scopes",
    "rate_limit",
    "dataflow",
    "endpoint",
];
const RATE_LIMIT: [&str; 3] = ["requests", "window", "scope"];
const DATAFLOW: [&str; 8] = [
    "enabled",
    "tainted_sources",
    "destination_kinds",
    "destination_values",
    "destination_operations",
    "action",
    "reason_code",
    "violation",
];
const ENDPOINT: [&str; 10] = [
    "enabled",
    "path_allowlist",
    "path_denylist",
    "domain_allowlist",
    "domain_denylist",
    "egress_classes",
    "action",
    "destructive_action",
    "reason_code",
    "violation",
];
const CONDITIONS: [&str; 10] = ["equals", "one_of", "prefix", "glob", "gt", "gte", "lt", "lte", "exists", "type"];
/// What constraints may do.
const ACTIONS: [&str; 2] = ["block", "require_approval"];

/// Reads a policy.
pub(crate) fn read(text: &[u8]) -> Result<Draft, Vec<Problem>> {
    let document = yaml::read(text)?;
    let mut reader = Reader { document: &document, problems: Vec::new(), warnings: Vec::new() };
    let draft = match &document.root {
        None => Draft {
            default_verdict: Verdict::RequireApproval,
            fail_closed: FailClosed::default(),
            trust: None,
            rules: Vec::new(),
            warnings: Vec::new(),
        },
        Some(root) => policy(&mut reader, root),
    };
    let Reader { mut problems, warnings, .. } = reader;
    if problems.is_empty() {
        return Ok(Draft { warnings, ..draft });
    }
    order::sort(&mut problems, &mut |a, b| (a.line, a.column).cmp(&(b.line, b.column)));
    problems.dedup();
    problems.truncate(limits::POLICY_PROBLEMS);
    Err(problems)
}

fn policy<'d, 't>(reader: &mut Reader<'d, 't>, root: &'d Node<'t>) -> Draft {
    if matches!(root.value, Value::Null) {
        let help = "an empty file is a policy with all defaults; `null` is none";
        reader.problem(ProblemCode::WrongType, root.at, "a policy is a mapping, not null", help);
    }
    // Keys that begin with `x-` are free: a place for anchors and notes.
    let fields = reader.fields(Some(root), "", &POLICY, Some("x-")).unwrap_or_default();
    let [schema_id, schema_version, default_verdict, fail_closed, mcp_trust, rules] = places(&fields);
    exactly(reader, schema_id, "schema_id", POLICY_SCHEMA);
    exactly(reader, schema_version, "schema_version", SCHEMA_VERSION);
    let default_verdict = verdict(reader, default_verdict, "default_verdict").unwrap_or(Verdict::RequireApproval);
    let fail_closed = self::fail_closed(reader, fail_closed);
    let trust = trust::read(reader, mcp_trust);
    let mut read = Vec::new();
    for node in reader.nodes(rules, "rules") {
        read.push(rule(reader, node));
    }
    Draft { default_verdict, fail_closed, trust, rules: in_order(read), warnings: Vec::new() }
}

/// By priority, then name; rules that share both by what they say, so that the order in the file never counts.
fn in_order(mut rules: Vec<Rule>) -> Vec<Rule> {
    order::sort(&mut rules, &mut |a, b| {
        a.priority.cmp(&b.priority).then_with(|| a.name.cmp(&b.name)).then_with(|| digest::compare(a, b))
    });
    rules
}

/// The fields at the first places of a list.
pub(crate) fn places<'d, 't, const N: usize>(fields: &[Option<&'d Node<'t>>]) -> [Option<&'d Node<'t>>; N] {
    core::array::from_fn(|at| fields.get(at).copied().flatten())
}

/// Whether there is nothing, or text without a character.
pub(super) fn is_blank(node: Option<&Node>) -> bool {
    node.is_none_or(|node| match &node.value {
        Value::Null => true,
        Value::Text(text) | Value::Plain(text) => text.trim().is_empty(),
        _ => false,
    })
}

/// Text that is absent, empty, or one word exactly.
fn exactly<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str, word: &str) {
    let Some(node) = node else { return };
    match node.text() {
        Ok(text) if text.as_deref().is_none_or(|text| text.is_empty() || text == word) => {}
        Ok(text) => {
            let message = format!("`{key}` is `{}`, which gait does not read", text.unwrap_or_default());
            reader.problem(ProblemCode::UnknownValue, node.at, message, format!("write `{key}: {word}`"));
        }
        Err(mistake) => reader.problem(mistake.code, node.at, format!("`{key}`: {}", mistake.message), mistake.help),
    }
}

fn verdict<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str) -> Option<Verdict> {
    let place = reader.word(node, key, &VERDICTS)?;
    Verdict::ALL.get(place).copied()
}

pub(super) fn action<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str) -> Option<Verdict> {
    let place = reader.word(node, key, &ACTIONS)?;
    Some(if place == 0 { Verdict::Block } else { Verdict::RequireApproval })
}

/// The texts of a list as a sorted set.
pub(super) fn set<'d, 't>(
    reader: &mut Reader<'d, 't>,
    node: Option<&'d Node<'t>>,
    key: &str,
    lowered: bool,
) -> Vec<String> {
    order::set(texts(reader.items(node, key), lowered))
}

fn texts(items: Vec<Item>, lowered: bool) -> Vec<String> {
    items.into_iter().map(|item| if lowered { lower(&item.text) } else { item.text }).collect()
}

/// A lower set whose elements must be among some words.
fn words<'d, 't>(
    reader: &mut Reader<'d, 't>,
    node: Option<&'d Node<'t>>,
    key: &str,
    known: &[&str],
    unknown: impl Fn(&str) -> bool,
) -> Vec<String> {
    let items = reader.items(node, key);
    for item in &items {
        let word = lower(&item.text);
        if unknown(&word) {
            let message = format!("unknown value `{word}` in `{key}`");
            reader.problem(ProblemCode::UnknownValue, item.at, message, super::problems::suggestion(&word, known));
        }
    }
    order::set(texts(items, true))
}

/// A set of path or domain patterns, each of them well-formed.
fn patterns<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str, lowered: bool) -> Vec<String> {
    let items = reader.items(node, key);
    for item in &items {
        // What stands before a final `/**` is literal text.
        let literal = !lowered && item.text.ends_with("/**");
        if !literal && !glob::is_well_formed(&item.text) {
            let message = format!("the pattern `{}` in `{key}` matches nothing as it stands", item.text);
            let help = "close every `[` with `]`, and write `\\[` or `\\\\` for the characters themselves";
            reader.problem(ProblemCode::MalformedPattern, item.at, message, help);
        }
    }
    order::set(texts(items, lowered))
}

fn fail_closed<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> FailClosed {
    let fields = reader.fields(node, "fail_closed", &FAIL_CLOSED, None).unwrap_or_default();
    let [enabled, risk_classes, required_fields] = places(&fields);
    let enabled = reader.boolean(enabled, "enabled").unwrap_or_default();
    let mut risk_classes = set(reader, risk_classes, "risk_classes", true);
    if enabled && risk_classes.is_empty() {
        risk_classes = ["critical", "high"].map(ToString::to_string).to_vec();
    }
    let known = |word: &str| !REQUIRED_FIELDS.contains(&word);
    let required_fields = words(reader, required_fields, "required_fields", &REQUIRED_FIELDS, known);
    if let Some(node) = node
        && !enabled
        && (!risk_classes.is_empty() || !required_fields.is_empty())
    {
        reader.warn(node.at, "`fail_closed` is not enabled, so its lists do nothing", "add `enabled: true`");
    }
    FailClosed { enabled, risk_classes, required_fields }
}

fn rule<'d, 't>(reader: &mut Reader<'d, 't>, node: &'d Node<'t>) -> Rule {
    if matches!(node.value, Value::Null) {
        reader.problem(
            ProblemCode::MissingValue,
            node.at,
            "an empty rule",
            "every rule needs a `name` and an `effect`",
        );
    }
    let is_mapping = matches!(node.value, Value::Map(_));
    let fields = reader.fields(Some(node), "rules", &RULE, None).unwrap_or_default();
    let [
        name,
        priority,
        effect,
        matcher,
        reason_codes,
        violations,
        min_approvals,
        distinct,
        needs,
        reference,
        scopes,
        ..,
    ] = places::<14>(&fields);
    let [rate_limit, dataflow, endpoint] = places(fields.get(11..).unwrap_or_default());
    if is_mapping && is_blank(name) {
        reader.problem(ProblemCode::MissingValue, node.at, "the rule has no `name`", "add `name: …`; traces quote it");
    }
    if is_mapping && is_blank(effect) {
        let help = format!("add `effect:` with one of {}", VERDICTS.join(", "));
        reader.problem(ProblemCode::MissingValue, node.at, "the rule has no `effect`", help);
    }
    let min_approvals = reader.count(min_approvals, "min_approvals");
    Rule {
        name: reader.text(name, "name"),
        priority: reader.integer(priority, "priority").unwrap_or_default(),
        effect: verdict(reader, effect, "effect").unwrap_or_default(),
        matcher: self::matcher(reader, matcher),
        reason_codes: set(reader, reason_codes, "reason_codes", false),
        violations: set(reader, violations, "violations", false),
        min_approvals,
        distinct_approvers: reader.boolean(distinct, "require_distinct_approvers").unwrap_or_default()
            || min_approvals > 1,
        needs_credential: reader.boolean(needs, "require_broker_credential").unwrap_or_default(),
        broker_reference: reader.text(reference, "broker_reference"),
        broker_scopes: set(reader, scopes, "broker_scopes", true),
        rate_limit: self::rate_limit(reader, rate_limit),
        dataflow: self::dataflow(reader, dataflow),
        endpoint: self::endpoint(reader, endpoint),
    }
}

fn matcher<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Match {
    let mut known: Vec<&str> = SELECTORS.iter().map(|selector| selector.key).collect();
    known.extend(["workspace_prefixes", "args", "args_absent"]);
    let Some(fields) = reader.fields(node, "match", &known, None) else { return Match::default() };
    let mut matcher = Match::default();
    for ((selector, field), values) in SELECTORS.iter().zip(&fields).zip(&mut matcher.selectors) {
        *values = match selector.fact {
            Fact::EndpointClass => {
                let unknown = |word: &str| !ENDPOINT_CLASSES.contains(&word);
                words(reader, *field, selector.key, &ENDPOINT_CLASSES, unknown)
            }
            Fact::TargetKind => likely(reader, *field, selector.key, &TARGET_KINDS),
            Fact::Provenance => likely(reader, *field, selector.key, &SOURCES),
            _ => set(reader, *field, selector.key, selector.lower),
        };
    }
    let [prefixes, args, absent] = places(fields.get(SELECTORS.len()..).unwrap_or_default());
    matcher.workspace_prefixes = set(reader, prefixes, "workspace_prefixes", false);
    matcher.args = self::args(reader, args);
    for item in reader.items(absent, "args_absent") {
        matcher.args_absent.extend(pointer(reader, &item.text, item.at));
    }
    order::by_text(&mut matcher.args_absent, |pointer| &pointer.text);
    matcher.args_absent.dedup_by(|a, b| a.text == b.text);
    matcher
}

/// A lower set from a vocabulary that intents cannot leave: other words are allowed, and match nothing.
fn likely<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str, known: &[&str]) -> Vec<String> {
    let items = reader.items(node, key);
    for item in &items {
        let word = lower(&item.text);
        if !known.contains(&word.as_str()) {
            let help = super::problems::suggestion(&word, known);
            reader.warn(item.at, format!("no intent has `{word}` where `{key}` looks, so it matches nothing"), help);
        }
    }
    order::set(texts(items, true))
}

fn pointer(reader: &mut Reader, text: &str, at: yaml::Span) -> Option<Pointer> {
    let pointer = Pointer::parse(text);
    if pointer.is_none() {
        let message = format!("`{text}` is no JSON pointer");
        let help =
            "pointers begin with `/`, one `/` before each key: `/order/amount`; `~1` stands for `/`, `~0` for `~`";
        reader.problem(ProblemCode::MalformedPointer, at, message, help);
    }
    pointer
}

fn args<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Vec<ArgMatcher> {
    let Some(node) = node else { return Vec::new() };
    let Value::Map(entries) = &node.value else {
        // The usual words about mappings fit here, too.
        reader.fields(Some(node), "args", &[], None);
        return Vec::new();
    };
    let mut matchers = Vec::new();
    for entry in entries {
        let pointer = pointer(reader, entry.key.trim(), entry.key_at);
        let conditions = conditions(reader, &entry.value);
        matchers.extend(pointer.map(|pointer| ArgMatcher { pointer: Some(pointer), ..conditions }));
    }
    order::by_text(&mut matchers, |matcher| matcher.pointer.as_ref().map_or("", |pointer| &pointer.text));
    matchers
}

/// The conditions on one argument: a scalar is short for `equals`.
fn conditions<'d, 't>(reader: &mut Reader<'d, 't>, node: &'d Node<'t>) -> ArgMatcher {
    let mut matcher = ArgMatcher::default();
    if !matches!(node.value, Value::Map(_)) {
        matcher.equals = scalar(reader, node, "equals");
        return matcher;
    }
    let fields = reader.fields(Some(node), "args", &CONDITIONS, None).unwrap_or_default();
    let [equals, one_of, prefix, pattern, gt, gte, lt, lte, exists, kind] = places(&fields);
    matcher.equals = equals.and_then(|node| scalar(reader, node, "equals"));
    if one_of.is_some() {
        let mut scalars: Vec<(String, Scalar)> = Vec::new();
        for node in reader.nodes(one_of, "one_of") {
            let scalar = scalar(reader, node, "one_of");
            scalars.extend(scalar.map(|scalar| (crate::json::canonical_text(&scalar), scalar)));
        }
        order::by_text(&mut scalars, |(text, _)| text);
        scalars.dedup_by(|a, b| a.0 == b.0);
        matcher.one_of = Some(scalars.into_iter().map(|(_, scalar)| scalar).collect());
    }
    matcher.prefix = prefix.map(|node| reader.text(Some(node), "prefix"));
    matcher.glob = pattern.map(|node| {
        let text = reader.text(Some(node), "glob");
        if !glob::is_well_formed(&text) {
            let message = format!("the pattern `{text}` matches nothing as it stands");
            reader.problem(ProblemCode::MalformedPattern, node.at, message, "close every `[` with `]`");
        }
        text
    });
    for (bound, node, key) in [
        (&mut matcher.gt, gt, "gt"),
        (&mut matcher.gte, gte, "gte"),
        (&mut matcher.lt, lt, "lt"),
        (&mut matcher.lte, lte, "lte"),
    ] {
        *bound = node.and_then(|node| match node.number() {
            Ok(value) => Some(value),
            Err(mistake) => {
                reader.problem(mistake.code, node.at, format!("`{key}`: {}", mistake.message), mistake.help);
                None
            }
        });
    }
    matcher.exists = reader.boolean(exists, "exists");
    matcher.kind = reader.word(kind, "type", &ArgType::WORDS).and_then(|place| ArgType::ALL.get(place).copied());
    if let (Value::Map(entries), Some(exists), Some(false)) = (&node.value, exists, matcher.exists)
        && entries.len() > 1
    {
        let help = "leave `exists: false` alone, or remove it";
        let message = "what is not there cannot meet other conditions, so this never holds";
        reader.problem(ProblemCode::UnknownValue, exists.at, message, help);
    }
    if let (Some(node), Some([])) = (one_of, matcher.one_of.as_deref()) {
        let help = "list what the value may be";
        reader.problem(ProblemCode::MissingValue, node.at, "`one_of` lists nothing, so no value matches", help);
    }
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        let help = "write a condition, for example `exists: true`";
        reader.problem(ProblemCode::MissingValue, node.at, "no condition on the argument", help);
    }
    matcher
}

fn scalar<'d, 't>(reader: &mut Reader<'d, 't>, node: &'d Node<'t>, key: &str) -> Option<Scalar> {
    match node.scalar() {
        Ok(yaml::Scalar::Null) => Some(Scalar::Null),
        Ok(yaml::Scalar::Bool(value)) => Some(Scalar::Bool(value)),
        Ok(yaml::Scalar::Number(value)) => Some(Scalar::Number(value)),
        Ok(yaml::Scalar::Text(text)) => Some(Scalar::Text(text.trim().to_string())),
        Err(mistake) => {
            reader.problem(mistake.code, node.at, format!("`{key}`: {}", mistake.message), mistake.help);
            None
        }
    }
}

fn rate_limit<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<RateLimit> {
    let fields = reader.fields(node, "rate_limit", &RATE_LIMIT, None)?;
    let [requests, window, scope] = places(&fields);
    let requests = reader.count(requests, "requests");
    if requests == 0 {
        if let Some(node) = node {
            reader.warn(node.at, "the rate limit has no `requests`, so it limits nothing", "add `requests: 10`");
        }
        return None;
    }
    let window = match reader.word(window, "window", &["minute", "hour"]) {
        Some(1) => Window::Hour,
        _ => Window::Minute,
    };
    let scope = match reader.word(scope, "scope", &["tool", "identity", "tool_identity"]) {
        Some(0) => Scope::Tool,
        Some(1) => Scope::Identity,
        _ => Scope::ToolIdentity,
    };
    Some(RateLimit { requests, window, scope })
}

fn dataflow<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<Dataflow> {
    let fields: Fields = reader.fields(node, "dataflow", &DATAFLOW, None)?;
    let [enabled, sources, kinds, values, operations, action, reason_code, violation] = places(&fields);
    let enabled = reader.boolean(enabled, "enabled");
    let tainted = set(reader, sources, "tainted_sources", true);
    let destination_kinds = set(reader, kinds, "destination_kinds", true);
    let destination_values = set(reader, values, "destination_values", false);
    let destination_operations = set(reader, operations, "destination_operations", true);
    let lists = [&tainted, &destination_kinds, &destination_values, &destination_operations];
    if !switched_on(reader, node, "dataflow", enabled, lists.iter().any(|list| !list.is_empty())) {
        return None;
    }
    Some(Dataflow {
        tainted_sources: if tainted.is_empty() {
            ["external", "tool_output"].map(ToString::to_string).to_vec()
        } else {
            tainted
        },
        destination_kinds,
        destination_values,
        destination_operations,
        action: self::action(reader, action, "action").unwrap_or(Verdict::RequireApproval),
        reason_code: or(reader.text(reason_code, "reason_code"), "dataflow_tainted_destination"),
        violation: or(reader.text(violation, "violation"), "tainted_dataflow"),
    })
}

fn endpoint<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<Endpoint> {
    let fields: Fields = reader.fields(node, "endpoint", &ENDPOINT, None)?;
    let [enabled, path_allow, path_deny, domain_allow, domain_deny, egress, action, destructive, reason, violation] =
        places(&fields);
    let enabled = reader.boolean(enabled, "enabled");
    let path_allowlist = patterns(reader, path_allow, "path_allowlist", false);
    let path_denylist = patterns(reader, path_deny, "path_denylist", false);
    let domain_allowlist = patterns(reader, domain_allow, "domain_allowlist", true);
    let domain_denylist = patterns(reader, domain_deny, "domain_denylist", true);
    let known = ["net.http", "net.dns"];
    let egress_classes = words(reader, egress, "egress_classes", &known, |word| !known.contains(&word));
    let lists = [&path_allowlist, &path_denylist, &domain_allowlist, &domain_denylist, &egress_classes];
    let filled =
        lists.iter().any(|list| !list.is_empty()) || !reader.text(destructive, "destructive_action").is_empty();
    if !switched_on(reader, node, "endpoint", enabled, filled) {
        return None;
    }
    Some(Endpoint {
        path_allowlist,
        path_denylist,
        domain_allowlist,
        domain_denylist,
        egress_classes,
        action: self::action(reader, action, "action").unwrap_or(Verdict::Block),
        destructive_action: self::action(reader, destructive, "destructive_action"),
        reason_code: or(reader.text(reason, "reason_code"), "endpoint_constraint_violation"),
        violation: or(reader.text(violation, "violation"), "endpoint_constraint_violation"),
    })
}

/// Whether a constraint is on (gate contract, 3.2), and a word to the author where that may surprise.
fn switched_on(reader: &mut Reader, node: Option<&Node>, key: &str, enabled: Option<bool>, filled: bool) -> bool {
    if let Some(node) = node {
        if enabled == Some(false) && filled {
            let message = format!("`{key}` says `enabled: false`, and its lists switch it on all the same");
            reader.warn(node.at, message, "remove the lists to switch it off, or `enabled: false` to say what holds");
        } else if enabled != Some(true) && !filled && !matches!(&node.value, Value::Map(entries) if entries.is_empty())
        {
            let message = format!("`{key}` is off: none of its settings switches it on");
            reader.warn(node.at, message, "add `enabled: true`, or a list");
        } else if key == "endpoint" && !filled {
            reader.warn(node.at, "`endpoint` has no list and no destructive_action, so it never fires", "add a list");
        }
    }
    enabled == Some(true) || filled
}

fn or(text: String, default: &str) -> String {
    if text.is_empty() { default.to_string() } else { text }
}
