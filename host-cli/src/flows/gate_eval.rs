//! Judge one call: find keys and inputs, let the core decide, fetch what it asks for, have the trace signed, write it
//! down, and only then say the verdict (gate contract, 4.4).

use std::path::Path;
use std::time::{Duration, Instant};

use gait_contract::config::GateDefaults;
use gait_contract::gate::{Decision, GateReply, GateRequest, Profile};
use gait_contract::intent::Given;
use gait_contract::policy::{PolicyLoadRequest, Verdict};
use gait_contract::{Category, Code, Fault};
use serde::Serialize;

use super::gate_keys;
use super::policy::{Explained, ask_why};
use super::project_config::{self, list};
use super::regress_run::is_zero;
use crate::core::{Core, Session};
use crate::host::broker::Broker;
use crate::host::documents::Documents;
use crate::host::fs;
use crate::host::rate_limits::Turn;
use crate::host::{clock, interrupt, paths};

/// How often the core may ask before gait gives up: it asks for two things, each once.
const QUESTIONS: usize = 4;

/// What is to be judged, and how.
#[derive(Debug, Default)]
pub struct Wanted {
    /// What a project configuration could set as well, as far as it was given.
    pub given: GateDefaults,
    /// The project configuration; `None` to do without.
    pub config: Option<String>,
    /// File of the intent.
    pub intent: String,
    /// Say what would happen, and enforce nothing.
    pub simulate: bool,
    /// File of an approval token.
    pub approval_token: String,
    /// Files of approval tokens, separated by commas.
    pub approval_token_chain: String,
    /// What the trace names as approval when no token grants.
    pub approval_ref: String,
    /// File of the approval audit; blank for the usual name.
    pub approval_audit: String,
    /// Name of the call.
    pub correlation_id: String,
}

/// A call was judged, and everything about it is on the disk.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Always true: a verdict is an answer.
    pub ok: bool,
    /// `standard` or `oss-prod`.
    pub profile: Profile,
    /// What holds.
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reason_codes: Vec<String>,
    /// What the call violates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
    /// Ids of the tokens that grant, or what the caller named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_ref: String,
    /// How many approvals the call needs.
    #[serde(skip_serializing_if = "is_zero")]
    pub required_approvals: u64,
    /// How many valid ones were there.
    #[serde(skip_serializing_if = "is_zero")]
    pub valid_approvals: u64,
    /// File of the approval audit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_audit_path: String,
    /// Name of the trace.
    pub trace_id: String,
    /// File of the trace.
    pub trace_path: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// Names of the rules that decided.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// What was counted together.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rate_limit_scope: String,
    /// What was counted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rate_limit_key: String,
    /// How many calls the window has seen.
    #[serde(skip_serializing_if = "is_zero")]
    pub rate_limit_used: u64,
    /// How many more it allows.
    #[serde(skip_serializing_if = "is_zero")]
    pub rate_limit_remaining: u64,
    /// Who issued the credential.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_issuer: String,
    /// The credential's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_ref: String,
    /// File of the credential evidence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_evidence_path: String,
    /// Nothing was enforced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub simulate_mode: bool,
    /// The call would have been kept from running.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub would_have_blocked: bool,
    /// The verdict that was not enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated_verdict: Option<Verdict>,
    /// Its reasons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub simulated_reason_codes: Vec<String>,
    /// What is allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The tool, normalized.
    #[serde(skip)]
    pub tool_name: String,
    /// Said once, when a development key was made.
    #[serde(skip)]
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    #[serde(skip)]
    pub remark: Option<String>,
}

/// Judges a call.
pub fn eval(wanted: Wanted) -> Result<Judged, Fault> {
    interrupt::hold();
    let mut session = Core::load()?.session()?;
    let (setup, profile) = set_up(&mut session, &wanted)?;
    // Keys and inputs first: a call that cannot be judged must not spend what others are counted by.
    let signer = gate_keys::signer(&setup.key_mode, &setup.private_key, &setup.private_key_env)?;
    let approvers = gate_keys::approvers(
        (&setup.approval_public_key, &setup.approval_public_key_env),
        (&setup.approval_private_key, &setup.approval_private_key_env),
    )?;
    let arguments = list(&setup.credential_command_args);
    let broker =
        Broker::choose(&setup.credential_broker, &setup.credential_env_prefix, &setup.credential_command, arguments)?;
    let approval_key = match approvers {
        Some(key) => key.text(),
        // In production the key that signs verdicts must not approve calls just because nobody said otherwise.
        None if profile == Profile::OssProd => String::new(),
        None => signer.key.public().text(),
    };
    let tokens = tokens(&wanted);
    let outputs = Outputs::of(&wanted, &setup, &tokens)?;
    let mut documents = Documents::new().signing_with(signer.key);
    session.call(&PolicyLoadRequest { policy: setup.policy.clone() }, &mut documents)?;
    let mut request = GateRequest {
        policy: None,
        intent: Given::Source(wanted.intent),
        profile,
        simulate: wanted.simulate,
        now: clock::now(),
        producer_version: Core::producer_version(),
        correlation_id: wanted.correlation_id,
        latency_ms: 0.0,
        approvals: tokens.into_iter().map(Given::Source).collect(),
        approval_key,
        approval_ref: wanted.approval_ref,
        credential: broker.unasked(),
        credential_ref: setup.credential_ref.trim().to_owned(),
        credential_scopes: list(&setup.credential_scopes),
        rate_limits: None,
        sign: false,
    };
    decide(&mut session, &mut documents, &mut request, &broker, &setup.rate_limit_state)?;
    request.sign = true;
    let GateReply::Decided(decision) = session.call(&request, &mut documents)? else {
        return Err(undecided());
    };
    let written = outputs.write(&decision)?;
    Ok(Judged {
        announcement: signer.announcement,
        remark: signer.remark,
        ..judged(*decision, profile, written, signer.warnings)
    })
}

