//! The decision: one function of the policy, the intent, approvals, credential, rate-limit state and time
//! (gate contract, 4.4, steps 4 to 11). What it needs and was not given, it asks for; it never guesses.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::approval::{APPROVAL_AUDIT_SCHEMA, ApprovalAudit, ApprovalEntry};
use gait_contract::gate::{
    CREDENTIAL_SCHEMA, ClientApproval, Credential, CredentialRecord, Decision, GateFiles, GateReply, GateRequest,
    Profile, Simulated, Wanted,
};
use gait_contract::policy::Verdict;
use gait_contract::runpack::{SCHEMA_VERSION, Signature};
use gait_contract::tool_call::CallForm;
use gait_contract::trace::{TRACE_SCHEMA, Trace};
use gait_contract::trust::{ServerTrust, TRUST_VIOLATION};
use gait_contract::{Code, Fault};

use super::credential::{self, Asked};
use super::rates::{self, Counted};
use crate::approval::{self, Expected, Token};
use crate::calls;
use crate::digest::{sha256_hex, short_name};
use crate::intent::{self, Intent};
use crate::order;
use crate::policy::{self, Evaluation, Policy, Trust};
use crate::sign::PublicKey;
use crate::task::Host;
use crate::{document, text, trace, trust};

/// Answers op `gate.decide`.
pub(crate) async fn decide(host: &Host, request: GateRequest) -> Result<GateReply, Fault> {
    let policy = policy::named(host, request.policy.as_deref()).await?;
    let (intent, call) = match &request.form {
        None => (intent::given(host, &request.intent).await?, None),
        Some(form) => {
            let is_explicit = form.is_explicit || request.profile == Profile::OssProd;
            let call = calls::given(host, &request.intent, &CallForm { is_explicit, ..form.clone() }).await?;
            (call.intent, Some(call.facts))
        }
    };
    let mut tokens = Vec::new();
    for given in &request.approvals {
        let token = approval::parse(&document::bytes_of(host, given).await?);
        tokens.push(token.map_err(|fault| document::at(given, fault))?);
    }
    let risk_class = &intent.context.risk_class;
    let trust = trust::check(host, &policy, intent.server.as_ref(), risk_class, &request.now).await?;
    let mut reply = judge(&policy, &intent, trust, &tokens, &request)?;
    if let GateReply::Decided(decision) = &mut reply {
        decision.call = call;
    }
    if let GateReply::Decided(decision) = &mut reply
        && request.sign
    {
        let (key_id, sig) = host.sign(&decision.signed_digest).await?;
        let signed_digest = decision.signed_digest.clone();
        decision.trace.signature = Some(Signature { alg: "ed25519".into(), key_id, sig, signed_digest });
        decision.files = Some(GateFiles {
            trace: text::indented(&decision.trace),
            approval_audit: decision.approval_audit.as_ref().map(text::indented),
            credential_evidence: decision.credential_record.as_ref().map(text::indented),
        });
    }
    Ok(reply)
}

