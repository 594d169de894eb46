//! The list of operations and of the types they speak, as schemas. Everything the TypeScript types are made from.

use std::collections::BTreeMap;

use gait_contract::op::Call;
use gait_contract::{
    Fault, Step, approval, attestation, config, events, evidence, gate, gateway, guard, inspect, intent, inventory,
    mcp_servers, policy, primitives, recording, registry, regress, retention, review, runpack, scout, step, tool_call,
    trace, trust, verify,
};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema, json_schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::order::Order;

/// One operation of the core.
pub struct Operation {
    /// Its name, as `gait_call` takes it.
    pub op: &'static str,
    /// Name of the type that goes in.
    pub request: String,
    /// Name of the type that comes out.
    pub reply: String,
}

/// All operations with all types that cross the boundary.
pub struct Vocabulary {
    /// In the order of the table below.
    pub operations: Vec<Operation>,
    /// Schemas by type name.
    pub types: BTreeMap<String, Value>,
    /// Declared order of their fields.
    pub order: Order,
}

/// Stands for the reply in [`Step`]: a type parameter in the types made from it.
struct Parameter;

impl JsonSchema for Parameter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        PARAMETER.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

/// Name of the type parameter.
pub const PARAMETER: &str = "R";

/// Collects everything that crosses the boundary.
pub fn vocabulary() -> Vocabulary {
    let mut collector = Collector {
        requests: SchemaSettings::draft2020_12().for_deserialize().into_generator(),
        replies: SchemaSettings::draft2020_12().for_serialize().into_generator(),
        operations: Vec::new(),
        order: Order::default(),
    };
    collector.operation::<runpack::DemoRequest>();
    collector.operation::<verify::VerifyRequest>();
    collector.operation::<verify::ReceiptRequest>();
    collector.operation::<runpack::RecordRequest>();
    collector.operation::<runpack::ReplayRequest>();
    collector.operation::<runpack::DiffRequest>();
    collector.operation::<runpack::OutlineRequest>();
    collector.operation::<runpack::CompareRequest>();
    collector.operation::<runpack::ReduceRequest>();
    collector.operation::<inspect::InspectRequest>();
    collector.operation::<runpack::MigrateRequest>();
    collector.operation::<regress::RegressInitRequest>();
    collector.operation::<regress::RegressRunRequest>();
    collector.operation::<trace::TraceVerifyRequest>();
    collector.operation::<guard::PackVerifyRequest>();
    collector.operation::<evidence::PackRequest>();
    collector.operation::<retention::RetainRequest>();
    collector.operation::<attestation::AttestationVerifyRequest>();
    collector.operation::<intent::IntentDigestRequest>();
    collector.operation::<tool_call::CallReadRequest>();
    collector.operation::<tool_call::CallRecordRequest>();
    collector.operation::<approval::ApprovalMintRequest>();
    collector.operation::<approval::ApprovalVerifyRequest>();
    collector.operation::<policy::PolicyLoadRequest>();
    collector.operation::<policy::PolicyFormatRequest>();
    collector.operation::<review::PolicyTestRequest>();
    collector.operation::<review::SimulateRequest>();
    collector.operation::<review::ExplainRequest>();
    collector.operation::<gate::GateRequest>();
    collector.operation::<review::RecheckRequest>();
    collector.operation::<trust::McpVerifyRequest>();
    collector.operation::<gateway::McpMessageRequest>();
    collector.operation::<gateway::McpAnswerRequest>();
    collector.operation::<gateway::McpToolsRequest>();
    collector.operation::<gateway::McpMergeRequest>();
    collector.operation::<gateway::McpAskRequest>();
    collector.operation::<mcp_servers::McpServersRequest>();
    collector.operation::<recording::McpRecordingRequest>();
    collector.operation::<config::ConfigReadRequest>();
    collector.operation::<events::AdoptionRequest>();
    collector.operation::<registry::RegistryVerifyRequest>();
    collector.operation::<registry::RegistryInstallRequest>();
    collector.operation::<scout::FingerprintRequest>();
    collector.operation::<scout::ReportRequest>();
    collector.operation::<inventory::SnapshotRequest>();
    collector.operation::<inventory::CoverageRequest>();
    collector.operation::<inventory::DriftRequest>();
    collector.operation::<primitives::JsonDigestRequest>();
    collector.operation::<primitives::SignatureCheckRequest>();
    collector.part::<approval::ApprovalEntry>();
    collector.part::<approval::ApprovalAudit>();
    collector.part::<config::GateDefaults>();
    collector.part::<config::McpServeDefaults>();
    collector.part::<config::RetentionDefaults>();
    collector.part::<events::CommandCount>();
    collector.part::<events::Milestone>();
    collector.part::<review::AssumedContext>();
    collector.part::<review::ConstraintEffect>();
    collector.part::<gate::CredentialRecord>();
    collector.part::<gate::CredentialRequest>();
    collector.part::<gate::Decision>();
    collector.part::<gate::GateFiles>();
    collector.part::<gate::IssuedCredential>();
    collector.part::<review::Judgement>();
    collector.part::<review::MatcherFailure>();
    collector.part::<review::NotEvaluated>();
    collector.part::<gate::RateLimitUse>();
    collector.part::<review::RecheckMismatch>();
    collector.part::<review::RuleLook>();
    collector.part::<gate::Simulated>();
    collector.part::<review::VerdictChange>();
    collector.part::<gate::Wanted>();
    collector.part::<gate::ClientApproval>();
    collector.part::<intent::CallServer>();
    collector.part::<trust::ServerTrust>();
    collector.part::<gateway::McpCall>();
    collector.part::<gateway::McpClient>();
    collector.part::<gateway::McpOutcome>();
    collector.part::<recording::McpRecordedCall>();
    collector.part::<gateway::McpParam>();
    collector.part::<gateway::McpPin>();
    collector.part::<gateway::McpRefusal>();
    collector.part::<gateway::McpReply>();
    collector.part::<gateway::McpResumed>();
    collector.part::<gateway::McpRouting>();
    collector.part::<gateway::McpShare>();
    collector.part::<mcp_servers::McpHeader>();
    collector.part::<mcp_servers::McpServer>();
    collector.part::<mcp_servers::McpSettings>();
    collector.part::<mcp_servers::McpTarget>();
    collector.part::<mcp_servers::McpTool>();
    collector.part::<mcp_servers::McpUpstream>();
    collector.part::<policy::Problem>();
    collector.part::<tool_call::CallFacts>();
    collector.part::<tool_call::CallForm>();
    collector.part::<tool_call::Decided>();
    collector.part::<trace::SkillProvenance>();
    collector.part::<trace::Trace>();
    collector.part::<runpack::Signature>();
    collector.part::<runpack::RecordDefaults>();
    collector.part::<runpack::Env>();
    collector.part::<runpack::ReplayStep>();
    collector.part::<runpack::DiffSummary>();
    collector.part::<runpack::ReduceReport>();
    collector.part::<inspect::InspectedMember>();
    collector.part::<runpack::Run>();
    collector.part::<runpack::TimelineEvent>();
    collector.part::<runpack::Intent>();
    collector.part::<runpack::ResultRecord>();
    collector.part::<runpack::Refs>();
    collector.part::<runpack::Receipt>();
    collector.part::<evidence::EvidenceSources>();
    collector.part::<evidence::IncidentRequest>();
    collector.part::<evidence::IncidentSelection>();
    collector.part::<guard::Contained>();
    collector.part::<guard::PackMember>();
    collector.part::<intent::ArgProvenance>();
    collector.part::<retention::FoundFile>();
    collector.part::<retention::RetentionReport>();
    collector.part::<retention::RetainedFile>();
    collector.part::<attestation::AttestRequest>();
    collector.part::<attestation::Unsealed>();
    collector.part::<attestation::Attested>();
    collector.part::<attestation::VerdictCounts>();
    collector.part::<attestation::SubjectReport>();
    collector.part::<verify::HashMismatch>();
    collector.part::<verify::Signer>();
    collector.part::<regress::FixtureFolder>();
    collector.part::<scout::ReasonCount>();
    collector.part::<scout::SignalReport>();
    collector.part::<scout::RunFingerprint>();
    collector.part::<scout::Family>();
    collector.part::<scout::Issue>();
    collector.part::<scout::Suggestion>();
    collector.part::<inventory::InventorySnapshot>();
    collector.part::<inventory::InventoryItem>();
    collector.part::<inventory::SkippedFile>();
    collector.part::<inventory::Coverage>();
    collector.part::<inventory::Drift>();
    collector.part::<inventory::DriftItem>();
    collector.part::<inventory::DriftChange>();
    collector.part::<step::SourceError>();
    collector.part::<Fault>();
    collector.replies.subschema_for::<Step<Parameter>>();
    collector.requests.subschema_for::<step::Answer>();
    collector.finish()
}

