//! Policies and intents drawn at random, from vocabularies so small that rules often match, and spelled so oddly that
//! normalization has something to do.

use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::evaluate::VERDICTS;

const TOOLS: [&str; 8] =
    ["tool.read", "tool.write", "tool.delete", "db/query", "shell.exec", "net.fetch/", "Form.submit", "ÉTAT.Σ"];
const RISKS: [&str; 4] = ["low", "medium", "high", "critical"];
const IDENTITIES: [&str; 4] = ["ana", "bo", "Ana", "agent-7"];
const WORKSPACES: [&str; 6] = ["/srv/a", "/srv/ab", "C:\\w", "C:/w/x", "/home", "/"];
const KINDS: [&str; 9] = ["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];
const OPERATIONS: [&str; 10] = ["read", "write", "delete", "exec", "publish", "lookup", "run", "copy", "stat", "spawn"];
const SENSITIVITIES: [&str; 3] = ["secret", "public", "manifest"];
const CLASSES: [&str; 10] = [
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
const SOURCES: [&str; 4] = ["user", "tool_output", "external", "system"];
const PATHS: [&str; 12] = [
    "/srv/a/x.txt",
    "/srv/a/../b",
    "/etc/passwd",
    "C:\\w\\..\\y",
    "/srv/a..b/c",
    "~/.ssh/id",
    "/srv",
    "/srv/a",
    "/srv//x",
    "relative/p.rs",
    "..",
    "/srv/.../z",
];
const URLS: [&str; 14] = [
    "https://a.example/x",
    "https://b.example",
    "HTTP://A.EXAMPLE:8080/",
    "//c.example/y",
    "https://u:p@evil.example/",
    "https://a.example/%zz",
    "http://[::1]:80/",
    "not a url",
    "https://x.a.example/p?q=%zz#f",
    "http://h:bad/",
    "https:///x",
    "https://evil.example",
    "mailto:ana@a.example",
    "https://a.example:443/ü",
];
const HOSTS: [&str; 9] = [
    "a.example",
    "b.example:443",
    "https://evil.example/x",
    "HTTP://h",
    "[::1]:80",
    "user@h",
    ":80",
    "x.a.example",
    "/p",
];
const THINGS: [&str; 4] = ["crates", "orders", "q-9", "Crates"];
const DOMAINS: [&str; 5] = ["a.example", "evil.example", "x.a.example", "C.EXAMPLE", "::1"];
const PATH_PATTERNS: [&str; 10] =
    ["/srv/**", "/srv/a/*", "/etc/passwd", "C:**", "*", "/srv/?", "/srv/[a-c]*", "/srv/[^a]/**", "~/**", "\\/srv"];
const DOMAIN_PATTERNS: [&str; 8] =
    ["a.example", "*.a.example", "*.example", "evil.*", "?.example", "[a-c].example", "h", "*"];
const PUBLISHERS: [&str; 2] = ["Acme", "bo inc"];
const SKILL_SOURCES: [&str; 2] = ["registry", "local"];
const POINTERS: [&str; 9] = ["/amount", "/path", "/deep/key", "/list/0", "/list/1", "", "/deep", "/a~1b", "/none"];
/// Rules that allow are more common, so that there is something to turn round.
const EFFECTS: [&str; 7] = ["allow", "allow", "allow", "dry_run", "require_approval", "require_approval", "block"];
const ACTIONS: [&str; 2] = ["block", "require_approval"];
const TEXTS: [&str; 4] = ["/srv/a.pem", "blue", "1", "x*"];

/// What a draw leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Argument matchers, which only gait has.
    pub no_args: bool,
    /// Intents that are refused.
    pub intents_valid: bool,
}

/// A text with white space around it and letters in another case, now and then. `case` says whether case may change.
fn odd(chance: &mut Chance, text: &str, case: bool) -> String {
    let text = if case && chance.one_in(6) { text.to_uppercase() } else { text.to_owned() };
    match chance.below(10) {
        0 => format!(" {text}\t"),
        1 => format!("{text}\u{a0}"),
        _ => text,
    }
}

/// One of several, oddly spelled.
fn one(chance: &mut Chance, choices: &[&str], case: bool) -> Value {
    let text = chance.pick(choices);
    odd(chance, text, case).into()
}

fn list(chance: &mut Chance, choices: &[&str], most: usize, case: bool) -> Value {
    let drawn = chance.some(choices, 1, most);
    drawn.iter().map(|text| Value::from(odd(chance, text, case))).collect()
}

/// A policy.
pub fn policy(chance: &mut Chance, limits: Limits) -> Value {
    let mut policy = Map::new();
    if !chance.one_in(5) {
        policy.insert("default_verdict".into(), chance.pick(&VERDICTS).into());
    }
    if chance.one_in(8) {
        policy.insert("schema_id".into(), "gait.gate.policy".into());
    }
    if chance.one_in(3) {
        let mut closed = json!({"enabled": !chance.one_in(4)});
        if chance.one_in(2) {
            closed["risk_classes"] = list(chance, &RISKS, 3, true);
        }
        if chance.one_in(2) {
            closed["required_fields"] = list(chance, &["targets", "arg_provenance", "endpoint_class"], 3, true);
        }
        policy.insert("fail_closed".into(), closed);
    }
    let count = chance.below(9);
    let rules: Vec<Value> = (0..count).map(|number| rule(chance, number, limits)).collect();
    if count > 0 || chance.one_in(2) {
        policy.insert("rules".into(), rules.into());
    }
    policy.into()
}

fn rule(chance: &mut Chance, number: usize, limits: Limits) -> Value {
    let name = match chance.below(8) {
        0 => format!("Rule {number}"),
        1 => format!("<r&{number}>\""),
        2 => format!(" R-{number} "),
        3 => "same".to_owned(),
        _ => format!("rule-{number}"),
    };
    let mut rule = json!({"name": name, "effect": one(chance, &EFFECTS, true)});
    if !chance.one_in(4) {
        rule["priority"] = [1, 1, 2, 2, 5, 10, -3, 0][chance.below(8)].into();
    }
    rule["match"] = matcher(chance, limits);
    if chance.one_in(2) {
        rule["reason_codes"] = list(chance, &["why", "Because", "zz"], 3, false);
    }
    if chance.one_in(3) {
        rule["violations"] = list(chance, &["harm", "Hurt"], 2, false);
    }
    if chance.one_in(4) {
        rule["min_approvals"] = chance.below(4).into();
    }
    if chance.one_in(8) {
        rule["require_distinct_approvers"] = chance.one_in(2).into();
    }
    if chance.one_in(5) {
        rule["require_broker_credential"] = true.into();
        rule["broker_reference"] = odd(chance, "egress", false).into();
        rule["broker_scopes"] = list(chance, &["read", "Write"], 2, true);
    }
    if chance.one_in(5) {
        rule["rate_limit"] = json!({"requests": chance.below(4), "window": chance.pick(&["minute", "hour"])});
    }
    if chance.one_in(3) {
        rule["dataflow"] = dataflow(chance);
    }
    if chance.one_in(2) {
        rule["endpoint"] = endpoint(chance);
    }
    rule
}

fn matcher(chance: &mut Chance, limits: Limits) -> Value {
    let things: Vec<&str> = THINGS.iter().chain(&PATHS[..3]).chain(&URLS[..2]).copied().collect();
    let mut matcher = Map::new();
    let selectors: [(&str, &[&str], usize, bool); 14] = [
        ("tool_names", &TOOLS, 4, true),
        ("risk_classes", &RISKS, 3, true),
        ("target_kinds", &KINDS, 4, true),
        ("target_values", &things, 4, false),
        ("provenance_sources", &SOURCES, 3, true),
        ("identities", &IDENTITIES, 2, false),
        ("workspace_prefixes", &["/srv", "/srv/a", "C:/w", "/"], 2, false),
        ("endpoint_classes", &CLASSES, 4, true),
        ("skill_publishers", &["acme", "BO INC"], 2, true),
        ("skill_sources", &SKILL_SOURCES, 2, true),
        ("data_classes", &SENSITIVITIES, 2, true),
        ("destination_kinds", &KINDS, 4, true),
        ("destination_values", &things, 4, false),
        ("destination_operations", &OPERATIONS, 4, true),
    ];
    for (key, choices, most, case) in selectors {
        if chance.one_in(9) {
            matcher.insert(key.into(), list(chance, choices, most, case));
        }
    }
    if !limits.no_args && chance.one_in(5) {
        let mut args = Map::new();
        for _ in 0..=chance.below(2) {
            args.insert(chance.pick(&POINTERS).into(), conditions(chance));
        }
        matcher.insert("args".into(), args.into());
    }
    if !limits.no_args && chance.one_in(12) {
        matcher.insert("args_absent".into(), list(chance, &POINTERS[..5], 2, false));
    }
    matcher.into()
}

fn scalar(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => Value::Null,
        1 => chance.one_in(2).into(),
        2 => 1.into(),
        3 => 100.5.into(),
        _ => chance.pick(&TEXTS).into(),
    }
}

