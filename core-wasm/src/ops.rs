//! The roof: one match from an operation's name to the function that answers it.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::pin::Pin;

use gait_contract::op::{Call, Op};
use gait_contract::{Code, Fault, FreeObject};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;
use crate::task::Host;
use crate::{
    adoption, approval, calls, config, gate, gateway, guard, intent, policy, primitives, registry, regress, runpack,
    scout, text, trace, trust,
};

/// An operation on its way.
pub(crate) type Operation = Pin<Box<dyn Future<Output = Result<FreeObject, Fault>>>>;

macro_rules! operations {
    ($($request:path => $answer:path),* $(,)?) => {
        /// Starts an operation. The request is the JSON of its request type.
        pub(crate) fn start(op: &str, request: Vec<u8>, host: Host) -> Operation {
            $(
                if op == <$request as Call>::OP.0 {
                    return Box::pin(async move {
                        let request: $request = read(<$request as Call>::OP, &request)?;
                        Ok(reply::<$request>(&$answer(&host, request).await?))
                    });
                }
            )*
            let fault = Fault::new(Code::UnknownOp, format!("unknown operation `{op}`"));
            Box::pin(async move { Err(fault) })
        }
    };
}

operations! {
    gait_contract::verify::VerifyRequest => runpack::verify,
    gait_contract::verify::ReceiptRequest => runpack::receipt,
    gait_contract::runpack::DemoRequest => runpack::demo,
    gait_contract::runpack::RecordRequest => runpack::record,
    gait_contract::runpack::ReplayRequest => runpack::replay,
    gait_contract::runpack::DiffRequest => runpack::diff,
    gait_contract::runpack::OutlineRequest => runpack::outline,
    gait_contract::runpack::CompareRequest => runpack::compare_outlines,
    gait_contract::runpack::ReduceRequest => runpack::reduce,
    gait_contract::inspect::InspectRequest => runpack::inspect,
    gait_contract::runpack::MigrateRequest => runpack::migrate,
    gait_contract::trace::TraceVerifyRequest => trace::verify,
    gait_contract::guard::PackVerifyRequest => guard::verify,
    gait_contract::evidence::PackRequest => guard::pack,
    gait_contract::retention::RetainRequest => guard::retain,
    gait_contract::attestation::AttestationVerifyRequest => guard::verify_attestation,
    gait_contract::intent::IntentDigestRequest => intent::digest,
    gait_contract::tool_call::CallReadRequest => calls::read,
    gait_contract::tool_call::CallRecordRequest => calls::record,
    gait_contract::approval::ApprovalMintRequest => approval::mint,
    gait_contract::approval::ApprovalVerifyRequest => approval::verify,
    gait_contract::config::ConfigReadRequest => config::read,
    gait_contract::policy::PolicyLoadRequest => policy::load,
    gait_contract::policy::PolicyFormatRequest => policy::format,
    gait_contract::review::PolicyTestRequest => gate::test,
    gait_contract::review::SimulateRequest => gate::simulate,
    gait_contract::review::ExplainRequest => policy::explain,
    gait_contract::gate::GateRequest => gate::decide,
    gait_contract::review::RecheckRequest => gate::recheck,
    gait_contract::trust::McpVerifyRequest => trust::verify,
    gait_contract::gateway::McpMessageRequest => gateway::message,
    gait_contract::gateway::McpAnswerRequest => gateway::answer,
    gait_contract::gateway::McpToolsRequest => gateway::tools,
    gait_contract::gateway::McpMergeRequest => gateway::merge,
    gait_contract::gateway::McpAskRequest => gateway::ask,
    gait_contract::mcp_servers::McpServersRequest => gateway::servers,
    gait_contract::recording::McpRecordingRequest => gateway::recording,
    gait_contract::regress::RegressInitRequest => regress::init,
    gait_contract::regress::RegressRunRequest => regress::run,
    gait_contract::events::AdoptionRequest => adoption::report,
    gait_contract::registry::RegistryVerifyRequest => registry::verify,
    gait_contract::registry::RegistryInstallRequest => registry::install,
    gait_contract::scout::FingerprintRequest => scout::fingerprint,
    gait_contract::scout::ReportRequest => scout::report,
    gait_contract::inventory::SnapshotRequest => scout::snapshot,
    gait_contract::inventory::CoverageRequest => scout::coverage,
    gait_contract::inventory::DriftRequest => scout::drift,
    gait_contract::primitives::JsonDigestRequest => primitives::digest_json,
    gait_contract::primitives::SignatureCheckRequest => primitives::check_signature,
}

fn read<T: DeserializeOwned>(op: Op, request: &[u8]) -> Result<T, Fault> {
    json::read(request).map_err(|fault| fault.at(format!("request of `{}`", op.0)))
}

/// The reply as text, its members in the order of their type; the type ties it to its request.
fn reply<C: Call>(reply: &C::Reply) -> FreeObject
where
    C::Reply: Serialize,
{
    FreeObject::from_canonical(text::compact(reply))
}