/// The decision function.
pub(crate) fn judge(
    policy: &Policy,
    intent: &Intent,
    trust: Option<ServerTrust>,
    tokens: &[Token],
    request: &GateRequest,
) -> Result<GateReply, Fault> {
    if request.profile == Profile::OssProd {
        check_profile(policy, request)?;
    }
    let mut evaluation = policy.evaluate(intent);
    if let (Some(wanted), Some(found)) = (policy.trust(), &trust) {
        evaluation.heed(wanted, found);
    }
    let counted = match (&evaluation.rate_limit, &request.rate_limits) {
        (None, _) => None,
        (Some(limit), Some(state)) => Some(rates::count(limit, intent, &request.now, state)?),
        (Some(_), None) => return Ok(GateReply::Wanted(Wanted { rate_limits: true, ..Wanted::default() })),
    };
    if counted.as_ref().is_some_and(|counted| counted.exceeded) {
        evaluation.block("rate_limit_exceeded", "rate_limit_exceeded");
    }
    let approvals = approve(&mut evaluation, policy, intent, tokens, request)?;
    let asked = (evaluation.needs_credential && evaluation.verdict == Verdict::Allow)
        .then(|| credential::ask(&evaluation, request));
    let mut issued = None;
    if let Some(asked) = &asked {
        if request.credential == Credential::Unasked {
            let next_rate_limits = counted.and_then(|counted| counted.next);
            let credential = Some(asked.request(intent));
            return Ok(GateReply::Wanted(Wanted { rate_limits: false, next_rate_limits, credential }));
        }
        issued = credential::issued(&request.credential, asked, intent);
        match (&issued, &request.credential) {
            (Some(_), _) => evaluation.reasons.push("broker_credential_present".into()),
            (None, Credential::Off) => evaluation.block("broker_credential_required", "broker_credential_missing"),
            (None, _) => evaluation.block("broker_credential_missing", "broker_credential_missing"),
        }
    }
    policy::as_set(&mut evaluation.reasons);
    policy::as_set(&mut evaluation.violations);
    let simulated = request.simulate.then(|| evaluation.pretend());
    let mut decision = Decision { simulated, approval_ref: approvals.reference(request), ..Decision::default() };
    decision.mcp_trust = trust;
    decision.required_approvals = approvals.required;
    decision.valid_approvals = approvals.approvers.len() as u64;
    record(&mut decision, evaluation, policy, intent, request);
    decision.approval_audit = approvals.audit(&decision, request);
    decision.credential_record = issued.as_ref().zip(asked).map(|(issued, asked): (_, Asked)| CredentialRecord {
        schema_id: CREDENTIAL_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: intent.created_at.clone(),
        producer_version: request.producer_version.clone(),
        trace_id: decision.trace_id.clone(),
        tool_name: intent.tool_name.clone(),
        identity: intent.context.identity.clone(),
        broker: issued.issuer.clone(),
        reference: asked.reference,
        scope: asked.scope,
        credential_ref: issued.reference.clone(),
    });
    decision.credential = issued;
    if let Some(Counted { used, next, .. }) = counted {
        decision.rate_limit = Some(used);
        decision.next_rate_limits = next;
    }
    Ok(GateReply::Decided(Box::new(decision)))
}

/// Verdict, reasons, digests and the trace that says so.
fn record(decision: &mut Decision, evaluation: Evaluation, policy: &Policy, intent: &Intent, request: &GateRequest) {
    let verdict = evaluation.verdict;
    let trace_id = short_name([&policy.digest, ":", &intent.intent_digest, ":", verdict.word()].concat().as_bytes());
    let approval_token_ref = match &decision.simulated {
        // Signed, and kept by every reader: nobody takes a rehearsal for a verdict.
        Some(simulated) => format!("simulated:{}", simulated.verdict.word()),
        None => decision.approval_ref.clone(),
    };
    let record = Trace {
        schema_id: TRACE_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: intent.created_at.clone(),
        producer_version: request.producer_version.clone(),
        trace_id: trace_id.clone(),
        correlation_id: request.correlation_id.clone(),
        tool_name: intent.tool_name.clone(),
        args_digest: intent.args_digest.clone(),
        intent_digest: intent.intent_digest.clone(),
        policy_digest: policy.digest.clone(),
        verdict: verdict.word().into(),
        violations: evaluation.violations.clone(),
        latency_ms: request.latency_ms.max(0.0),
        approval_token_ref,
        skill_provenance: intent.skill_provenance.clone(),
        signature: None,
    };
    decision.verdict = verdict;
    decision.reason_codes = evaluation.reasons;
    decision.violations = evaluation.violations;
    decision.matched_rule = evaluation.matched_rule;
    decision.policy_digest.clone_from(&policy.digest);
    decision.intent_digest.clone_from(&intent.intent_digest);
    decision.trace_id = trace_id;
    decision.signed_digest = sha256_hex(&trace::payload(&record));
    decision.trace = record;
}

impl Evaluation {
    fn block(&mut self, reason: &str, violation: &str) {
        self.verdict = Verdict::Block;
        self.reasons.push(reason.into());
        self.violations.push(violation.into());
    }