/// Explains how the verdict would come about; nothing is counted, signed or written. `None` when there is nothing to
/// explain.
pub fn explain(wanted: &Wanted) -> Option<Result<Explained, Fault>> {
    if wanted.intent.trim().is_empty() {
        return None;
    }
    let explain = || -> Result<Option<Explained>, Fault> {
        let mut session = Core::load()?.session()?;
        let policy = configured(&mut session, wanted)?.policy;
        if policy.trim().is_empty() {
            return Ok(None);
        }
        ask_why(&mut session, &policy, &wanted.intent).map(Some)
    };
    explain().transpose()
}

/// Flags, then the project configuration, then what holds without both.
fn configured(session: &mut Session, wanted: &Wanted) -> Result<GateDefaults, Fault> {
    let project = match &wanted.config {
        Some(path) => project_config::gate(session, path)?,
        None => GateDefaults::default(),
    };
    let usual = GateDefaults {
        rate_limit_state: ".gait-out/gate_rate_limits.json".into(),
        credential_env_prefix: "GAIT_BROKER_TOKEN_".into(),
        ..GateDefaults::default()
    };
    Ok(wanted.given.clone().or(project).or(usual))
}

/// What holds for this call, and what production asks of its surroundings.
fn set_up(session: &mut Session, wanted: &Wanted) -> Result<(GateDefaults, Profile), Fault> {
    let setup = configured(session, wanted)?;
    for (value, flag) in [(&setup.policy, "--policy"), (&wanted.intent, "--intent")] {
        if value.trim().is_empty() {
            return Err(Fault::new(Code::InvalidInput, format!("`{flag}` is missing"))
                .hint("`gait gate eval --policy FILE --intent FILE` judges a call"));
        }
    }
    let profile = match setup.profile.trim().to_lowercase().as_str() {
        "" | "standard" => Profile::Standard,
        "oss-prod" => Profile::OssProd,
        other => {
            return Err(Fault::new(Code::InvalidInput, format!("there is no profile `{other}`"))
                .hint("profiles are standard and oss-prod"));
        }
    };
    // The core asks the same of the policy; of keys only the host knows.
    if profile == Profile::OssProd && setup.key_mode.trim().to_lowercase() != "prod" {
        return Err(Fault::new(Code::ProfileUnmet, "profile oss-prod needs key mode prod")
            .hint("add `--key-mode prod` and `--private-key FILE`"));
    }
    Ok((setup, profile))
}

