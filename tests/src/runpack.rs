//! Runpacks put together by hand from the contract, with an independent canonicalizer: what the core reads here was
//! not written by the core.

use serde_json::{Value, json};

use crate::archive::{Archive, Member};
use crate::world::{sha256, sign};

/// Names of the members that a manifest lists, in order.
pub const LISTED: [&str; 4] = ["intents.jsonl", "refs.json", "results.jsonl", "run.json"];

/// A runpack that is sound until a change makes it otherwise.
#[derive(Clone)]
pub struct Runpack {
    /// Name and content of each member but the manifest.
    pub members: Vec<(String, Vec<u8>)>,
    /// The manifest's fields that do not follow from the members.
    pub head: Value,
    /// Changes the finished manifest.
    seal: fn(&mut Value),
}

impl Runpack {
    /// A runpack of these records.
    pub fn new(run: &Value, intents: &[Value], results: &[Value], refs: &Value) -> Self {
        let lines = |records: &[Value]| -> Vec<u8> {
            records.iter().flat_map(|record| [canonical(record), b"\n".to_vec()].concat()).collect()
        };
        let contents = [lines(intents), canonical(refs), lines(results), canonical(run)];
        let mut head = json!({
            "schema_id": "gait.runpack.manifest",
            "schema_version": "1.0.0",
            "capture_mode": "reference",
        });
        for key in ["created_at", "producer_version", "run_id"] {
            head[key] = run[key].clone();
        }
        let members = LISTED.into_iter().map(String::from).zip(contents).collect();
        Self { members, head, seal: |_| {} }
    }

    /// Two tool calls: a search that was answered, and a booking that failed.
    pub fn sample() -> Self {
        Self::new(
            &run(),
            &[intent("i1", "tool.search"), intent("i2", "tool.book")],
            &[result("i1", "ok"), result("i2", "error")],
            &refs(&["r1", "r2"]),
        )
    }

    /// The demo, from the published table (runpack contract, "demo").
    pub fn demo() -> Self {
        let time = "2026-02-05T00:00:00Z";
        let stamp = |schema: &str, mut record: Value| {
            record["schema_id"] = format!("gait.runpack.{schema}").into();
            record["schema_version"] = "1.0.0".into();
            record["created_at"] = time.into();
            record["producer_version"] = "0.0.0-dev".into();
            record["run_id"] = "run_demo".into();
            record
        };
        let calls = [
            ("tool.search", json!({"query": "gait demo: offline verification"})),
            ("tool.fetch", json!({"url": "https://example.local/demo"})),
            ("tool.summarize", json!({"input_ref": "ref_1"})),
        ];
        let (mut intents, mut results, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (tool, args)) in (1..).zip(calls) {
            let result = json!({"message": format!("demo result {number}"), "ok": true});
            intents.push(stamp(
                "intent",
                json!({
                    "intent_id": format!("intent_{number}"), "tool_name": tool,
                    "args_digest": sha256(&canonical(&args)), "args": args,
                }),
            ));
            results.push(stamp(
                "result",
                json!({
                    "intent_id": format!("intent_{number}"), "status": "ok",
                    "result_digest": sha256(&canonical(&result)), "result": result,
                }),
            ));
            receipts.push(json!({
                "ref_id": format!("ref_{number}"), "source_type": "demo", "source_locator": tool,
                "query_digest": sha256(format!("query-{number}").as_bytes()),
                "content_digest": sha256(format!("content-{number}").as_bytes()),
                "retrieved_at": time, "redaction_mode": "reference",
            }));
        }
        let run = stamp(
            "run",
            json!({
                "env": {"os": "demo", "arch": "demo", "runtime": "go"},
                "timeline": [{"event": "start", "ts": time}, {"event": "finish", "ts": "2026-02-05T00:00:02Z"}],
            }),
        );
        Self::new(&run, &intents, &results, &stamp("refs", json!({ "receipts": receipts })))
    }

    /// The same runpack with another content of one member; the manifest follows.
    #[must_use]
    pub fn content(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        match self.members.iter_mut().find(|member| member.0 == name) {
            Some(member) => member.1 = content.into(),
            None => self.members.push((name.into(), content.into())),
        }
        self
    }

