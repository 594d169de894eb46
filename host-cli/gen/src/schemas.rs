//! JSON Schemas (draft 2020-12) of the artifacts, made from the contract types.
//!
//! The committed schemas are open: a document with a later, additional field stays valid for those who read it.
//! What gait itself writes holds to the closed form, which [`closed`] makes from the open one.

use gait_contract::{regress, runpack};
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
];

impl Artifact {
    /// The schema as it is published: open for later, additional fields.
    pub fn schema(&self) -> Value {
        let mut schema = (self.root)();
        tidy(&mut schema);
        if let Some(root) = schema.as_object_mut() {
            root.insert("$id".into(), format!("{ADDRESS}/{}", self.path).into());
            root.insert("title".into(), self.title.into());
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
