//! JSON Schemas (draft 2020-12) of the artifacts, made from the contract types.
//!
//! The committed schemas are open: a document with a later, additional field stays valid for those who read it.
//! What gait itself writes holds to the closed form, which [`closed`] makes from the open one.

use gait_contract::{
    approval, events, gate, guard, intent, inventory, registry, regress, retention, review, runpack, scout, trace,
    trust,
};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::order::{self, Order};

/// Where the schemas are, below the repository.
pub const FOLDER: &str = "core-wasm/contract/schemas/v1";

/// Where the schemas are, as their `$id` says it.
pub const ADDRESS: &str = "https://gait.dev/schemas/v1";

/// A kind of document that gait writes.
pub struct Artifact {
    /// Path of its schema below [`FOLDER`].
    pub path: &'static str,
    /// Its `schema_id`.
    pub schema_id: &'static str,
    title: &'static str,
    root: fn() -> Value,
}

/// Every artifact that has a schema.
pub const ARTIFACTS: &[Artifact] = &[
    Artifact {
        path: "runpack/manifest.schema.json",
        schema_id: runpack::MANIFEST_SCHEMA,
        title: "Runpack manifest",
        root: root::<runpack::Manifest>,
    },
    Artifact {
        path: "runpack/run.schema.json",
        schema_id: runpack::RUN_SCHEMA,
        title: "Run",
        root: root::<runpack::Run>,
    },
    Artifact {
        path: "runpack/intent.schema.json",
        schema_id: runpack::INTENT_SCHEMA,
        title: "Recorded intent",
        root: root::<runpack::Intent>,
    },
    Artifact {
        path: "runpack/result.schema.json",
        schema_id: runpack::RESULT_SCHEMA,
        title: "Recorded result",
        root: root::<runpack::ResultRecord>,
    },
    Artifact {
        path: "runpack/refs.schema.json",
        schema_id: runpack::REFS_SCHEMA,
        title: "Reference receipts",
        root: root::<runpack::Refs>,
    },
    Artifact {
        path: "runpack/reduce_report.schema.json",
        schema_id: runpack::REDUCE_REPORT_SCHEMA,
        title: "Reduce report",
        root: root::<runpack::ReduceReport>,
    },
    Artifact {
        path: "regress/config.schema.json",
        schema_id: regress::CONFIG_SCHEMA,
        title: "Regress configuration",
        root: root::<regress::Config>,
    },
    Artifact {
        path: "regress/fixture.schema.json",
        schema_id: regress::FIXTURE_SCHEMA,
        title: "Regress fixture",
        root: root::<regress::Fixture>,
    },
    Artifact {
        path: "regress/regress_result.schema.json",
        schema_id: regress::RESULT_SCHEMA,
        title: "Regress result",
        root: root::<regress::RegressResult>,
    },
    Artifact {
        path: "gate/intent_request.schema.json",
        schema_id: intent::INTENT_REQUEST_SCHEMA,
        title: "Intent request",
        root: root::<intent::IntentRequest>,
    },
    Artifact {
        path: "gate/trace_record.schema.json",
        schema_id: trace::TRACE_SCHEMA,
        title: "Trace",
        root: root::<trace::Trace>,
    },
    Artifact {
        path: "gate/approval_token.schema.json",
        schema_id: approval::APPROVAL_TOKEN_SCHEMA,
        title: "Approval token",
        root: root::<approval::ApprovalToken>,
    },
    Artifact {
        path: "gate/approval_audit_record.schema.json",
        schema_id: approval::APPROVAL_AUDIT_SCHEMA,
        title: "Approval audit record",
        root: root::<approval::ApprovalAudit>,
    },
    Artifact {
        path: "gate/broker_credential_record.schema.json",
        schema_id: gate::CREDENTIAL_SCHEMA,
        title: "Credential record",
        root: root::<gate::CredentialRecord>,
    },
    Artifact {
        path: "gate/rate_limit_state.schema.json",
        schema_id: gate::RATE_LIMIT_SCHEMA,
        title: "Rate-limit state",
        root: root::<gate::RateLimitState>,
    },
    Artifact {
        path: "guard/pack_manifest.schema.json",
        schema_id: guard::PACK_SCHEMA,
        title: "Evidence pack manifest",
        root: root::<guard::PackManifest>,
    },
    Artifact {
        path: "guard/retention_report.schema.json",
        schema_id: retention::RETENTION_SCHEMA,
        title: "Retention report",
        root: root::<retention::RetentionReport>,
    },
    Artifact {
        path: "guard/encrypted_artifact.schema.json",
        schema_id: retention::ENCRYPTED_SCHEMA,
        title: "Encrypted artifact",
        root: root::<retention::EncryptedArtifact>,
    },
    Artifact {
        path: "scout/signal_report.schema.json",
        schema_id: scout::REPORT_SCHEMA,
        title: "Signal report",
        root: root::<scout::SignalReport>,
    },
    Artifact {
        path: "scout/run_fingerprint.schema.json",
        schema_id: scout::FINGERPRINT_SCHEMA,
        title: "Run fingerprint",
        root: root::<scout::RunFingerprint>,
    },
    Artifact {
        path: "scout/inventory_snapshot.schema.json",
        schema_id: inventory::SNAPSHOT_SCHEMA,
        title: "Inventory snapshot",
        root: root::<inventory::InventorySnapshot>,
    },
    Artifact {
        path: "policytest/policy_test_result.schema.json",
        schema_id: review::POLICY_TEST_SCHEMA,
        title: "Policy test result",
        root: root::<review::PolicyTest>,
    },
    Artifact {
        path: "scout/adoption_event.schema.json",
        schema_id: events::ADOPTION_SCHEMA,
        title: "Adoption event",
        root: root::<events::AdoptionEvent>,
    },
    Artifact {
        path: "scout/operational_event.schema.json",
        schema_id: events::OPERATIONAL_SCHEMA,
        title: "Operational event",
        root: root::<events::OperationalEvent>,
    },
    Artifact {
        path: "registry/registry_pack.schema.json",
        schema_id: registry::PACK_SCHEMA,
        title: "Registry pack manifest",
        root: root::<registry::RegistryPack>,
    },
    Artifact {
        path: "registry/verification_report.schema.json",
        schema_id: registry::REPORT_SCHEMA,
        title: "Registry verification report",
        root: root::<registry::VerificationReport>,
    },
    Artifact {
        path: "mcp/trust_snapshot.schema.json",
        schema_id: trust::TRUST_SNAPSHOT_SCHEMA,
        title: "MCP trust snapshot",
        root: root::<trust::TrustSnapshot>,
    },
];

