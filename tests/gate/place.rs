//! A folder with a policy, calls, keys and approvals, in which the gate is asked.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use ed25519_dalek::SigningKey;
use gait_tests::program::{self, Done, Program};
use gait_tests::runpack::canonical;
use gait_tests::vector;
use gait_tests::world::{sha256, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");
/// Longer than the gate waits for anything: a broker's five seconds, a lock's three.
const LIMIT: Duration = Duration::from_secs(60);

/// The folder.
pub(crate) struct Place {
    pub(crate) program: Program,
    work: TempDir,
}

/// A private key's file: base64 of seed and public half.
pub(crate) fn private_key(seed: [u8; 32]) -> String {
    Base64::encode_string(&SigningKey::from_bytes(&seed).to_keypair_bytes())
}

/// The seed of the key that signs approvals and traces.
pub(crate) fn seed() -> [u8; 32] {
    std::array::from_fn(|at| at as u8)
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { program: Program::new(PROGRAM), work: program::temporary("gait-gate-") };
        place.put("policy.yaml", vector::blob("harbour.yaml"));
        place.put("waiting.json", vector::blob("intent_waiting.json"));
        let call = |tool: &str| {
            json!({
                "tool_name": tool, "args": {"note": "n"},
                "context": {"identity": "agent-7", "workspace": "/quay/7", "risk_class": "low"},
            })
        };
        place.put("look.json", call("crane.look").to_string());
        place.put("fuel.json", call("fuel.take").to_string());
        place.put("paint.json", call("crane.paint").to_string());
        place.put("trace.key", private_key(seed()));
        place.put("trace.pub", gait_tests::world::PUBLIC_KEY);
        place
    }

    pub(crate) fn cwd(&self) -> &Path {
        self.work.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.cwd().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a temporary folder");
    }

    /// A program that a broker is made of.
    pub(crate) fn script(&self, name: &str, script: &str) {
        self.put(name, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o700)).expect("permissions");
    }

    /// An approval of the waiting call by somebody, with other fields before it is signed.
    pub(crate) fn approve(&self, name: &str, changes: Value) {
        let mut token: Value = serde_json::from_slice(&vector::blob("token_ana.json")).expect("JSON");
        token.as_object_mut().map(|token| token.remove("signature"));
        token["expires_at"] = "2999-01-01T00:00:00Z".into();
        for (key, value) in changes.as_object().into_iter().flatten() {
            token[key] = value.clone();
        }
        let digest = sha256(&canonical(&token));
        let (key_id, sig) = sign(&digest);
        token["signature"] = json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest});
        self.put(name, token.to_string());
    }

    /// The words of a call of the gate that signs with the key in the folder, up to where it can be gone on.
    pub(crate) fn words(intent: &str) -> Vec<String> {
        let words = format!(
            "gate eval --json --no-config --policy policy.yaml --intent {intent} --key-mode prod --private-key trace.key \
             --trace-out trace.json --approval-audit-out audit.json --credential-evidence-out evidence.json \
             --rate-limit-state state.json"
        );
        words.split_whitespace().map(String::from).collect()
    }

    /// A call of the gate; later words win.
    pub(crate) fn command(&self, intent: &str, more: &[&str]) -> Command {
        let mut command = self.program.command(self.cwd());
        command.args(Self::words(intent)).args(more);
        command
    }

    /// Runs a call to its end.
    pub(crate) fn eval(&self, intent: &str, more: &[&str]) -> Done {
        self.run(self.command(intent, more))
    }

    pub(crate) fn run(&self, command: Command) -> Done {
        let shown = format!("{command:?}");
        program::run(command, LIMIT).unwrap_or_else(|| panic!("takes too long: {shown}"))
    }

    /// Runs a call in bash, below what `before` sets up.
    pub(crate) fn eval_below(&self, before: &str, intent: &str, more: &[&str]) -> Done {
        let mut shell = self.program.shell(self.cwd());
        let quoted = |word: String| format!("'{}'", word.replace('\'', "'\\''"));
        let words = Self::words(intent).into_iter().chain(more.iter().map(ToString::to_string));
        let words: Vec<String> = words.map(quoted).collect();
        shell.arg("-c").arg(format!("{before}\ngait {}", words.join(" ")));
        self.run(shell)
    }

    /// Names of everything in the folder.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.cwd()).expect("a folder").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    /// The JSON of a file.
    pub(crate) fn json(&self, name: &str) -> Value {
        let text = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// The one object on standard output.
#[track_caller]
pub(crate) fn answer(done: &Done) -> Value {
    serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {:?} {:?}", done.out(), done.err()))
}
