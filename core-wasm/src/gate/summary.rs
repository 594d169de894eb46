//! `policy test`: the verdict about one intent, and a line that fits into a log (gate contract, 4.2).

use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::Fault;
use gait_contract::review::{POLICY_TEST_SCHEMA, PolicyTest, PolicyTestRequest};
use gait_contract::runpack::SCHEMA_VERSION;

use crate::intent;
use crate::policy::{self, Evaluation};
use crate::task::Host;

/// Bytes of a summary before it is cut.
const SUMMARY_BYTES: usize = 240;

/// Answers op `policy.test`.
pub(crate) async fn test(host: &Host, request: PolicyTestRequest) -> Result<PolicyTest, Fault> {
    let policy = policy::named(host, request.policy.as_deref()).await?;
    let intent = intent::given(host, &request.intent).await?;
    let evaluation = policy.evaluate(&intent);
    Ok(PolicyTest {
        schema_id: POLICY_TEST_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: intent.created_at.clone(),
        policy_digest: policy.digest.clone(),
        intent_digest: intent.intent_digest.clone(),
        verdict: evaluation.verdict,
        summary: summary(&evaluation),
        reason_codes: evaluation.reasons,
        violations: evaluation.violations,
        matched_rule: evaluation.matched_rule,
        warnings: policy.warnings.clone(),
    })
}

fn summary(evaluation: &Evaluation) -> String {
    let list = |codes: &[String]| if codes.is_empty() { "none".to_string() } else { codes.join(",") };
    let text = format!(
        "policy test verdict={} reasons={} violations={}",
        evaluation.verdict.word(),
        list(&evaluation.reasons),
        list(&evaluation.violations)
    );
    if text.len() <= SUMMARY_BYTES {
        return text;
    }
    let kept = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= SUMMARY_BYTES).last().unwrap_or_default();
    format!("{}...(+{})", text.get(..kept).unwrap_or_default(), text.len() - SUMMARY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::policy::Evaluation;

    #[test]
    fn long_summaries_are_cut_at_a_character() {
        let evaluation = |name: &str| Evaluation { reasons: alloc::vec![name.repeat(150)], ..Evaluation::default() };
        let ascii = summary(&evaluation("ab"));
        assert!(ascii.contains("...(+") && ascii.len() < 260, "{ascii}");
        let wide = summary(&evaluation("é"));
        assert!(wide.contains("é...(+"), "{wide}");
        assert_eq!(summary(&Evaluation::default()), "policy test verdict=block reasons=none violations=none");
    }
}