impl Artifact {
    /// The schema as it is published: open for later, additional fields.
    pub fn schema(&self) -> Value {
        let mut schema = (self.root)();
        tidy(&mut schema);
        // Runs are recorded as they were, even where a word is odd or missing.
        if !self.path.starts_with("runpack/") {
            narrow(&mut schema);
        }
        if let Some(root) = schema.as_object_mut() {
            root.insert("$id".into(), format!("{ADDRESS}/{}", self.path).into());
            root.insert("title".into(), self.title.into());
        }
        for (name, word) in [("schema_id", self.schema_id), ("schema_version", runpack::SCHEMA_VERSION)] {
            schema["properties"][name]["const"] = word.into();
        }
        schema
    }

    /// The schema that gait's own output holds to: nothing but the fields it names.
    pub fn closed_schema(&self) -> Value {
        let mut schema = self.schema();
        closed(&mut schema);
        schema
    }

    /// The text of the schema file.
    pub(crate) fn text(&self) -> String {
        // The root has lost its type's name; its title gives the way back.
        let mut schema = (self.root)();
        let name = schema.get_mut("title").map(Value::take).unwrap_or_default();
        order::print(&self.schema(), name.as_str().unwrap_or_default(), &order_of_fields())
    }
}

/// The artifact with this `schema_id`.
pub fn artifact(schema_id: &str) -> Option<&'static Artifact> {
    ARTIFACTS.iter().find(|artifact| artifact.schema_id == schema_id)
}

/// Closes every object of a schema that names its properties. Free objects name none and stay free.
pub fn closed(schema: &mut Value) {
    each_schema(schema, &mut |schema| {
        if schema.contains_key("properties") {
            schema.insert("additionalProperties".into(), false.into());
        }
    });
}