struct Collector {
    requests: SchemaGenerator,
    replies: SchemaGenerator,
    operations: Vec<Operation>,
    order: Order,
}

impl Collector {
    fn operation<T>(&mut self)
    where
        T: Call + JsonSchema + DeserializeOwned,
        T::Reply: JsonSchema,
    {
        self.requests.subschema_for::<T>();
        self.replies.subschema_for::<T::Reply>();
        self.part::<T>();
        self.part::<T::Reply>();
        let (request, reply) = (T::schema_name().into_owned(), T::Reply::schema_name().into_owned());
        self.operations.push(Operation { op: T::OP.0, request, reply });
    }

    /// A type with fields that others are made of.
    fn part<T: DeserializeOwned>(&mut self) {
        self.order.learn::<T>();
    }

    fn finish(mut self) -> Vocabulary {
        let mut types: BTreeMap<String, Value> = self.replies.take_definitions(true).into_iter().collect();
        for (name, schema) in self.requests.take_definitions(true) {
            // Replies write fields that requests may leave out; the type says what holds for both.
            if let Some(other) = types.insert(name.clone(), schema.clone()) {
                let (other, schema) = (without_required(other), without_required(schema));
                assert_eq!(other, schema, "`{name}` means one thing in requests and another in replies");
            }
        }
        types.remove(PARAMETER);
        Vocabulary { operations: self.operations, types, order: self.order }
    }
}

fn without_required(mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
    }
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn no_operation_of_the_contract_is_left_out() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core-wasm/contract/src");
        let mut declared: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(sources).expect("the contract's sources") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a source file");
            declared.extend(
                text.lines().filter_map(|line| line.strip_prefix("call!(")?.split('"').nth(1).map(str::to_owned)),
            );
        }
        let mut listed: Vec<String> =
            super::vocabulary().operations.iter().map(|operation| operation.op.to_owned()).collect();
        declared.sort();
        listed.sort();
        assert_eq!(listed, declared);
    }

    #[test]
    fn the_declared_order_of_every_type_is_known() {
        let vocabulary = super::vocabulary();
        for (name, schema) in &vocabulary.types {
            assert!(schema.get("properties").is_none() || vocabulary.order.knows(name), "{name}");
        }
    }
}