/// Files of all tokens, each once.
fn tokens(wanted: &Wanted) -> Vec<String> {
    let mut tokens = list(&wanted.approval_token_chain);
    tokens.extend(Some(wanted.approval_token.trim().to_owned()).filter(|token| !token.is_empty()));
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// Asks until there is a verdict, and fetches what it takes; the request then holds all of it, and how long deciding
/// took.
fn decide(
    session: &mut Session,
    documents: &mut Documents,
    request: &mut GateRequest,
    broker: &Broker,
    state: &str,
) -> Result<(), Fault> {
    let mut turn: Option<Turn> = None;
    let mut spent = Duration::ZERO;
    for _ in 0..QUESTIONS {
        let began = Instant::now();
        let reply = session.call(request, documents)?;
        spent += began.elapsed();
        if interrupt::pending() {
            return Err(Fault::new(Code::InternalFailure, "interrupted before there was a verdict"));
        }
        let wanted = match reply {
            GateReply::Wanted(wanted) => wanted,
            GateReply::Decided(decision) => {
                if let (Some(turn), Some(next)) = (turn, &decision.next_rate_limits) {
                    turn.store(next)?;
                }
                // To the microsecond; more is noise.
                request.latency_ms = (spent.as_secs_f64() * 1e6).round() / 1e3;
                return Ok(());
            }
        };
        if wanted.rate_limits && turn.is_none() {
            let taken = Turn::take(state)?;
            // Others may have counted while gait waited, and time must not seem to run backwards to them.
            request.now = clock::now();
            request.rate_limits = Some(taken.text().to_owned());
            turn = Some(taken);
        }
        if let Some(credential) = &wanted.credential {
            // Nobody else waits while a broker takes its time.
            if let (Some(turn), Some(next)) = (turn.take(), &wanted.next_rate_limits) {
                turn.store(next)?;
            }
            request.credential = broker.ask(credential);
        }
    }
    Err(undecided())
}

fn undecided() -> Fault {
    Fault::new(Code::CoreTrap, "the core asks again for what it was given")
}

/// Where the files of a decision go; blank for the usual names in the working folder.
struct Outputs {
    trace: String,
    approval_audit: String,
    credential_evidence: String,
}

/// The files that were written.
#[derive(Default)]
struct Written {
    trace: String,
    approval_audit: String,
    credential_evidence: String,
}

impl Outputs {
    /// Finds out whether the trace can be written, before anything depends on it, and that nothing that is read gets
    /// lost.
    fn of(wanted: &Wanted, setup: &GateDefaults, tokens: &[String]) -> Result<Self, Fault> {
        let outputs = Self {
            trace: setup.trace_path.clone(),
            approval_audit: wanted.approval_audit.clone(),
            credential_evidence: setup.credential_evidence_path.clone(),
        };
        let targets = [
            (&outputs.trace, "--trace-out"),
            (&outputs.approval_audit, "--approval-audit-out"),
            (&outputs.credential_evidence, "--credential-evidence-out"),
        ];
        let sources = [
            &setup.policy,
            &wanted.intent,
            &setup.private_key,
            &setup.approval_public_key,
            &setup.approval_private_key,
            &setup.rate_limit_state,
        ];
        let given: Vec<_> = targets.into_iter().filter(|(target, _)| !target.trim().is_empty()).collect();
        for (index, (target, flag)) in given.iter().enumerate() {
            let others = given.iter().take(index).map(|(other, _)| other.as_str());
            let sources = sources.iter().map(|source| source.as_str()).chain(tokens.iter().map(String::as_str));
            let clash =
                sources.chain(others).find(|other| !other.trim().is_empty() && paths::same_place(target, other));
            if clash.is_some() && !fs::is_stream(Path::new(target)) {
                return Err(Fault::new(
                    Code::OutputIsInput,
                    format!("`{target}` is used otherwise and would be overwritten"),
                )
                .hint(format!("choose another file with `{flag}`")));
            }
        }
        let trace = if outputs.trace.trim().is_empty() { "trace.json" } else { &outputs.trace };
        fs::try_writing(Path::new(trace)).map_err(unusable)?;
        Ok(outputs)
    }

    /// Writes the trace, then what belongs to it.
    fn write(&self, decision: &Decision) -> Result<Written, Fault> {
        let Some(files) = &decision.files else { return Err(undecided()) };
        let id = &decision.trace_id;
        let put = |path: &str, usual: String, text: &str| -> Result<String, Fault> {
            let path = if path.trim().is_empty() { usual } else { path.to_owned() };
            fs::write_with_folders(Path::new(&path), text.as_bytes()).map_err(unusable)?;
            Ok(path)
        };
        let mut written =
            Written { trace: put(&self.trace, format!("trace_{id}.json"), &files.trace)?, ..Written::default() };
        if let Some(text) = &files.approval_audit {
            written.approval_audit = put(&self.approval_audit, format!("approval_audit_{id}.json"), text)?;
        }
        if let Some(text) = &files.credential_evidence {
            let usual = format!("credential_evidence_{id}.json");
            written.credential_evidence = put(&self.credential_evidence, usual, text)?;
        }
        Ok(written)
    }
}

/// A place that cannot be written to was named by the caller (gate contract, section 6).
pub(super) fn unusable(mut fault: Fault) -> Fault {
    fault.error_category = Category::InvalidInput;
    fault.retryable = false;
    fault
}

fn judged(decision: Decision, profile: Profile, written: Written, warnings: Vec<String>) -> Judged {
    let rate_limit = decision.rate_limit.unwrap_or_default();
    let credential = decision.credential.unwrap_or_default();
    let simulated = decision.simulated;
    Judged {
        ok: true,
        profile,
        verdict: decision.verdict,
        reason_codes: decision.reason_codes,
        violations: decision.violations,
        approval_ref: decision.approval_ref,
        required_approvals: decision.required_approvals,
        valid_approvals: decision.valid_approvals,
        approval_audit_path: written.approval_audit,
        trace_id: decision.trace_id,
        trace_path: written.trace,
        policy_digest: decision.policy_digest,
        intent_digest: decision.intent_digest,
        matched_rule: decision.matched_rule,
        rate_limit_scope: rate_limit.scope,
        rate_limit_key: rate_limit.key,
        rate_limit_used: rate_limit.used,
        rate_limit_remaining: rate_limit.remaining,
        credential_issuer: credential.issuer,
        credential_ref: credential.reference,
        credential_evidence_path: written.credential_evidence,
        simulate_mode: simulated.is_some(),
        would_have_blocked: simulated.as_ref().is_some_and(|simulated| simulated.would_have_blocked),
        simulated_verdict: simulated.as_ref().map(|simulated| simulated.verdict),
        simulated_reason_codes: simulated.map(|simulated| simulated.reason_codes).unwrap_or_default(),
        warnings,
        tool_name: decision.trace.tool_name,
        announcement: None,
        remark: None,
    }
}
