//! Rechecking a trace: the intent is judged again, and every field of the trace that follows from policy and intent is
//! compared with what follows.

use alloc::string::ToString;

use gait_contract::policy::Verdict;
use gait_contract::review::{Recheck, RecheckMismatch, RecheckRequest};
use gait_contract::trace::Trace;
use gait_contract::trust::TRUST_VIOLATION;
use gait_contract::verify::SignatureStatus;
use gait_contract::{Fault, Timestamp};

use crate::digest::short_name;
use crate::intent;
use crate::policy::{self, Evaluation};
use crate::sign::PublicKey;
use crate::task::Host;
use crate::{document, json, trace};

/// What the approval of a rehearsal begins with.
const SIMULATED: &str = "simulated:";

/// Answers op `trace.recheck`.
pub(crate) async fn recheck(host: &Host, request: RecheckRequest) -> Result<Recheck, Fault> {
    let key = request.public_key.as_deref().map(PublicKey::parse).transpose()?;
    let text = document::read(host, &request.trace).await?;
    let recorded: Trace = json::read(&text).map_err(|fault| fault.at(request.trace.clone()))?;
    let policy = policy::open(host, &request.policy).await?;
    let intent = intent::given(host, &request.intent).await?;
    let mut evaluation = policy.evaluate(&intent);

    let mut report = Recheck {
        trace_id: recorded.trace_id.clone(),
        recorded_verdict: recorded.verdict.clone(),
        evaluated_verdict: evaluation.verdict,
        matched_rule: evaluation.matched_rule.clone(),
        reason_codes: evaluation.reasons.clone(),
        ..Recheck::default()
    };
    if let Some(key) = &key {
        let checked = trace::check_signature(&recorded, &text, key)?;
        report.signature_status =
            Some(if checked.is_ok() { SignatureStatus::Verified } else { SignatureStatus::Failed });
        report.signature_error = checked.err().unwrap_or_default();
    }
    let mut differs = |field: &str, recorded: &str, evaluated: &str| {
        if recorded != evaluated {
            let (field, recorded, evaluated) = (field.to_string(), recorded.to_string(), evaluated.to_string());
            report.mismatches.push(RecheckMismatch { field, recorded, evaluated });
        }
    };
    differs("policy_digest", &recorded.policy_digest, &policy.digest);
    differs("intent_digest", &recorded.intent_digest, &intent.intent_digest);
    differs("args_digest", &recorded.args_digest, &intent.args_digest);
    differs("tool_name", &recorded.tool_name, &intent.tool_name);
    differs("created_at", in_utc(&recorded.created_at).as_str(), intent.created_at.as_str());
    // The id follows from the trace's own verdict, which may be another than the policy's.
    let id = [&policy.digest, ":", &intent.intent_digest, ":", &recorded.verdict].concat();
    differs("trace_id", &recorded.trace_id, &short_name(id.as_bytes()));
    differs(
        "skill_provenance",
        &json::canonical_text(&recorded.skill_provenance),
        &json::canonical_text(&intent.skill_provenance),
    );
    let story = story(&recorded, &evaluation).or_else(|| {
        // A snapshot of long ago is not at hand; that the server was not trusted then, the trace says itself.
        let told = recorded.violations.iter().any(|violation| violation == TRUST_VIOLATION);
        let rehearsed = recorded.approval_token_ref.starts_with(SIMULATED);
        let risk_class = &intent.context.risk_class;
        let wanted = policy.trust().filter(|wanted| wanted.is_required(risk_class) && (told || rehearsed))?;
        evaluation.distrust(wanted);
        policy::as_set(&mut evaluation.violations);
        story(&recorded, &evaluation).map(|story| if story.is_empty() { "mcp_trust" } else { story })
    });
    match story {
        Some(story) => report.explained_by = story.to_string(),
        None => {
            differs("verdict", &recorded.verdict, evaluation.verdict.word());
            differs("violations", &recorded.violations.join(","), &evaluation.violations.join(","));
        }
    }
    report.recorded_core = core_of(&recorded.producer_version).to_string();
    report.same_core = !report.recorded_core.is_empty() && report.recorded_core == core_of(&request.producer_version);
    report.ok = report.mismatches.is_empty() && report.signature_status != Some(SignatureStatus::Failed);
    Ok(report)
}

fn in_utc(time: &Timestamp) -> Timestamp {
    time.in_utc().unwrap_or_else(|_| time.clone())
}

/// The digest of the core in gait's version: `0.1.0+core.<digest>`.
fn core_of(producer: &str) -> &str {
    producer.split_once("+core.").map_or("", |(_, core)| core)
}

/// What can lie between the policy's verdict and the trace's, if the trace shows it. `Some("")`: nothing does.
fn story(trace: &Trace, evaluation: &Evaluation) -> Option<&'static str> {
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == trace.verdict)?;
    let plus = |code: &str| {
        let mut violations = evaluation.violations.clone();
        violations.push(code.into());
        policy::as_set(&mut violations);
        trace.violations == violations
    };
    let same = trace.violations == evaluation.violations;
    if let Some(real) = trace.approval_token_ref.strip_prefix(SIMULATED) {
        let would_have_blocked = real == Verdict::Block.word() || real == Verdict::RequireApproval.word();
        let follows = if would_have_blocked {
            verdict == Verdict::Allow && trace.violations.is_empty()
        } else {
            verdict.word() == real
        };
        // What would have happened must itself follow; approvals and limits may have had their part in it.
        let real = Verdict::ALL.into_iter().find(|verdict| verdict.word() == real)?;
        let reachable = real == evaluation.verdict
            || (real == Verdict::Block && (evaluation.rate_limit.is_some() || evaluation.needs_credential))
            || (real == Verdict::Allow && evaluation.verdict == Verdict::RequireApproval);
        return (follows && reachable).then_some("simulation");
    }
    match (evaluation.verdict, verdict) {
        (_, Verdict::Block)
            if evaluation.rate_limit.is_some()
                && plus("rate_limit_exceeded")
                && evaluation.verdict != Verdict::Block =>
        {
            Some("rate_limit")
        }
        (Verdict::Block, Verdict::Block) if evaluation.rate_limit.is_some() && plus("rate_limit_exceeded") => {
            Some("rate_limit")
        }
        (Verdict::Allow | Verdict::RequireApproval, Verdict::Block)
            if evaluation.needs_credential && plus("broker_credential_missing") =>
        {
            Some("credential")
        }
        (Verdict::RequireApproval, Verdict::Allow) if !trace.approval_token_ref.is_empty() && same => Some("approval"),
        (Verdict::RequireApproval, Verdict::RequireApproval) if plus("approval_not_granted") => Some(""),
        (evaluated, recorded) if evaluated == recorded && same => Some(""),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::core_of;

    #[test]
    fn the_core_stands_in_the_version() {
        assert_eq!(core_of("0.1.0+core.abc"), "abc");
        assert_eq!(core_of("0.1.0"), "");
        assert_eq!(core_of(""), "");
    }
}
