//! Secrets, planted wherever gait looks; then everything it says and writes is searched for them.

use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use gait_tests::world::sha256;
use serde_json::json;

use crate::place::{Place, private_key, seed};

/// A secret that is no secret's usual form, so that nothing else looks like it.
fn canary(name: &str) -> String {
    format!("canary-{name}-{}", &sha256(name.as_bytes())[..20])
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => found.push(path),
        }
    }
    found
}

#[test]
fn no_secret_is_ever_said_or_written() {
    let place = Place::new();
    let approver = [9; 32];
    place.put("approver.key", private_key(approver));
    place.put("bad.key", canary("key-file"));
    place.put("half.key", &private_key(seed())[..60]);
    let intent = json!({
        "tool_name": "fuel.take", "args": {"password": canary("argument"), canary("argument-name"): 1},
        "context": {
            "identity": "agent-7", "workspace": "/quay/7", "risk_class": "low",
            "auth_context": {"token": canary("auth-context")},
        },
    });
    place.put("secret.json", intent.to_string());
    place.put("cut.json", intent.to_string().trim_end_matches('}'));
    place.put("typed.json", intent.to_string().replace("\"agent-7\"", &format!("[\"{}\"]", canary("identity"))));
    let answer = format!("printf '{{\"credential_ref\":\"lease\",\"secret\":\"{}\"}}'", canary("answer"));
    place.script("broker", &answer);
    place.script("loud", &format!("{answer}; echo {} >&2", canary("standard-error")));
    place.script("failing", &format!("echo {}; echo {} >&2; exit 1", canary("answer"), canary("standard-error")));
    place.script("odd", &format!("printf '{{\"credential_ref\":7,\"secret\":\"{}\"}}'", canary("answer")));
    let planted = place.names();

    let secrets: Vec<String> = [
        "key-file",
        "argument",
        "argument-name",
        "auth-context",
        "identity",
        "answer",
        "standard-error",
        "broker-variable",
        "key-variable",
        "key-variable-odd",
        "unrelated",
    ]
    .into_iter()
    .map(canary)
    .chain([seed(), approver].into_iter().flat_map(|seed| {
        // The seed in base64 as in the file, in hex, and as it is.
        let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        [private_key(seed)[..40].to_owned(), hex, Base64::encode_string(&seed)[..42].to_owned()]
    }))
    .collect();

    let evaluations: &[&[&str]] = &[
        &[],
        &["--credential-broker", "stub"],
        &["--credential-broker", "env"],
        &["--credential-broker", "env", "--credential-env-prefix", "NOT_SET_"],
        &["--credential-broker", "command", "--credential-command", "./broker"],
        &["--credential-broker", "command", "--credential-command", "./loud"],
        &["--credential-broker", "command", "--credential-command", "./failing"],
        &["--credential-broker", "command", "--credential-command", "./odd"],
        &["--private-key", "", "--private-key-env", "HARBOUR_KEY"],
        &["--private-key", "", "--private-key-env", "HARBOUR_KEY_ODD"],
        &["--private-key", "bad.key"],
        &["--private-key", "half.key"],
        &["--approval-private-key", "approver.key"],
        &["--approval-private-key", "bad.key"],
        &["--approval-private-key-env", "HARBOUR_APPROVER_KEY"],
        &["--approval-private-key-env", "HARBOUR_KEY_ODD"],
        &["--approval-public-key", "approver.key"],
        &["--approval-public-key-env", "HARBOUR_KEY_ODD"],
        &["--approval-token", "bad.key"],
        &["--policy", "bad.key"],
        &["--config", "bad.key"],
        &["--rate-limit-state", "bad.key"],
        &["--intent", "cut.json"],
        &["--intent", "typed.json"],
        &["--intent", "bad.key"],
        &["--simulate", "--credential-broker", "stub"],
        &["--key-mode", "dev", "--private-key", ""],
        &["--trace-out", "trace.pub/x"],
    ];
    let digest = "0".repeat(64);
    let approve = |key: &str, value: &str| {
        let words = format!(
            "approve --intent-digest {digest} --policy-digest {digest} --ttl 1h --scope tool:x --approver ana \
             --reason-code checked --out token.json --key-mode prod {key} {value}"
        );
        words.split_whitespace().map(String::from).collect::<Vec<_>>()
    };
    let mut calls: Vec<Vec<String>> = Vec::new();
    for more in evaluations {
        let mut words = Place::words("secret.json");
        if more.contains(&"--config") {
            words.retain(|word| word != "--no-config");
        }
        words.extend(more.iter().map(ToString::to_string));
        calls.push(words);
    }
    calls.extend([
        approve("--private-key", "approver.key"),
        approve("--private-key", "bad.key"),
        approve("--private-key-env", "HARBOUR_APPROVER_KEY"),
        approve("--private-key-env", "HARBOUR_KEY_ODD"),
    ]);
    for words in [
        "trace verify trace.json --private-key trace.key",
        "trace verify trace.json --private-key-env HARBOUR_KEY",
        "trace verify trace.json --private-key-env HARBOUR_KEY_ODD",
        "trace verify trace.json --private-key bad.key",
        "trace verify bad.key --private-key trace.key",
        "trace recheck trace.json --policy policy.yaml --intent secret.json",
        "policy test policy.yaml secret.json",
        "policy test policy.yaml cut.json",
        "policy test policy.yaml typed.json",
        "keys verify --private-key bad.key",
        "keys verify --private-key half.key",
        "keys verify --private-key trace.key",
    ] {
        calls.push(words.split_whitespace().map(String::from).collect());
    }

    let mut complaints = Vec::new();
    let mut said = 0;
    for words in &calls {
        // Once for programs, once for people.
        for json in [true, false] {
            let words: Vec<&String> = words.iter().filter(|word| json || *word != "--json").collect();
            let mut command = place.program.command(place.cwd());
            command
                .args(&words)
                .env("GAIT_BROKER_TOKEN_DEPOT_FUEL", canary("broker-variable"))
                .env("HARBOUR_KEY", private_key(seed()))
                .env("HARBOUR_APPROVER_KEY", private_key(approver))
                .env("HARBOUR_KEY_ODD", canary("key-variable-odd"))
                .env("AWS_SECRET_ACCESS_KEY", canary("unrelated"));
            let done = place.run(command);
            for text in [done.out(), done.err()] {
                said += text.len();
                if let Some(told) = secrets.iter().find(|secret| text.contains(*secret)) {
                    complaints.push(format!("{words:?} tells {told}: {text}"));
                }
            }
        }
    }
    assert!(said > 10_000, "only {said} bytes were said");

    let mut written = 0;
    for path in files(place.cwd()).into_iter().chain(files(place.program.home())) {
        let name = path.strip_prefix(place.cwd()).unwrap_or(&path).to_string_lossy().into_owned();
        // What was planted holds the secrets, and the development key is where it should be.
        if planted.contains(&name) || name.ends_with(".key") || path.starts_with(place.program.home().join("bin")) {
            continue;
        }
        written += 1;
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        if let Some(told) = secrets.iter().find(|secret| text.contains(*secret)) {
            complaints.push(format!("{name} holds {told}: {text}"));
        }
    }
    assert!(written >= 4, "only {written} files were written");
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
}
