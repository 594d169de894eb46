//! Intents, normalized as the contract says (gate contract, section 2), by somebody who never saw the core.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::runpack::canonical;
use crate::world::sha256;

const KINDS: [&str; 9] = ["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];
const READ: [&str; 7] = ["read", "get", "list", "open", "cat", "head", "download"];
const WRITE: [&str; 9] = ["write", "append", "put", "create", "update", "save", "copy", "move", "rename"];
const DELETE: [&str; 7] = ["delete", "remove", "rm", "unlink", "rmdir", "drop", "truncate"];
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

/// A normalized intent.
pub struct Intent {
    /// What is digested.
    pub normalized: Value,
    /// Its targets.
    pub targets: Vec<Target>,
}

/// A normalized target, with what was inferred beside what was declared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Kind.
    pub kind: String,
    /// Value.
    pub value: String,
    /// Operation; may be empty.
    pub operation: String,
    /// Sensitivity; may be empty.
    pub sensitivity: String,
    /// Declared class, otherwise the inferred one.
    pub class: String,
    /// Declared domain, otherwise the inferred one; may be empty.
    pub domain: String,
    /// Declared or inferred.
    pub destructive: bool,
    /// The class that follows from the rest.
    pub inferred_class: String,
    /// The domain that follows from a url or host; may be empty.
    pub inferred_domain: String,
}

/// Lower case, one character for one.
pub fn lower(text: &str) -> String {
    text.chars().map(|c| if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) }).collect()
}

/// Trims, drops empty ones and repetitions, sorts.
pub fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut texts: Vec<String> = texts.into_iter().map(|text| text.trim().to_owned()).collect();
    texts.retain(|text| !text.is_empty());
    texts.sort();
    texts.dedup();
    texts
}

/// The texts in a list; none when it is absent.
pub fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    value[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default().trim()
}

impl Intent {
    /// Normalizes an intent; `None` when it is refused.
    pub fn read(raw: &Value) -> Option<Self> {
        let required = |text: String| (!text.is_empty()).then_some(text);
        let tool = required(lower(text(raw, "tool_name")))?;
        let args = if raw["args"].is_null() { json!({}) } else { trimmed(&raw["args"])? };
        let context = &raw["context"];
        let mut said = Map::new();
        said.insert("identity".into(), required(text(context, "identity").to_owned())?.into());
        said.insert("workspace".into(), required(text(context, "workspace").replace('\\', "/"))?.into());
        said.insert("risk_class".into(), required(lower(text(context, "risk_class")))?.into());
        for key in ["session_id", "request_id", "environment_fingerprint"] {
            insert(&mut said, key, text(context, key));
        }
        if let Some(auth) = trimmed(&context["auth_context"])?.as_object().filter(|auth| !auth.is_empty()) {
            said.insert("auth_context".into(), auth.clone().into());
        }
        let scopes = set(texts(context, "credential_scopes"));
        if !scopes.is_empty() {
            said.insert("credential_scopes".into(), scopes.into());
        }
        let mut targets = Vec::new();
        for raw in raw["targets"].as_array().into_iter().flatten() {
            targets.push(Target::read(raw, &tool)?);
        }
        targets.sort();
        targets.dedup_by(|one, other| one.seven() == other.seven());
        let mut normalized = json!({"tool_name": tool, "args": args, "context": said});
        normalized["targets"] = targets.iter().map(Target::normalized).collect();
        let provenance = provenance(raw)?;
        if !provenance.is_empty() {
            normalized["arg_provenance"] = provenance.into();
        }
        if raw["skill_provenance"].is_object() {
            normalized["skill_provenance"] = skill(&raw["skill_provenance"])?;
        }
        Some(Self { normalized, targets })
    }

    /// Its digest.
    pub fn digest(&self) -> String {
        sha256(&canonical(&self.normalized))
    }

    /// A text of the normalized intent.
    pub fn text(&self, pointer: &str) -> &str {
        self.normalized.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The sources its arguments come from.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.normalized["arg_provenance"].as_array().into_iter().flatten().filter_map(|entry| entry["source"].as_str())
    }
}

fn insert(object: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        object.insert(key.into(), text.into());
    }
}

/// Strings and keys trimmed, all the way down; `None` when a key is empty or two become one.
fn trimmed(value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(text) => text.trim().into(),
        Value::Array(values) => Value::Array(values.iter().map(trimmed).collect::<Option<_>>()?),
        Value::Object(members) => {
            let mut object = Map::new();
            for (key, value) in members {
                let taken = key.trim().is_empty() || object.insert(key.trim().into(), trimmed(value)?).is_some();
                if taken {
                    return None;
                }
            }
            object.into()
        }
        other => other.clone(),
    })
}