fn conditions(chance: &mut Chance) -> Value {
    let mut conditions = Map::new();
    for _ in 0..=chance.below(2) {
        let (key, value): (&str, Value) = match chance.below(9) {
            0 => return scalar(chance),
            1 => ("one_of", (0..=chance.below(3)).map(|_| scalar(chance)).collect()),
            2 => ("prefix", chance.pick(&["/srv/", "b", " x "]).into()),
            3 => ("glob", chance.pick(&["/srv/*.pem", "*", "bl[a-v]e", "?"]).into()),
            4 => ("gt", [0.0, 1.0, 100.5][chance.below(3)].into()),
            5 => ("gte", [1.0, 100.5][chance.below(2)].into()),
            6 => ("lt", [2.0, 100.5][chance.below(2)].into()),
            7 => ("lte", [1.0, 100.5][chance.below(2)].into()),
            _ => ("type", chance.pick(&["string", "number", "boolean", "null", "array", "object"]).into()),
        };
        conditions.insert(key.into(), value);
    }
    if chance.one_in(8) {
        return json!({ "exists": chance.one_in(2) });
    }
    conditions.into()
}

fn dataflow(chance: &mut Chance) -> Value {
    let mut dataflow = Map::new();
    let lists: [(&str, &[&str], bool); 4] = [
        ("tainted_sources", &SOURCES, true),
        ("destination_kinds", &KINDS, true),
        ("destination_values", &THINGS, false),
        ("destination_operations", &OPERATIONS, true),
    ];
    if chance.one_in(2) {
        dataflow.insert("enabled".into(), true.into());
    }
    for (key, choices, case) in lists {
        if chance.one_in(4) {
            dataflow.insert(key.into(), list(chance, choices, 3, case));
        }
    }
    if chance.one_in(2) {
        dataflow.insert("action".into(), one(chance, &ACTIONS, true));
    }
    if chance.one_in(4) {
        dataflow.insert("reason_code".into(), odd(chance, "Leak", false).into());
        dataflow.insert("violation".into(), odd(chance, "leaking", false).into());
    }
    dataflow.into()
}

