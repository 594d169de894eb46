//! Intents by example: the contract's own, each row of its tables, and what is refused.

extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

use gait_contract::op::{ANSWER, CONTINUE};
use gait_contract::step::Answer;
use gait_contract::{Code, Fault, Step, frame};
use serde_json::{Value, json};

use super::{Intent, read};
use crate::Core;

fn intent(value: &Value) -> Intent {
    read(value.to_string().as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"))
}

/// A valid intent with some members replaced; `null` is as good as absent.
fn with(members: Value) -> Value {
    let mut whole = json!({
        "tool_name": "crane.move",
        "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}
    });
    for (key, value) in members.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

fn with_context(members: Value) -> Value {
    let mut whole = with(json!({}));
    for (key, value) in members.as_object().unwrap() {
        whole["context"][key] = value.clone();
    }
    whole
}

fn with_target(target: Value) -> Value {
    with(json!({"targets": [target]}))
}

/// What is hashed, as a value.
fn hashed(value: &Value) -> Value {
    serde_json::from_slice(intent(value).canonical()).unwrap()
}

#[track_caller]
fn refused(text: &str, code: Code, words: &str) {
    let fault = read(text.as_bytes()).err().unwrap_or_else(|| panic!("{text} is read"));
    assert_eq!(fault.error_code, code, "{text}: {fault:?}");
    assert!(fault.error.contains(words), "{text}: {fault:?}");
}

#[track_caller]
fn invalid(value: &Value, words: &str) {
    refused(&value.to_string(), Code::IntentInvalid, words);
}

#[test]
fn the_contracts_example_has_its_digests() {
    let text = r#"{"tool_name":" Crane.Move ","args":{"n":1.0,"b":[" x ",null]},"targets":[{"kind":"url","value":"https://Tide.example/x"}],"context":{"identity":"a","workspace":"C:\\w","risk_class":"HIGH"}}"#;
    let intent = read(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"));
    let canonical = r#"{"args":{"b":["x",null],"n":1},"context":{"identity":"a","risk_class":"high","workspace":"C:/w"},"targets":[{"endpoint_class":"net.http","endpoint_domain":"tide.example","kind":"url","value":"https://Tide.example/x"}],"tool_name":"crane.move"}"#;
    assert_eq!(std::str::from_utf8(intent.canonical()).unwrap(), canonical);
    assert_eq!(intent.intent_digest, "4171c2c2518230e94ab0d35302778968e5ac8a15b3b110fa676485aac9ab17d3");
    assert_eq!(intent.args_digest, "181e919fcb5ea4986ee144c0ede972cb6690c1c8886039b21ea0fd4f1973338a");
    assert_eq!(intent.created_at.as_str(), "1980-01-01T00:00:00Z");
    assert_eq!(intent.given_workspace(), "C:\\w");
}

/// The hand-written form against the generic one, with every field filled and every field empty.
#[test]
fn what_is_hashed_is_canonical_json() {
    let digest = "AB".repeat(32);
    let full = json!({
        "tool_name": "Te\"st\u{1}/Ü",
        "args": {"z": [1, {"y": "\\"}], "a": null, "\u{e000}": 1, "\u{10000}": 2},
        "targets": [
            {"kind": "url", "value": "https://a.example/\"", "operation": "Get", "sensitivity": "Secret",
             "endpoint_class": "ui.click", "endpoint_domain": "B.example", "destructive": true},
            {"kind": "table", "value": "t"}
        ],
        "arg_provenance": [
            {"arg_path": "$.z", "source": "External", "source_ref": "r", "integrity_digest": digest},
            {"arg_path": "$.a", "source": "user"}
        ],
        "skill_provenance": {"skill_name": "s", "skill_version": "1", "source": "Registry", "publisher": "P",
            "digest": digest, "signature_key_id": "k"},
        "context": {"identity": "i", "workspace": "w\\x", "risk_class": "R", "session_id": "s", "request_id": "q",
            "auth_context": {"b": 1, "a": " x "}, "credential_scopes": ["b", "a"], "environment_fingerprint": "f"}
    });
    for value in [full, with(json!({})), with_target(json!({"kind": "path", "value": "/x", "operation": "rm"}))] {
        let intent = intent(&value);
        let generic = crate::json::canonicalize(intent.canonical()).unwrap();
        assert_eq!(std::str::from_utf8(intent.canonical()), std::str::from_utf8(&generic));
    }
}

#[test]
fn every_field_of_the_first_table_is_normalized() {
    let empty = hashed(&with(json!({})));
    assert_eq!(
        empty,
        json!({"args": {}, "context": {"identity": "a", "risk_class": "low", "workspace": "/w"}, "targets": [],
            "tool_name": "crane.move"})
    );
    // Neither time nor producer nor claims nor unknown fields take part, at any level.
    let more = json!({
        "schema_id": "x", "schema_version": "9", "created_at": "2026-01-01T00:00:00Z", "producer_version": "p",
        "args_digest": "x", "intent_digest": "y", "later": {"a": [1]}, "args": null, "targets": null,
        "arg_provenance": [], "skill_provenance": null
    });
    assert_eq!(hashed(&with(more)), empty);
    let context = json!({"later": 1, "session_id": " ", "request_id": "", "environment_fingerprint": null,
        "auth_context": {}, "credential_scopes": [" ", ""], "Identity": "b"});
    assert_eq!(hashed(&with_context(context)), empty);
    assert_eq!(hashed(&with(json!({"tool_name": "\u{a0}Crane.MOVE\t"}))), empty);
    let filled = hashed(&with_context(json!({
        "identity": " A b ", "workspace": "\tC:\\W\\ ", "risk_class": " Very HIGH ", "session_id": " S ",
        "request_id": " Q\n", "environment_fingerprint": " F ", "auth_context": {" k ": [" v ", {"n": " w "}]},
        "credential_scopes": ["write", " read ", "Read", "", "read", null]
    })));
    assert_eq!(
        filled["context"],
        json!({"identity": "A b", "workspace": "C:/W/", "risk_class": "very high", "session_id": "S",
            "request_id": "Q", "environment_fingerprint": "F", "auth_context": {"k": ["v", {"n": "w"}]},
            "credential_scopes": ["Read", "read", "write"]})
    );
}

#[test]
fn brokers_get_the_workspace_as_it_was_given() {
    let given = |workspace: &str| intent(&with_context(json!({"workspace": workspace}))).given_workspace().to_string();
    assert_eq!(given(" a\\b "), "a\\b");
    assert_eq!(given("a/b"), "a/b");
}

#[test]
fn times_are_told_in_utc() {
    for (given, told) in [
        (json!("2026-04-02T10:15:00+02:00"), "2026-04-02T08:15:00Z"),
        (json!("2026-04-02T08:15:00.250Z"), "2026-04-02T08:15:00.25Z"),
        (json!("2025-12-31T23:59:59-01:00"), "2026-01-01T00:59:59Z"),
        (json!("2026-04-02T08:15:00.1234567899Z"), "2026-04-02T08:15:00.123456789Z"),
        (json!("0001-01-01T00:00:00Z"), "1980-01-01T00:00:00Z"),
        (json!("0001-01-01T01:00:00+01:00"), "1980-01-01T00:00:00Z"),
        (Value::Null, "1980-01-01T00:00:00Z"),
    ] {
        assert_eq!(intent(&with(json!({"created_at": given}))).created_at.as_str(), told);
    }
    for bad in [json!(""), json!(7), json!("2026-04-02"), json!("2026-04-02 08:15:00Z"), json!("2026-02-29T00:00:00Z")]
    {
        refused(&with(json!({"created_at": bad})).to_string(), Code::JsonType, "");
    }
    invalid(&with(json!({"created_at": "9999-12-31T23:59:59-01:00"})), "created_at");
}

#[test]
fn arguments_lose_white_space_at_both_ends_of_every_string() {
    let args = |text: &str| {
        let context = r#""context":{"identity":"a","workspace":"w","risk_class":"r"}"#;
        let text = std::format!(r#"{{"tool_name":"t","args":{text},{context}}}"#);
        read(text.as_bytes()).map(|intent| intent.args.as_str().to_string())
    };
    let canonical = |text: &str| args(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    assert_eq!(
        canonical(r#"{" b ":" X ","a":[" y\t",{"\u0020c\u3000":"\u2028z w\u0085"}]}"#),
        r#"{"a":["y",{"c":"z w"}],"b":"X"}"#
    );
    // What is trimmed goes before what is escaped, and inner white space stays.
    assert_eq!(canonical(r#"{"a":"\n\"x\ty\" \r"}"#), r#"{"a":"\"x\ty\""}"#);
    assert_eq!(canonical(r#"{"a":" \\ ","b":"   ","c":""}"#), r#"{"a":"\\","b":"","c":""}"#);
    assert_eq!(
        canonical(r#"{"a":[true,false,null,1.0,-0,1e21,"1.0 "]}"#),
        r#"{"a":[true,false,null,1,0,1e+21,"1.0"]}"#
    );
    // Keys sort by what they are after trimming.
    assert_eq!(canonical(r#"{"b":1," c":2,"a":3}"#), r#"{"a":3,"b":1,"c":2}"#);
    assert_eq!(canonical(" {} "), "{}");
    assert_eq!(canonical("null"), "{}");
    for (text, code, words) in [
        (r#"{" ":1}"#, Code::IntentInvalid, "a key is empty"),
        (r#"{"":1}"#, Code::IntentInvalid, "a key is empty"),
        (r#"{"a":[{"b":{"\u2003":1}}]}"#, Code::IntentInvalid, "a key is empty"),
        (r#"{"a":1," a":2}"#, Code::JsonDuplicateKey, "twice"),
        (r#"{"b":{"a ":1,"c":0,"\u0061":2}}"#, Code::JsonDuplicateKey, "twice"),
        (r#"{"a":1,"a":2}"#, Code::JsonDuplicateKey, "twice"),
        (r#"[]"#, Code::JsonType, "a list"),
        (r#""x""#, Code::JsonType, "a string"),
        ("7", Code::JsonType, "a number"),
        (r#"{"a":01}"#, Code::JsonSyntax, ""),
        (r#"{"a":1e309}"#, Code::JsonNumber, ""),
        ("{\"a\":\"x\ty\"}", Code::JsonSyntax, ""),
        (r#"{"a":1,}"#, Code::JsonSyntax, ""),
    ] {
        let fault = args(text).err().unwrap_or_else(|| panic!("{text} is read"));
        assert_eq!(fault.error_code, code, "{text}: {fault:?}");
        assert!(fault.error.contains(words), "{text}: {fault:?}");
        assert!(fault.at.as_ref().is_some_and(|at| at.starts_with("1:")), "{text}");
    }
}

#[test]
fn white_space_is_what_unicode_says() {
    let spaces = "\u{9}\u{a}\u{b}\u{c}\u{d} \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";
    let all: String = ('\0'..=char::MAX).filter(|c| c.is_whitespace()).collect();
    assert_eq!(all, spaces);
    let padded = |pad: &str| {
        let text = std::format!("{pad}x{pad}");
        let intent = intent(&with(json!({"tool_name": text, "args": {&text: text}})));
        (intent.tool_name, intent.args.as_str().to_string())
    };
    assert_eq!(padded(spaces), ("x".to_string(), r#"{"x":"x"}"#.to_string()));
    for other in ["\u{200b}", "\u{feff}", "\u{180e}", "\u{1c}", "\u{1f}", "\u{200c}", "\u{2060}", "\0"] {
        assert_eq!(padded(other).0, std::format!("{other}x{other}"));
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| {
        let args = std::format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        let rest = r#""tool_name":"t","context":{"identity":"a","workspace":"w","risk_class":"r"}"#;
        std::format!("{{\"args\":{args},{rest}}}")
    };
    assert!(read(nested(1_022).as_bytes()).is_ok());
    refused(&nested(1_023), Code::JsonDepth, "1024");
    let unknown = std::format!("{{\"later\":{}1{}}}", "[".repeat(1_024), "]".repeat(1_024));
    refused(&unknown, Code::JsonDepth, "1024");
}

#[test]
fn targets_are_normalized() {
    let target = |given: Value| hashed(&with_target(given))["targets"][0].clone();
    assert_eq!(
        target(json!({"kind": " TABLE ", "value": " Orders ", "operation": " Sync", "sensitivity": "PII ",
            "endpoint_domain": " DB.Example ", "note": 1})),
        json!({"kind": "table", "value": "Orders", "operation": "sync", "sensitivity": "pii", "endpoint_class": "other",
            "endpoint_domain": "db.example"})
    );
    assert_eq!(
        target(json!({"kind": "path", "value": "/x", "operation": "read", "destructive": false})),
        json!({"kind": "path", "value": "/x", "operation": "read", "endpoint_class": "fs.read"})
    );
    assert_eq!(
        target(json!({"kind": "url", "value": "https://A.example/", "endpoint_class": "UI.Navigate ",
            "endpoint_domain": "b.example", "destructive": true})),
        json!({"kind": "url", "value": "https://A.example/", "endpoint_class": "ui.navigate",
            "endpoint_domain": "b.example", "destructive": true})
    );
    for kind in ["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"] {
        assert_eq!(target(json!({"kind": kind, "value": "v"}))["kind"], kind);
    }
    for class in super::classes::ALL {
        assert_eq!(target(json!({"kind": "repo", "value": "v", "endpoint_class": class}))["endpoint_class"], class);
    }
}

#[test]
fn what_destroys_is_destructive_whatever_is_declared() {
    let is = |given: Value| hashed(&with_target(given))["targets"][0]["destructive"] == json!(true);
    assert!(is(json!({"kind": "path", "value": "/x", "operation": "delete", "destructive": false})));
    assert!(is(json!({"kind": "table", "value": "t", "operation": "DROP"})));
    assert!(is(json!({"kind": "table", "value": "t", "endpoint_class": "fs.delete"})));
    assert!(is(json!({"kind": "other", "value": "t", "operation": "run"})));
    // A declared class decides alone, as long as the operation is harmless.
    assert!(!is(json!({"kind": "other", "value": "t", "operation": "run", "endpoint_class": "other"})));
    assert!(!is(json!({"kind": "table", "value": "t", "operation": "read"})));
}

#[test]
fn what_follows_from_a_target_is_known_beside_what_was_declared() {
    let declared = json!({"kind": "url", "value": "https://Evil.example/", "endpoint_domain": "good.example",
        "endpoint_class": "fs.read"});
    let intent = intent(&with_target(declared));
    let target = &intent.targets[0];
    assert_eq!((target.inferred_class, target.inferred_domain.as_str()), ("net.http", "evil.example"));
    assert_eq!(
        (target.target.endpoint_class.as_str(), target.target.endpoint_domain.as_str()),
        ("fs.read", "good.example")
    );
}

#[test]
fn targets_are_a_sorted_set() {
    let order = |targets: Value| -> Vec<Value> {
        let intent = intent(&with(json!({"targets": targets})));
        let hashed: Value = serde_json::from_slice(intent.canonical()).unwrap();
        assert_eq!(hashed["targets"].as_array().unwrap().len(), intent.targets.len());
        hashed["targets"].as_array().unwrap().clone()
    };
    let base = json!({"kind": "path", "value": "/x", "operation": "read", "sensitivity": "s"});
    let mut ascending = std::vec![base.clone()];
    for (field, value) in [
        ("destructive", json!(true)),
        ("endpoint_domain", json!("a.example")),
        ("endpoint_class", json!("ui.click")),
        ("sensitivity", json!("t")),
        ("operation", json!("sync")),
        ("value", json!("/y")),
        ("kind", json!("url")),
    ] {
        let mut other = base.clone();
        other[field] = value;
        ascending.push(other);
    }
    let expected = order(Value::Array(ascending.clone()));
    assert_eq!(expected.len(), ascending.len());
    for (sent, hashed) in ascending.iter().zip(&expected) {
        for (field, value) in sent.as_object().unwrap() {
            assert_eq!(&hashed[field], value);
        }
    }
    let mut shuffled = ascending.clone();
    shuffled.reverse();
    shuffled.extend(ascending.clone());
    shuffled.push(json!({"kind": " Path", "value": "/x ", "operation": "READ", "sensitivity": "S",
        "endpoint_class": "fs.read", "destructive": false}));
    assert_eq!(order(Value::Array(shuffled)), expected);
    // By code point: upper before lower case, and U+FF21 before U+10000.
    let values: Vec<String> = order(json!([
        {"kind": "repo", "value": "\u{10000}"}, {"kind": "repo", "value": "\u{ff21}"}, {"kind": "repo", "value": "a"},
        {"kind": "repo", "value": "Z"}
    ]))
    .iter()
    .map(|target| target["value"].as_str().unwrap().to_string())
    .collect();
    assert_eq!(values, ["Z", "a", "\u{ff21}", "\u{10000}"]);
}

#[test]
fn provenance_of_arguments_is_a_sorted_set() {
    let digest = "0123456789abcdef".repeat(4);
    let upper = digest.to_uppercase();
    let hashed = hashed(&with(json!({"arg_provenance": [
        {"arg_path": " $.b ", "source": " TOOL_OUTPUT ", "source_ref": " Ref ", "integrity_digest": upper},
        {"arg_path": "$.b", "source": "tool_output", "source_ref": "Ref", "integrity_digest": digest, "later": 1},
        {"arg_path": "$.b", "source": "tool_output", "source_ref": "Ref"},
        {"arg_path": "$.b", "source": "external"},
        {"arg_path": "$.B", "source": "user"},
        {"arg_path": "$.a", "source": "system", "source_ref": " "}
    ]})));
    assert_eq!(
        hashed["arg_provenance"],
        json!([
            {"arg_path": "$.B", "source": "user"},
            {"arg_path": "$.a", "source": "system"},
            {"arg_path": "$.b", "source": "external"},
            {"arg_path": "$.b", "source": "tool_output", "source_ref": "Ref"},
            {"arg_path": "$.b", "source": "tool_output", "source_ref": "Ref", "integrity_digest": digest}
        ])
    );
}

#[test]
fn provenance_of_a_skill_is_normalized() {
    let digest = "0123456789abcdef".repeat(4);
    let skill = |given: Value| hashed(&with(json!({"skill_provenance": given})))["skill_provenance"].clone();
    assert_eq!(
        skill(json!({"skill_name": " Berthing ", "source": " Registry", "publisher": " Harbour Co ",
            "skill_version": " 1 ", "digest": digest.to_uppercase(), "signature_key_id": " K ", "later": 1})),
        json!({"skill_name": "Berthing", "source": "registry", "publisher": "Harbour Co", "skill_version": "1",
            "digest": digest, "signature_key_id": "K"})
    );
    assert_eq!(
        skill(json!({"skill_name": "b", "source": "r", "publisher": "p", "skill_version": " ", "digest": null})),
        json!({"skill_name": "b", "source": "r", "publisher": "p"})
    );
}

#[test]
fn what_is_missing_or_not_allowed_is_named() {
    for blank in [json!(null), json!(""), json!(" \u{3000}")] {
        invalid(&with(json!({"tool_name": blank})), "`tool_name` is missing");
        for field in ["identity", "workspace", "risk_class"] {
            invalid(&with_context(json!({field: blank})), &std::format!("`context.{field}` is missing"));
        }
        invalid(&with_target(json!({"kind": blank, "value": "x"})), "`targets[0].kind` is missing");
        invalid(&with_target(json!({"kind": "path", "value": blank})), "`targets[0].value` is missing");
        for field in ["arg_path", "source"] {
            let mut entry = json!({"arg_path": "$", "source": "user"});
            entry[field] = blank.clone();
            let words = std::format!("`arg_provenance[0].{field}` is missing");
            invalid(&with(json!({"arg_provenance": [entry]})), &words);
        }
        for field in ["skill_name", "source", "publisher"] {
            let mut skill = json!({"skill_name": "s", "source": "r", "publisher": "p"});
            skill[field] = blank.clone();
            invalid(&with(json!({"skill_provenance": skill})), &std::format!("`skill_provenance.{field}` is missing"));
        }
    }
    invalid(&json!({}), "`tool_name` is missing");
    invalid(&with(json!({"context": null})), "`context.identity` is missing");
    invalid(&with(json!({"targets": [{"kind": "path", "value": "/x"}, null]})), "`targets[1].kind` is missing");
    invalid(&with_target(json!({"kind": "folder", "value": "x"})), "`targets[0].kind` is `folder`");
    let class = json!({"kind": "path", "value": "x", "endpoint_class": "fs.chmod"});
    invalid(&with_target(class), "`targets[0].endpoint_class` is `fs.chmod`");
    let source = json!({"arg_provenance": [{"arg_path": "$", "source": "web"}]});
    invalid(&with(source), "`arg_provenance[0].source` is `web`");
    for bad in ["abc".to_string(), "g".repeat(64), "a".repeat(63), "a".repeat(65), "é".repeat(32)] {
        let entry = json!({"arg_path": "$", "source": "user", "integrity_digest": bad});
        invalid(&with(json!({"arg_provenance": [entry]})), "integrity_digest");
        let skill = json!({"skill_name": "s", "source": "r", "publisher": "p", "digest": bad});
        invalid(&with(json!({"skill_provenance": skill})), "skill_provenance.digest");
    }
    refused("null", Code::IntentInvalid, "`tool_name` is missing");
    invalid(&with_context(json!({"auth_context": {" ": 1}})), "a key is empty");
}

#[test]
fn fields_of_another_type_are_refused_where_they_stand() {
    for field in ["tool_name", "schema_id", "schema_version", "producer_version", "args_digest", "intent_digest"] {
        refused(&with(json!({field: 7})).to_string(), Code::JsonType, "a string is expected, not a number");
    }
    for field in ["targets", "arg_provenance"] {
        refused(&with(json!({field: {}})).to_string(), Code::JsonType, "a list is expected, not an object");
        refused(&with(json!({field: ["x"]})).to_string(), Code::JsonType, "an object is expected, not a string");
    }
    for field in ["skill_provenance", "context", "args"] {
        refused(&with(json!({field: []})).to_string(), Code::JsonType, "an object is expected, not a list");
    }
    let names = ["identity", "workspace", "risk_class", "session_id", "request_id", "environment_fingerprint"];
    for field in names {
        refused(&with_context(json!({field: true})).to_string(), Code::JsonType, "a string");
    }
    refused(&with_context(json!({"auth_context": [1]})).to_string(), Code::JsonType, "an object");
    refused(&with_context(json!({"credential_scopes": "read"})).to_string(), Code::JsonType, "a list");
    refused(&with_context(json!({"credential_scopes": [1]})).to_string(), Code::JsonType, "a string");
    let target = json!({"kind": "path", "value": "x", "destructive": "yes"});
    refused(&with_target(target).to_string(), Code::JsonType, "true or false");
    for field in ["kind", "value", "operation", "sensitivity", "endpoint_class", "endpoint_domain"] {
        refused(&with_target(json!({field: 1})).to_string(), Code::JsonType, "a string");
    }
    let fault = read(b"{\n  \"tool_name\": 7}").err().unwrap();
    assert_eq!(fault.at.as_deref(), Some("2:16"));
}

#[test]
fn texts_that_readers_disagree_about_are_refused() {
    let whole = with(json!({})).to_string();
    let begin = &whole[..whole.len() - 1];
    for (text, code) in [
        (String::new(), Code::JsonSyntax),
        (" \n".into(), Code::JsonSyntax),
        ("[]".into(), Code::JsonType),
        ("\"crane.move\"".into(), Code::JsonType),
        (begin.to_string(), Code::JsonSyntax),
        (std::format!("{whole}{whole}"), Code::JsonTrailing),
        (std::format!("\u{feff}{whole}"), Code::JsonBom),
        (std::format!("{begin},}}"), Code::JsonSyntax),
        (std::format!("{begin},\"tool_name\":\"x\"}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"tool_nam\\u0065\":\"x\"}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"context\":{{}}}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"later\":1,\"later\":2}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"later\":1,\"before\":1,\"l\\u0061ter\":2}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"later\":{{\"a\":1,\"a\":1}}}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"targets\":[{{\"kind\":\"a\",\"kind\":\"a\"}}]}}"), Code::JsonDuplicateKey),
        (std::format!("{begin},\"later\":1e999}}"), Code::JsonNumber),
        (std::format!("{begin},\"later\":nul}}"), Code::JsonSyntax),
        (std::format!("{begin},later:1}}"), Code::JsonSyntax),
        (std::format!("{begin} \"later\":1}}"), Code::JsonSyntax),
        (std::format!("{begin},\"args\":{{}} /* x */}}"), Code::JsonSyntax),
        (std::format!("{begin},\"args\" 1}}"), Code::JsonSyntax),
        (whole.replace("\"low\"", "\"low"), Code::JsonSyntax),
        (whole.replace('"', "'"), Code::JsonSyntax),
    ] {
        refused(&text, code, "");
    }
    assert_eq!(read(b"{\"tool_name\":\"\xff\"}").err().map(|fault| fault.error_code), Some(Code::JsonUtf8));
}

#[test]
fn names_match_exactly() {
    invalid(&json!({"Tool_Name": "x", "context": {"identity": "a", "workspace": "w", "risk_class": "r"}}), "tool_name");
}

/// Runs `intent.digest` on a request, serving one source.
fn digest(request: &[u8], source: &[u8]) -> Result<Value, Fault> {
    let mut core = Core::default();
    let mut reply = core.call("intent.digest", request.to_vec());
    loop {
        let (json, _) = frame::read(&reply).unwrap();
        reply = match serde_json::from_slice(json).unwrap() {
            Step::Reply(reply) => return Ok(reply),
            Step::Fault(fault) => return Err(fault),
            Step::Open { .. } => core.call(ANSWER.0, serde_json::to_vec(&Answer::Size(source.len() as u64)).unwrap()),
            Step::Read { .. } => core.call(CONTINUE.0, source.to_vec()),
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn an_intent_arrives_in_three_ways() {
    let document = with(json!({"args": {"b": " x ", "a": 1}}));
    let text = document.to_string().into_bytes();
    let inline = json!({"intent": {"inline": document}}).to_string().into_bytes();
    let attached = [&b"{\"intent\":\"attached\"}\0"[..], &text].concat();
    let from_source = digest(b"{\"intent\":{\"source\":\"i.json\"}}", &text).unwrap();
    assert_eq!(from_source["normalized"], hashed(&document));
    assert_eq!(from_source["intent_digest"], intent(&document).intent_digest);
    assert_eq!(from_source["args_digest"], intent(&document).args_digest);
    assert_eq!(digest(&inline, b"").as_ref(), Ok(&from_source));
    assert_eq!(digest(&attached, b"").as_ref(), Ok(&from_source));
}

#[test]
fn a_fault_names_the_source_it_is_about() {
    let place = |request: &[u8], source: &[u8]| {
        let fault = digest(request, source).unwrap_err();
        (fault.error_code, fault.into_envelope().at.unwrap_or_default())
    };
    let source = b"{\"intent\":{\"source\":\"i.json\"}}";
    assert_eq!(place(source, b"{\n7}"), (Code::JsonSyntax, "i.json: 2:1".into()));
    assert_eq!(place(source, b"{}"), (Code::IntentInvalid, "i.json".into()));
    assert_eq!(place(b"{\"intent\":\"attached\"}\0[]", b""), (Code::JsonType, "1:1".into()));
    assert_eq!(place(b"{\"intent\":\"attached\"}\0{}\0", b""), (Code::JsonTrailing, "1:3".into()));
    assert_eq!(place(b"{\"intent\":\"attached\"}\0", b""), (Code::JsonSyntax, "1:1".into()));
    assert_eq!(place(b"{\"intent\":\"attached\"}", b""), (Code::InvalidInput, String::new()));
    assert_eq!(place(b"{\"intent\":\0\"attached\"}", b"").0, Code::JsonSyntax);
    assert_eq!(place(b"\0{}", b"").0, Code::JsonSyntax);
}

#[test]
fn documents_have_a_size() {
    let limit = gait_contract::limits::DOCUMENT_BYTES;
    let mut attached = b"{\"intent\":\"attached\"}\0".to_vec();
    attached.resize(attached.len() + limit + 1, b' ');
    assert_eq!(digest(&attached, b"").unwrap_err().error_code, Code::JsonTooLarge);
    attached.pop();
    assert_eq!(digest(&attached, b"").unwrap_err().error_code, Code::JsonSyntax);
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    let read = |note: &str| {
        let text = std::format!(
            r#"{{"tool_name":"t","args":{{"n":"{note}"}},"context":{{"identity":"a","workspace":"w","risk_class":"low"}}}}"#
        );
        read(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}")).args
    };
    assert_eq!(read("x\\ud83dy").as_str(), "{\"n\":\"x\u{fffd}y\"}");
    assert_eq!(read("\\ud83d\\u0041\\udc00").as_str(), "{\"n\":\"\u{fffd}A\u{fffd}\"}");
    assert_eq!(read("\\ud83d\\ud83d\\ude00").as_str(), "{\"n\":\"\u{fffd}\u{1f600}\"}");
}