    /// The same runpack with another field in the manifest; the digest follows.
    #[must_use]
    pub fn head(mut self, key: &str, value: Value) -> Self {
        self.head[key] = value;
        self
    }

    /// The same runpack with a manifest that is changed when it is finished; nothing follows.
    #[must_use]
    pub fn seal(mut self, change: fn(&mut Value)) -> Self {
        self.seal = change;
        self
    }

    /// The finished manifest.
    pub fn manifest(&self) -> Value {
        let mut manifest = self.head.clone();
        let mut files: Vec<Value> =
            self.members.iter().map(|(path, content)| json!({"path": path, "sha256": sha256(content)})).collect();
        files.sort_by_key(|entry| entry["path"].to_string());
        manifest["files"] = files.into();
        manifest["manifest_digest"] = "".into();
        // Unknown fields are in the file, and in signatures, but not in the digest.
        let mut known = manifest.clone();
        known.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("x_"));
        manifest["manifest_digest"] = sha256(&canonical(&known)).into();
        (self.seal)(&mut manifest);
        manifest
    }

    /// A signature by the fixed key over the manifest.
    pub fn signature(&self) -> Value {
        signature(&self.manifest())
    }

    /// The archive, members stored as they are.
    pub fn archive(&self) -> Archive {
        let mut members: Vec<(&str, Vec<u8>)> =
            self.members.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
        members.push(("manifest.json", canonical(&self.manifest())));
        members.sort_by_key(|member| member.0);
        Archive::of(members.iter().map(|(name, content)| Member::stored(name, content)))
    }

    /// The archive with this text as its manifest.
    pub fn with_manifest(&self, text: &[u8]) -> Archive {
        self.archive().member("manifest.json", |_| Member::stored("manifest.json", text))
    }

    /// The archive's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.archive().bytes()
    }
}

/// A signature by the fixed key over a manifest without its signatures.
pub fn signature(manifest: &Value) -> Value {
    let mut payload = manifest.clone();
    payload.as_object_mut().expect("an object").remove("signatures");
    let digest = sha256(&canonical(&payload));
    let (key_id, sig) = sign(&digest);
    json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest})
}

/// RFC 8785, by somebody else.
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("JSON values have a canonical form")
}

/// `run.json` of the sample.
pub fn run() -> Value {
    json!({
        "schema_id": "gait.runpack.run", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "run_id": "run_sample",
        "env": {"os": "linux", "arch": "x86_64", "runtime": "python"},
        "timeline": [
            {"event": "start", "ts": "2026-03-11T09:15:00Z"},
            {"event": "call", "ts": "2026-03-11T09:15:01Z", "ref": "i1"},
            {"event": "call", "ts": "2026-03-11T09:15:02Z", "ref": "i2"},
        ],
    })
}

/// An intent of the sample.
pub fn intent(id: &str, tool: &str) -> Value {
    let args = json!({"source_ref": "r1", "text": format!("call {id}")});
    json!({
        "schema_id": "gait.runpack.intent", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "run_id": "run_sample", "intent_id": id, "tool_name": tool,
        "args_digest": sha256(&canonical(&args)), "args": args,
    })
}

/// A result of the sample.
pub fn result(id: &str, status: &str) -> Value {
    let result = json!({"text": format!("answer to {id}")});
    json!({
        "schema_id": "gait.runpack.result", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "run_id": "run_sample", "intent_id": id, "status": status,
        "result_digest": sha256(&canonical(&result)), "result": result,
    })
}

/// `refs.json` of the sample.
pub fn refs(ids: &[&str]) -> Value {
    let receipt = |id: &&str| {
        json!({
            "ref_id": id, "source_type": "file", "source_locator": format!("notes/{id}.txt"),
            "query_digest": sha256(b"query"), "content_digest": sha256(id.as_bytes()),
            "retrieved_at": "2026-03-11T09:14:00Z", "redaction_mode": "reference",
        })
    };
    json!({
        "schema_id": "gait.runpack.refs", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "run_id": "run_sample", "receipts": ids.iter().map(receipt).collect::<Vec<_>>(),
    })
}