fn root<T: JsonSchema>() -> Value {
    // What serialization always writes is required; what it may leave out is not.
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Takes away what is about Rust and not about the document.
fn tidy(schema: &mut Value) {
    each_schema(schema, &mut |schema| {
        schema.remove("default");
        schema.retain(|key, value| key != "format" || value == "date-time");
        schema.retain(|key, value| key != "required" || value.as_array().is_none_or(|names| !names.is_empty()));
        if let Some(Value::String(description)) = schema.get_mut("description") {
            *description = plain(description);
        }
    });
}

/// Fields that take some words only, wherever they stand.
const WORDS: &[(&str, &[&str])] = &[
    ("verdict", &["allow", "dry_run", "require_approval", "block"]),
    ("kind", &["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"]),
    (
        "endpoint_class",
        &[
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
        ],
    ),
];

/// Fields that are never blank.
const TEXTS: &[&str] = &[
    "tool_name",
    "value",
    "arg_path",
    "skill_name",
    "publisher",
    "identity",
    "workspace",
    "risk_class",
    "trace_id",
    "broker",
    "credential_ref",
];

/// Says of some fields what their types in Rust leave open: a reader takes more than a writer should write.
fn narrow(schema: &mut Value) {
    each_schema(schema, &mut |schema| {
        // What may be null may also be left out, and that is what gait does.
        if let Some(Value::Array(choices)) = schema.get("anyOf")
            && let [Value::Object(choice), null] = choices.as_slice()
            && null["type"] == "null"
        {
            let choice = choice.clone();
            schema.remove("anyOf");
            schema.extend(choice);
        }
        if schema.get("type").is_some_and(|kind| *kind == serde_json::json!(["object", "null"])) {
            schema.insert("type".into(), "object".into());
        }
        let Some(Value::Object(fields)) = schema.get_mut("properties") else { return };
        for (name, field) in fields {
            let Some(field) = field.as_object_mut().filter(|field| field.get("type") == Some(&"string".into())) else {
                continue;
            };
            // A pin is told as somebody spelled it.
            if name.ends_with("digest") && name != "pin_digest" && !field.contains_key("pattern") {
                field.insert("pattern".into(), "^[a-fA-F0-9]{64}$".into());
            }
            // `kind` has words of its own in some artifacts.
            if let Some((_, words)) = WORDS.iter().find(|(known, _)| known == name && !field.contains_key("enum")) {
                field.insert("enum".into(), (*words).into());
            }
            if TEXTS.contains(&name.as_str()) {
                field.insert("minLength".into(), 1.into());
            }
        }
    });
}

/// A doc comment without the links that only rustdoc follows.
pub(crate) fn plain(description: &str) -> String {
    description.replace("[`crate::", "[`").replace("[`", "`").replace("`]", "`")
}

/// Calls `change` on a schema and on all schemas within it.
fn each_schema(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(map) = schema.as_object_mut() else { return };
    change(map);
    for (key, inner) in map {
        match (key.as_str(), inner) {
            ("properties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|schema| each_schema(schema, change));
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| each_schema(schema, change));
            }
            ("items", schema) => each_schema(schema, change),
            _ => {}
        }
    }
}