fn endpoint(chance: &mut Chance) -> Value {
    let mut endpoint = Map::new();
    let lists: [(&str, &[&str], bool); 5] = [
        ("path_allowlist", &PATH_PATTERNS, false),
        ("path_denylist", &PATH_PATTERNS, false),
        ("domain_allowlist", &DOMAIN_PATTERNS, true),
        ("domain_denylist", &DOMAIN_PATTERNS, true),
        ("egress_classes", &["net.http", "net.dns"], true),
    ];
    if chance.one_in(4) {
        endpoint.insert("enabled".into(), chance.one_in(2).into());
    }
    for (key, choices, case) in lists {
        if chance.one_in(4) {
            endpoint.insert(key.into(), list(chance, choices, 3, case));
        }
    }
    for key in ["action", "destructive_action"] {
        if chance.one_in(3) {
            endpoint.insert(key.into(), one(chance, &ACTIONS, true));
        }
    }
    if chance.one_in(5) {
        endpoint.insert("reason_code".into(), "out_of_bounds".into());
    }
    endpoint.into()
}

/// An intent.
pub fn intent(chance: &mut Chance, limits: Limits) -> Value {
    let mut intent = json!({
        "schema_id": "gait.gate.intent_request", "schema_version": "1.0.0", "created_at": "2026-04-02T08:15:00Z",
        "producer_version": "1",
        "tool_name": one(chance, &TOOLS, true),
        "args": args(chance),
        "targets": (0..chance.below(4)).map(|_| target(chance)).collect::<Vec<_>>(),
        "context": context(chance),
    });
    if chance.one_in(2) {
        intent["arg_provenance"] = (0..=chance.below(3)).map(|_| provenance(chance)).collect();
    }
    if chance.one_in(5) {
        intent["skill_provenance"] = json!({
            "skill_name": "tidy", "source": one(chance, &SKILL_SOURCES, true),
            "publisher": one(chance, &PUBLISHERS, true), "skill_version": chance.pick(&["", "1.2"]),
        });
    }
    if !limits.intents_valid && chance.one_in(20) {
        let broken: [(&str, Value); 6] = [
            ("/tool_name", " ".into()),
            ("/context/identity", "".into()),
            ("/context/risk_class", "\u{a0}".into()),
            ("/args", json!({"a": {" ": 1}})),
            ("/args", json!({"a": 1, " a": 2})),
            ("/targets", json!([{"kind": "cloud", "value": "x"}])),
        ];
        let (place, value) = &broken[chance.below(broken.len())];
        *intent.pointer_mut(place).expect("it is there") = value.clone();
    }
    intent
}