fn provenance(raw: &Value) -> Option<Vec<Value>> {
    let mut entries = BTreeMap::new();
    for entry in raw["arg_provenance"].as_array().into_iter().flatten() {
        let (path, source) = (text(entry, "arg_path"), lower(text(entry, "source")));
        let (reference, digest) = (text(entry, "source_ref"), lower(text(entry, "integrity_digest")));
        if path.is_empty() || !["user", "tool_output", "external", "system"].contains(&source.as_str()) || !hex(&digest)
        {
            return None;
        }
        let mut object = Map::new();
        insert(&mut object, "arg_path", path);
        insert(&mut object, "source", &source);
        insert(&mut object, "source_ref", reference);
        insert(&mut object, "integrity_digest", &digest);
        entries.insert([path.to_owned(), source, reference.to_owned(), digest], Value::Object(object));
    }
    Some(entries.into_values().collect())
}

fn skill(raw: &Value) -> Option<Value> {
    let digest = lower(text(raw, "digest"));
    let mut object = Map::new();
    insert(&mut object, "skill_name", text(raw, "skill_name"));
    insert(&mut object, "source", &lower(text(raw, "source")));
    insert(&mut object, "publisher", text(raw, "publisher"));
    let complete = object.len() == 3 && hex(&digest);
    insert(&mut object, "skill_version", text(raw, "skill_version"));
    insert(&mut object, "signature_key_id", text(raw, "signature_key_id"));
    insert(&mut object, "digest", &digest);
    complete.then_some(object.into())
}

/// Empty, or 64 hex digits.
fn hex(digest: &str) -> bool {
    digest.is_empty() || (digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Target {
    fn read(raw: &Value, tool: &str) -> Option<Self> {
        let kind = lower(text(raw, "kind"));
        let value = text(raw, "value").to_owned();
        let operation = lower(text(raw, "operation"));
        let declared = lower(text(raw, "endpoint_class"));
        let known = KINDS.contains(&kind.as_str()) && (declared.is_empty() || CLASSES.contains(&declared.as_str()));
        if !known || value.is_empty() {
            return None;
        }
        let inferred_class = class(&kind, &operation, tool).to_owned();
        let class = if declared.is_empty() { inferred_class.clone() } else { declared };
        let inferred_domain = match kind.as_str() {
            "url" => super::url::domain(&value),
            "host" => super::url::host(&value),
            _ => String::new(),
        };
        let declared = lower(text(raw, "endpoint_domain"));
        let domain = if declared.is_empty() { inferred_domain.clone() } else { declared };
        let destructive = raw["destructive"] == true
            || ["fs.delete", "proc.exec"].contains(&class.as_str())
            || DELETE.contains(&operation.as_str())
            || ["exec", "spawn"].contains(&operation.as_str());
        let sensitivity = lower(text(raw, "sensitivity"));
        Some(Self { kind, value, operation, sensitivity, class, domain, destructive, inferred_class, inferred_domain })
    }

    fn seven(&self) -> (&str, &str, &str, &str, &str, &str, bool) {
        let Self { kind, value, operation, sensitivity, class, domain, destructive, .. } = self;
        (kind, value, operation, sensitivity, class, domain, *destructive)
    }

    fn normalized(&self) -> Value {
        let mut object = Map::new();
        insert(&mut object, "kind", &self.kind);
        insert(&mut object, "value", &self.value);
        insert(&mut object, "operation", &self.operation);
        insert(&mut object, "sensitivity", &self.sensitivity);
        insert(&mut object, "endpoint_class", &self.class);
        insert(&mut object, "endpoint_domain", &self.domain);
        if self.destructive {
            object.insert("destructive".into(), true.into());
        }
        object.into()
    }
}

/// The class of a target that declares none (gate contract, 2.3).
fn class(kind: &str, operation: &str, tool: &str) -> &'static str {
    let last = tool.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let hint = |words: &[&str]| words.iter().any(|word| last.contains(word));
    let executes = ["exec", "spawn", "run", "shell", "command"].contains(&operation);
    match kind {
        "path" if READ.contains(&operation) || operation == "stat" => "fs.read",
        "path" if WRITE.contains(&operation) => "fs.write",
        "path" if DELETE.contains(&operation) => "fs.delete",
        "path" if hint(&["read", "list", "fetch", "search"]) => "fs.read",
        "path" if hint(&["write", "update", "save", "create"]) => "fs.write",
        "path" if hint(&["delete", "remove", "rm", "drop"]) => "fs.delete",
        "host" | "url" if ["dns", "resolve", "lookup"].contains(&operation) => "net.dns",
        "host" | "url" => "net.http",
        "other" if executes || hint(&["exec", "shell", "command", "spawn", "run"]) => "proc.exec",
        _ => "other",
    }
}