    /// Takes in what is known about the call's server.
    fn heed(&mut self, wanted: &Trust, found: &ServerTrust) {
        self.reasons.extend(found.reason_codes.iter().cloned());
        if found.enforced {
            self.distrust(wanted);
        }
    }

    /// The verdict about a call whose server is not trusted.
    pub(super) fn distrust(&mut self, wanted: &Trust) {
        self.verdict = wanted.tightened(self.verdict);
        self.violations.push(TRUST_VIOLATION.into());
        if self.verdict == Verdict::RequireApproval {
            self.min_approvals = self.min_approvals.max(1);
        }
    }

    /// Turns the verdict into one that does not enforce, and says what it was.
    fn pretend(&mut self) -> Simulated {
        let verdict = self.verdict;
        let would_have_blocked = matches!(verdict, Verdict::Block | Verdict::RequireApproval);
        let simulated = Simulated { verdict, reason_codes: self.reasons.clone(), would_have_blocked };
        self.reasons.push("simulate_mode_non_enforcing".into());
        if would_have_blocked {
            self.reasons.push(["simulated_", verdict.word()].concat());
            self.verdict = Verdict::Allow;
            self.violations.clear();
        }
        policy::as_set(&mut self.reasons);
        simulated
    }
}

/// What production asks of a policy and its surroundings (gate contract, 4.4, steps 2 and 4).
fn check_profile(policy: &Policy, request: &GateRequest) -> Result<(), Fault> {
    let unmet = |text: String| Err(Fault::new(Code::ProfileUnmet, text));
    if request.simulate {
        return unmet("profile oss-prod enforces, and `--simulate` does not".to_string());
    }
    if policy.default_verdict == Verdict::Allow {
        return unmet("profile oss-prod refuses a policy whose default_verdict is allow".to_string());
    }
    let risky = policy.rules().iter().filter(|rule| rule.effect != Verdict::Block && rule.meets_high_risk());
    let mut any = false;
    for rule in risky {
        any = true;
        if !rule.needs_credential {
            let name = &rule.name;
            return unmet(format!(
                "profile oss-prod: rule `{name}` can match high risk and has no require_broker_credential"
            ));
        }
    }
    if any && request.credential == Credential::Off {
        return unmet("profile oss-prod: the policy needs broker credentials, and no broker is configured".to_string());
    }
    Ok(())
}

/// What approvals came to.
#[derive(Default)]
struct Approvals {
    required: u64,
    entries: Vec<ApprovalEntry>,
    /// Ids of valid tokens.
    granted: Vec<String>,
    /// Their approvers, one for each token.
    approvers: Vec<String>,
    is_granted: bool,
}