fn args(chance: &mut Chance) -> Value {
    let mut args = Map::new();
    for (key, value) in [
        ("amount", [json!(1), json!(1.0), json!(100.5), json!("1"), json!(250)][chance.below(5)].clone()),
        ("path", TEXTS[chance.below(TEXTS.len())].into()),
        ("deep", json!({"key": scalar(chance)})),
        ("list", json!([scalar(chance), " padded "])),
        (" a/b ", json!(null)),
    ] {
        if chance.one_in(2) {
            args.insert(key.into(), value);
        }
    }
    args.into()
}

fn context(chance: &mut Chance) -> Value {
    let mut context = json!({
        "identity": one(chance, &IDENTITIES, false),
        "workspace": one(chance, &WORKSPACES, false),
        "risk_class": one(chance, &RISKS, true),
    });
    if chance.one_in(3) {
        context["session_id"] = odd(chance, "s-1", false).into();
    }
    if chance.one_in(6) {
        context["auth_context"] = json!({" role ": " admin ", "n": [1.50, null]});
        context["credential_scopes"] = list(chance, &["read", "Write"], 3, false);
    }
    context
}

fn target(chance: &mut Chance) -> Value {
    let kind = ["path", "path", "url", "url", "host", "other", KINDS[chance.below(9)]][chance.below(7)];
    let value = match kind {
        "path" => chance.pick(&PATHS),
        "url" => chance.pick(&URLS),
        "host" => chance.pick(&HOSTS),
        _ => chance.pick(&THINGS),
    };
    let mut target = json!({"kind": odd(chance, kind, true), "value": odd(chance, value, false)});
    for (key, choices, one_in) in [
        ("operation", &OPERATIONS[..], 2),
        ("sensitivity", &SENSITIVITIES[..], 4),
        ("endpoint_class", &CLASSES[..], 5),
        ("endpoint_domain", &DOMAINS[..], 8),
    ] {
        if chance.one_in(one_in) {
            target[key] = one(chance, choices, true);
        }
    }
    if chance.one_in(8) {
        target["destructive"] = chance.one_in(2).into();
    }
    target
}

fn provenance(chance: &mut Chance) -> Value {
    let mut entry = json!({"arg_path": chance.pick(&["$.a", " $.b"]), "source": one(chance, &SOURCES, true)});
    if chance.one_in(4) {
        entry["source_ref"] = "r".into();
        entry["integrity_digest"] = "AB".repeat(32).into();
    }
    entry
}