fn order_of_fields() -> Order {
    let mut order = Order::default();
    order.learn::<runpack::Manifest>();
    order.learn::<runpack::FileEntry>();
    order.learn::<runpack::Signature>();
    order.learn::<runpack::Run>();
    order.learn::<runpack::Env>();
    order.learn::<runpack::TimelineEvent>();
    order.learn::<runpack::Intent>();
    order.learn::<runpack::ResultRecord>();
    order.learn::<runpack::Refs>();
    order.learn::<runpack::Receipt>();
    order.learn::<runpack::ReduceReport>();
    order.learn::<regress::Config>();
    order.learn::<regress::ConfigFixture>();
    order.learn::<regress::Fixture>();
    order.learn::<regress::RegressResult>();
    order.learn::<regress::GraderResult>();
    order.learn::<regress::Details>();
    order.learn::<intent::IntentRequest>();
    order.learn::<intent::Target>();
    order.learn::<intent::ArgProvenance>();
    order.learn::<intent::IntentContext>();
    order.learn::<intent::CallServer>();
    order.learn::<trace::SkillProvenance>();
    order.learn::<trace::Trace>();
    order.learn::<approval::ApprovalToken>();
    order.learn::<approval::ApprovalAudit>();
    order.learn::<approval::ApprovalEntry>();
    order.learn::<gate::CredentialRecord>();
    order.learn::<gate::RateLimitState>();
    order.learn::<gate::RateLimitCounter>();
    order.learn::<guard::PackManifest>();
    order.learn::<guard::PackEntry>();
    order.learn::<guard::ControlEntry>();
    order.learn::<guard::EvidencePointer>();
    order.learn::<guard::IncidentWindow>();
    order.learn::<guard::RenderedArtifact>();
    order.learn::<retention::RetentionReport>();
    order.learn::<retention::RetainedFile>();
    order.learn::<retention::EncryptedArtifact>();
    order.learn::<retention::KeySource>();
    order.learn::<scout::SignalReport>();
    order.learn::<scout::RunFingerprint>();
    order.learn::<inventory::InventorySnapshot>();
    order.learn::<events::AdoptionEvent>();
    order.learn::<registry::RegistryPack>();
    order.learn::<registry::VerificationReport>();
    order.learn::<trust::TrustSnapshot>();
    order.learn::<trust::TrustEntry>();
    order.learn::<trust::RegistryVerification>();
    order.learn::<scout::Family>();
    order.learn::<scout::Issue>();
    order.learn::<scout::Suggestion>();
    order.learn::<events::Environment>();
    order.learn::<inventory::InventoryItem>();
    order.learn::<registry::RegistryArtifact>();
    order.learn::<review::PolicyTest>();
    order.learn::<gait_contract::policy::Problem>();
    order
}

#[cfg(test)]
mod tests {
    use super::{ARTIFACTS, artifact, order_of_fields};
    use serde_json::{Value, json};

    fn schema(schema_id: &str) -> Value {
        artifact(schema_id).expect("an artifact").schema()
    }

    #[test]
    fn a_schema_names_itself_and_its_artifact() {
        for artifact in ARTIFACTS {
            let schema = artifact.schema();
            assert_eq!(schema["$id"], format!("https://gait.dev/schemas/v1/{}", artifact.path));
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            assert_eq!(schema["properties"]["schema_id"]["const"], artifact.schema_id);
            assert_eq!(schema["properties"]["schema_version"]["const"], "1.0.0");
        }
    }

    #[test]
    fn what_is_always_written_is_required() {
        let manifest = schema("gait.runpack.manifest");
        assert_eq!(
            manifest["required"],
            json!([
                "schema_id",
                "schema_version",
                "created_at",
                "producer_version",
                "run_id",
                "capture_mode",
                "files",
                "manifest_digest"
            ])
        );
        assert_eq!(manifest["$defs"]["Signature"]["required"], json!(["alg", "key_id", "sig"]));
        let grader = &schema("gait.regress.result")["$defs"]["GraderResult"];
        assert_eq!(grader["required"], json!(["name", "status", "reason_codes"]));
    }

    #[test]
    fn published_schemas_are_open_and_closed_ones_shut_all_but_free_objects() {
        for artifact in ARTIFACTS {
            assert!(!artifact.schema().to_string().contains("additionalProperties"), "{}", artifact.path);
        }
        let closed = artifact("gait.runpack.refs").expect("an artifact").closed_schema();
        let receipt = &closed["$defs"]["Receipt"];
        assert_eq!(closed["additionalProperties"], json!(false));
        assert_eq!(receipt["additionalProperties"], json!(false));
        assert_eq!(receipt["properties"]["retrieval_params"].get("additionalProperties"), None);
    }

    #[test]
    fn the_declared_order_of_every_object_is_known() {
        let order = order_of_fields();
        for artifact in ARTIFACTS {
            for (name, schema) in artifact.schema()["$defs"].as_object().into_iter().flatten() {
                assert!(schema.get("properties").is_none() || order.knows(name), "{name}");
            }
        }
    }
}
