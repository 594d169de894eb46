//! `policy simulate`: which verdicts change between two policies over intents, traces and runpacks.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::intent::{INTENT_REQUEST_SCHEMA, IntentContext, IntentRequest};
use gait_contract::review::{AssumedContext, Judgement, NotEvaluated, SimulateRequest, Simulation, VerdictChange};
use gait_contract::trace::TRACE_SCHEMA;
use gait_contract::{Code, Fault};
use serde::Deserialize;

use crate::intent::{self, Intent};
use crate::policy::{self, Evaluation, Policy};
use crate::task::Host;
use crate::{document, json, runpack};

/// One intent of a fixture.
struct Case {
    /// The call within a runpack.
    intent_id: String,
    intent: Result<Intent, String>,
}

/// Answers op `policy.simulate`.
pub(crate) async fn simulate(host: &Host, request: SimulateRequest) -> Result<Simulation, Fault> {
    let baseline = policy::open(host, &request.baseline).await?;
    let candidate = policy::open(host, &request.policy).await?;
    let mut simulation = Simulation {
        baseline_digest: baseline.digest.clone(),
        policy_digest: candidate.digest.clone(),
        ..Simulation::default()
    };
    let mut traces: Vec<(String, TraceHead)> = Vec::new();
    let mut judged: Vec<String> = Vec::new();
    for fixture in &request.fixtures {
        let cases = match read(host, fixture, &request.assumed).await? {
            Fixture::Cases(cases) => cases,
            Fixture::Trace(trace) => {
                traces.push((fixture.clone(), trace));
                continue;
            }
        };
        for case in cases {
            match case.intent {
                Ok(intent) => {
                    judged.push(intent.intent_digest.clone());
                    compare(&mut simulation, fixture, &case.intent_id, &intent, &baseline, &candidate);
                }
                Err(reason) => {
                    let (fixture, intent_id) = (fixture.clone(), case.intent_id);
                    simulation.not_evaluated.push(NotEvaluated { fixture, intent_id, reason });
                }
            }
        }
    }
    // A trace names its intent by digest only: it is covered when the intent itself is among the fixtures.
    for (fixture, trace) in traces {
        if !judged.contains(&trace.intent_digest) {
            let reason = "a trace holds digests, not the intent; add the intent it was made from".to_string();
            simulation.not_evaluated.push(NotEvaluated { fixture, intent_id: String::new(), reason });
        }
    }
    Ok(simulation)
}

fn compare(
    simulation: &mut Simulation,
    fixture: &str,
    intent_id: &str,
    intent: &Intent,
    baseline: &Policy,
    candidate: &Policy,
) {
    let (before, after) = (judgement(baseline.evaluate(intent)), judgement(candidate.evaluate(intent)));
    simulation.evaluated += 1;
    simulation.changed += u64::from(before.verdict != after.verdict);
    simulation.stricter += u64::from(after.verdict > before.verdict);
    simulation.looser += u64::from(after.verdict < before.verdict);
    // Another rule with the same words is no change that anybody meets.
    let same = before.verdict == after.verdict
        && before.reason_codes == after.reason_codes
        && before.violations == after.violations;
    if !same {
        simulation.changes.push(VerdictChange {
            fixture: fixture.to_string(),
            intent_id: intent_id.to_string(),
            tool_name: intent.tool_name.clone(),
            intent_digest: intent.intent_digest.clone(),
            baseline: before,
            candidate: after,
        });
    }
}

fn judgement(evaluation: Evaluation) -> Judgement {
    Judgement {
        verdict: evaluation.verdict,
        reason_codes: evaluation.reasons,
        violations: evaluation.violations,
        matched_rule: evaluation.matched_rule,
    }
}

enum Fixture {
    Cases(Vec<Case>),
    Trace(TraceHead),
}

/// What tells a trace from an intent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TraceHead {
    schema_id: String,
    intent_digest: String,
}

async fn read(host: &Host, fixture: &str, assumed: &AssumedContext) -> Result<Fixture, Fault> {
    if fixture.ends_with(".zip") {
        return recorded(host, fixture, assumed).await;
    }
    let text = document::read(host, fixture).await?;
    let at = |fault: Fault| fault.at(fixture);
    let head: TraceHead = json::read(&text).map_err(at)?;
    if head.schema_id == TRACE_SCHEMA {
        return Ok(Fixture::Trace(head));
    }
    if !head.schema_id.is_empty() && head.schema_id != INTENT_REQUEST_SCHEMA {
        let text = alloc::format!("`{}` is neither an intent nor a trace", head.schema_id);
        return Err(Fault::new(Code::SchemaUnsupported, text).at(fixture));
    }
    let intent = Ok(intent::read(&text).map_err(at)?);
    Ok(Fixture::Cases(alloc::vec![Case { intent_id: String::new(), intent }]))
}

/// The intents of a runpack, with a context that the caller vouches for.
async fn recorded(host: &Host, fixture: &str, assumed: &AssumedContext) -> Result<Fixture, Fault> {
    let mut cases = Vec::new();
    for recorded in runpack::intents(host, fixture).await? {
        let intent = match recorded.args {
            None => Err("the runpack holds the digest of the arguments only".to_string()),
            Some(args) => {
                let context = IntentContext {
                    identity: assumed.identity.clone(),
                    workspace: assumed.workspace.clone(),
                    risk_class: assumed.risk_class.clone(),
                    ..IntentContext::default()
                };
                let request = IntentRequest {
                    tool_name: recorded.tool_name,
                    created_at: recorded.created_at,
                    args: Some(args),
                    context,
                    ..IntentRequest::default()
                };
                intent::read(&json::canonical(&request)).map_err(|fault| fault.into_envelope().error)
            }
        };
        cases.push(Case { intent_id: recorded.intent_id, intent });
    }
    Ok(Fixture::Cases(cases))
}
