//! What a snapshot is and is not, and what each mistake of a server is called.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Timestamp;
use gait_contract::intent::CallServer;
use gait_contract::limits;
use gait_contract::trust::{ServerTrust, TrustStatus};

use super::snapshot::{self, Snapshot};
use super::{judge, most_severe};
use crate::policy::Policy;

const NOW: &str = "2026-04-02T08:30:00Z";

fn snapshot(entries: &str) -> Result<Snapshot, String> {
    snapshot::read(format!("{{\"entries\":[{entries}]}}").as_bytes())
}

fn policy(trust: &str) -> Policy {
    let text = format!("mcp_trust: {{snapshot: s.json{trust}}}\n");
    Policy::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{trust}: {problems:#?}"))
}

fn server(server_id: &str, server_name: &str) -> CallServer {
    CallServer { server_id: server_id.into(), server_name: server_name.into() }
}

fn judged(trust: &str, entry: &str, risk_class: &str) -> ServerTrust {
    let policy = policy(trust);
    let now = Timestamp::parse(NOW).unwrap();
    let found = snapshot(entry).map_err(snapshot::Unusable::Invalid);
    judge(policy.trust().unwrap(), Some((&server("tide", ""), found)), risk_class, &now)
        .unwrap_or_else(|fault| panic!("{fault:?}"))
}

#[track_caller]
fn comes_to(trust: &str, entry: &str, status: TrustStatus, reasons: &[&str]) {
    let found = judged(trust, entry, "high");
    assert_eq!(
        (found.status, found.reason_codes),
        (status, reasons.iter().map(ToString::to_string).collect()),
        "{entry}"
    );
    assert_eq!(found.enforced, status != TrustStatus::Trusted, "{entry}");
    let elsewhere = judged(trust, entry, "low");
    assert!(!elsewhere.enforced && !elsewhere.required && elsewhere.status == status, "{entry}");
}

#[test]
fn every_mistake_has_its_name() {
    use TrustStatus::{BelowThreshold, Invalid, Stale, Trusted, Unknown, Untrusted};
    let good = r#"{"server_id":" TIDE ","status":"Trusted"}"#;
    comes_to("", good, Trusted, &["mcp_trust_verified"]);
    for status in ["", " ", "allow", "PASS"] {
        comes_to("", &format!(r#"{{"server_id":"tide","status":"{status}"}}"#), Trusted, &["mcp_trust_verified"]);
    }
    for status in ["blocked", "trusted!", "pass, but", "unknown", "truſted"] {
        let entry = format!(r#"{{"server_id":"tide","status":"{status}"}}"#);
        comes_to("", &entry, Untrusted, &["mcp_trust_status_untrusted"]);
    }
    comes_to("", r#"{"server_id":"ebb"}"#, Unknown, &["mcp_trust_server_unknown"]);
    comes_to("", "", Unknown, &["mcp_trust_server_unknown"]);

    let listed = ", publisher_allowlist: [' Acme ']";
    comes_to(listed, r#"{"server_id":"tide","publisher":"ACME "}"#, Trusted, &["mcp_trust_verified"]);
    for publisher in ["", "acme.evil", "аcme"] {
        let entry = format!(r#"{{"server_id":"tide","publisher":"{publisher}"}}"#);
        comes_to(listed, &entry, Untrusted, &["mcp_trust_publisher_untrusted"]);
    }

    let scored = ", min_score: 0.8";
    comes_to(scored, r#"{"server_id":"tide","score":0.8}"#, Trusted, &["mcp_trust_verified"]);
    for score in ["0.7999999", "0", "-1", "1.0001", "80", "1e300", "null"] {
        let entry = format!(r#"{{"server_id":"tide","score":{score}}}"#);
        comes_to(scored, &entry, BelowThreshold, &["mcp_trust_below_threshold"]);
    }

    let fresh = ", max_age: 24h";
    for at in ["2026-04-01T08:30:00Z", "2026-04-01T10:30:00+02:00", NOW, "2026-04-03T08:30:00Z"] {
        let entry = format!(r#"{{"server_id":"tide","updated_at":"{at}"}}"#);
        comes_to(fresh, &entry, Trusted, &["mcp_trust_verified"]);
    }
    for at in ["2026-04-01T08:29:59.999999999Z", "2026-04-03T08:30:00.000000001Z", "9999-12-31T23:59:59Z"] {
        let entry = format!(r#"{{"server_id":"tide","updated_at":"{at}"}}"#);
        comes_to(fresh, &entry, Stale, &["mcp_trust_stale"]);
    }
    comes_to(fresh, r#"{"server_id":"tide"}"#, Stale, &["mcp_trust_stale"]);

    let registered = ", require_registry: true";
    let verified = |fields: &str| format!(r#"{{"server_id":"tide","registry_verification":{fields}}}"#);
    for fields in [
        r#"{"signature_verified":true,"publisher_allowed":true}"#,
        r#"{"signature_verified":true,"publisher_allowed":true,"pin_present":true,"pin_verified":true}"#,
    ] {
        comes_to(registered, &verified(fields), Trusted, &["mcp_trust_verified"]);
    }
    for fields in [
        "null",
        "{}",
        r#"{"signature_verified":true}"#,
        r#"{"publisher_allowed":true}"#,
        r#"{"signature_verified":true,"publisher_allowed":true,"pin_present":true}"#,
    ] {
        comes_to(registered, &verified(fields), Invalid, &["mcp_trust_registry_unverified"]);
    }
    // Of several mistakes the first one gives the word, and all are told.
    let all = [
        "mcp_trust_below_threshold",
        "mcp_trust_publisher_untrusted",
        "mcp_trust_registry_unverified",
        "mcp_trust_stale",
        "mcp_trust_status_untrusted",
    ];
    let wants = [listed, scored, fresh, registered].concat();
    comes_to(&wants, r#"{"server_id":"tide","status":"odd"}"#, Untrusted, &all);
}

#[test]
fn a_server_is_known_by_its_id_else_by_its_name() {
    let found = snapshot(r#"{"server_id":"a","server_name":"b"},{"server_name":" C d "},{"server_id":"É"}"#).unwrap();
    let finds =
        |id: &str, name: &str| found.find(&server(id, name)).map(|entry| entry.server_id.clone() + &entry.server_name);
    assert_eq!(finds("a", "whatever").as_deref(), Some("ab"));
    assert_eq!(finds("", "c D").as_deref(), Some("C d"));
    assert_eq!(finds("é", "").as_deref(), Some("É"));
    // The name of a server that has an id is only a label.
    assert_eq!(finds("", "b"), None);
    assert_eq!(finds("x", "c d"), None);
    assert_eq!(finds("", ""), None);
}

#[test]
fn what_is_no_snapshot_vouches_for_nobody() {
    let deep = format!(r#"{{"entries":[{{"server_id":"tide","x":{}1{}}}]}}"#, "[".repeat(2_000), "]".repeat(2_000));
    for text in [
        "",
        "null",
        "[]",
        "\"tide\"",
        "{",
        "{} {}",
        "\u{feff}{}",
        r#"{"entries":{}}"#,
        r#"{"entries":[null]}"#,
        r#"{"entries":["tide"]}"#,
        r#"{"entries":[[]]}"#,
        r#"{"entries":[{}]}"#,
        r#"{"entries":[{"server_id":" ","server_name":null}]}"#,
        r#"{"entries":[{"server_id":7}]}"#,
        r#"{"entries":[{"server_id":"tide","score":"1"}]}"#,
        r#"{"entries":[{"server_id":"tide","score":1e999}]}"#,
        r#"{"entries":[{"server_id":"tide","status":true}]}"#,
        r#"{"entries":[{"server_id":"tide","updated_at":"yesterday"}]}"#,
        r#"{"entries":[{"server_id":"tide","updated_at":""}]}"#,
        r#"{"entries":[{"server_id":"tide","registry_verification":[]}]}"#,
        r#"{"entries":[{"server_id":"tide","registry_verification":{"signature_verified":1}}]}"#,
        // One server twice, in whatever spelling.
        r#"{"entries":[{"server_id":"tide"},{"server_id":"tide"}]}"#,
        r#"{"entries":[{"server_id":"tide","status":"blocked"},{"server_id":"ebb"},{"server_id":" TIDE"}]}"#,
        r#"{"entries":[{"server_id":"tide"},{"server_name":"Tide"}]}"#,
        // Keys that one reader takes and another does not.
        r#"{"entries":[{"server_id":"tide","server_id":"ebb"}]}"#,
        r#"{"entries":[{"server_id":"tide","Status":"blocked"}]}"#,
        r#"{"entries":[],"entries":[{"server_id":"tide"}]}"#,
        r#"{"entries":[],"Entries":[{"server_id":"tide"}]}"#,
        r#"{"schema_id":"gait.gate.policy","entries":[]}"#,
        r#"{"schema_version":"2.0.0","entries":[]}"#,
        r#"{"schema_version":1,"entries":[]}"#,
        r#"{"created_at":"noon","entries":[]}"#,
        deep.as_str(),
    ] {
        assert!(snapshot::read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(snapshot::read(b"{\"entries\":[{\"server_id\":\"\xff\"}]}").is_err());
    let whole = r#"{"schema_id":"gait.mcp.trust_snapshot","schema_version":"1.0.0","created_at":"2026-03-01T00:00:00Z","producer_version":"x","later":{"y":[1]},"entries":[{"server_id":"tide","endpoint":"https://tide.example","later":1}]}"#;
    assert!(snapshot::read(whole.as_bytes()).is_ok());
    assert!(snapshot::read(b"{}").is_ok(), "a snapshot may list nobody");
}

#[test]
fn as_many_servers_as_fit_are_read() {
    let entries: Vec<String> = (0..40_000).map(|number| format!(r#"{{"server_id":"s{number}"}}"#)).collect();
    let text = entries.join(",");
    assert!(text.len() < limits::TRUST_BYTES);
    let found = snapshot(&text).unwrap();
    assert!(found.find(&server("S39999", "")).is_some() && found.find(&server("s40000", "")).is_none());
}

#[test]
fn nobody_is_not_trusted() {
    let policy = policy("");
    let now = Timestamp::parse(NOW).unwrap();
    let found = judge(policy.trust().unwrap(), None, "critical", &now).unwrap();
    assert_eq!((found.status, found.enforced), (TrustStatus::Missing, true));
    assert_eq!(found.reason_codes, ["mcp_trust_identifier_missing"]);
    let missing = Err(snapshot::Unusable::Unavailable("gone".into()));
    let found = judge(policy.trust().unwrap(), Some((&server("tide", ""), missing)), "high", &now).unwrap();
    assert_eq!((found.status, found.enforced, found.detail.as_str()), (TrustStatus::Missing, true, "gone"));
    assert_eq!(found.reason_codes, ["mcp_trust_snapshot_unavailable"]);
    let broken = judged("", r#"{"server_id":"tide"},{"server_id":"tide"}"#, "high");
    assert_eq!((broken.status, broken.enforced), (TrustStatus::Invalid, true));
    assert_eq!(broken.reason_codes, ["mcp_trust_snapshot_invalid"]);
    assert_eq!(broken.detail, "`tide` is listed twice");
}

#[test]
fn the_most_severe_risk_is_assumed() {
    for (classes, risk) in [
        ("", "critical"),
        (", required_risk_classes: [low, medium]", "medium"),
        (", required_risk_classes: [zeta, alpha]", "alpha"),
        (", required_risk_classes: [zeta, low]", "low"),
    ] {
        assert_eq!(most_severe(policy(classes).trust()), risk, "{classes}");
    }
    assert_eq!(most_severe(None), "high");
}