fn approve(
    evaluation: &mut Evaluation,
    policy: &Policy,
    intent: &Intent,
    tokens: &[Token],
    request: &GateRequest,
) -> Result<Approvals, Fault> {
    let mut approvals = Approvals { required: evaluation.min_approvals, ..Approvals::default() };
    if evaluation.verdict != Verdict::RequireApproval {
        return Ok(approvals);
    }
    let required = evaluation.min_approvals.max(1);
    approvals.required = required;
    if request.profile == Profile::OssProd && request.approval_key.is_empty() {
        let text = "profile oss-prod: the call needs approval, and no key of the approvers is configured";
        return Err(Fault::new(Code::ProfileUnmet, text).hint("name it with `--approval-public-key FILE`"));
    }
    if let (Some(word), true) = (&request.client_approval, tokens.is_empty()) {
        approvals.by_the_clients_word(evaluation, word, request.profile);
        return Ok(approvals);
    }
    if tokens.is_empty() {
        // About a call as an agent sends it, only what the policy says is told: nobody presented anything yet.
        if request.form.is_none() {
            evaluation.reasons.push("approval_token_missing".into());
            evaluation.violations.push("approval_not_granted".into());
        }
        return Ok(approvals);
    }
    if request.now.is_zero() {
        return Err(Fault::new(Code::TimeMissing, "approvals expire, and the request does not name the time"));
    }
    let key = PublicKey::parse(&request.approval_key)?;
    let expected = Expected {
        intent_digest: &intent.intent_digest,
        policy_digest: &policy.digest,
        tool_name: &intent.tool_name,
        now: &request.now,
        key: &key,
    };
    for token in tokens {
        let checked = token.check(&expected);
        match &checked {
            Ok(valid) => {
                // One token counts once, however often it was copied.
                if approvals.granted.contains(&valid.token_id) {
                    continue;
                }
                approvals.granted.push(valid.token_id.clone());
                approvals.approvers.push(valid.approver_identity.clone());
            }
            Err(code) => evaluation.reasons.push((*code).into()),
        }
        approvals.entries.push(token.entry(checked.err()));
    }
    let distinct = {
        let mut approvers = approvals.approvers.clone();
        policy::as_set(&mut approvers);
        approvers.len() as u64
    };
    let too_few = (approvals.granted.len() as u64) < required;
    let same_people = evaluation.distinct_approvers && required > 1 && distinct < required;
    if too_few {
        evaluation.reasons.push("approval_chain_insufficient".into());
    }
    if same_people {
        evaluation.reasons.push("approval_distinct_approvers_required".into());
    }
    if too_few || same_people {
        evaluation.violations.push("approval_not_granted".into());
    } else {
        evaluation.verdict = Verdict::Allow;
        evaluation.reasons.push("approval_granted".into());
        approvals.is_granted = true;
    }
    Ok(approvals)
}

impl Approvals {
    /// The program that calls says that its user approves, which the record names as what it is.
    fn by_the_clients_word(&mut self, evaluation: &mut Evaluation, word: &ClientApproval, profile: Profile) {
        let is_enough = self.required == 1 && !evaluation.distinct_approvers && profile != Profile::OssProd;
        self.entries.push(ApprovalEntry {
            token_id: format!("client-form:{}", word.question),
            approver_identity: format!("client:{}", word.client),
            reason_code: "client_form".into(),
            valid: is_enough,
            error_code: if is_enough { String::new() } else { "approval_client_form_insufficient".into() },
            ..ApprovalEntry::default()
        });
        if is_enough {
            self.granted.push(format!("client-form:{}", word.question));
            self.approvers.push(format!("client:{}", word.client));
            self.is_granted = true;
            evaluation.verdict = Verdict::Allow;
            evaluation.reasons.push("approval_by_client_form".into());
        } else {
            evaluation.reasons.push("approval_client_form_insufficient".into());
            evaluation.violations.push("approval_not_granted".into());
        }
    }

    /// What the verdict rests on.
    fn reference(&self, request: &GateRequest) -> String {
        if !self.is_granted {
            return request.approval_ref.trim().to_string();
        }
        let mut ids = self.granted.clone();
        policy::as_set(&mut ids);
        ids.join(",")
    }

    /// The record of who approved, if approvals are part of the story.
    fn audit(mut self, decision: &Decision, request: &GateRequest) -> Option<ApprovalAudit> {
        if self.entries.is_empty() && (self.required == 0 || request.form.is_some()) {
            return None;
        }
        policy::as_set(&mut self.approvers);
        let place = |entry: &ApprovalEntry| {
            [
                entry.token_id.clone(),
                entry.approver_identity.clone(),
                entry.reason_code.clone(),
                entry.expires_at.as_str().to_string(),
                entry.scope.join(","),
            ]
        };
        order::sort(&mut self.entries, &mut |one, other| place(one).cmp(&place(other)));
        Some(ApprovalAudit {
            schema_id: APPROVAL_AUDIT_SCHEMA.into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: decision.trace.created_at.clone(),
            producer_version: request.producer_version.clone(),
            trace_id: decision.trace_id.clone(),
            tool_name: decision.trace.tool_name.clone(),
            intent_digest: decision.intent_digest.clone(),
            policy_digest: decision.policy_digest.clone(),
            required_approvals: self.required,
            valid_approvals: decision.valid_approvals,
            approved: decision.valid_approvals >= self.required,
            approvers: self.approvers,
            entries: Some(self.entries),
        })
    }
}
