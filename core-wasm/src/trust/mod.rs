//! Server trust: whether a policy lets calls go to an MCP server, by a snapshot of what scanners and registries found out
//! about it (mcp contract, section 8). Nothing is looked up anywhere: the snapshot is a document like any other.
//!
//! `snapshot` reads that document; what a policy wants stands in `policy`.

mod snapshot;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::intent::CallServer;
use gait_contract::policy::Verdict;
use gait_contract::trust::{
    McpVerification, McpVerifyRequest, NamedServer, ServerTrust, TRUST_VIOLATION, TrustEntry, TrustStatus,
};
use gait_contract::{Code, Fault, Timestamp};

use crate::json::{Kind, Scanner};
use crate::policy::{self, Policy, Trust};
use crate::task::Host;
use crate::text::lower;
use crate::{document, intent};
use snapshot::{Snapshot, Unusable, known_as};

/// What each mistake is called, and the word for a server that makes it. Of several the first one gives the word.
const STATUS: (&str, TrustStatus) = ("mcp_trust_status_untrusted", TrustStatus::Untrusted);
const PUBLISHER: (&str, TrustStatus) = ("mcp_trust_publisher_untrusted", TrustStatus::Untrusted);
const REGISTRY: (&str, TrustStatus) = ("mcp_trust_registry_unverified", TrustStatus::Invalid);
const AGE: (&str, TrustStatus) = ("mcp_trust_stale", TrustStatus::Stale);
const SCORE: (&str, TrustStatus) = ("mcp_trust_below_threshold", TrustStatus::BelowThreshold);

/// Words of a snapshot that trust a server. Saying nothing is holding nothing against it.
const TRUSTED: [&str; 4] = ["", "trusted", "allow", "pass"];

/// What a policy makes of a call's server; `None` when the policy does not ask.
pub(crate) async fn check(
    host: &Host,
    policy: &Policy,
    server: Option<&CallServer>,
    risk_class: &str,
    now: &Timestamp,
) -> Result<Option<ServerTrust>, Fault> {
    let Some(trust) = policy.trust() else { return Ok(None) };
    let known = match server {
        None => None,
        Some(server) => Some((server, snapshot::open(host, &trust.snapshot).await)),
    };
    judge(trust, known, risk_class, now).map(Some)
}

/// The check itself: a server, if the call names one, and the snapshot, if there is one.
fn judge(
    trust: &Trust,
    known: Option<(&CallServer, Result<Snapshot, Unusable>)>,
    risk_class: &str,
    now: &Timestamp,
) -> Result<ServerTrust, Fault> {
    let mut outcome = ServerTrust {
        decision_source: trust.snapshot.clone(),
        threshold: trust.min_score,
        max_age_seconds: trust.max_age.unwrap_or_default() / 1_000_000_000,
        required: trust.is_required(risk_class),
        ..ServerTrust::default()
    };
    if let Some((server, _)) = &known {
        outcome.server_id.clone_from(&server.server_id);
        outcome.server_name.clone_from(&server.server_name);
    }
    let mistakes = match known {
        None => vec![("mcp_trust_identifier_missing", TrustStatus::Missing)],
        Some((_, Err(Unusable::Unavailable(detail)))) => {
            outcome.detail = detail;
            vec![("mcp_trust_snapshot_unavailable", TrustStatus::Missing)]
        }
        Some((_, Err(Unusable::Invalid(detail)))) => {
            outcome.detail = detail;
            vec![("mcp_trust_snapshot_invalid", TrustStatus::Invalid)]
        }
        Some((server, Ok(snapshot))) => match snapshot.find(server) {
            None => vec![("mcp_trust_server_unknown", TrustStatus::Unknown)],
            Some(entry) => weigh(trust, entry, now, &mut outcome)?,
        },
    };
    let verified = ("mcp_trust_verified", TrustStatus::Trusted);
    outcome.enforced = outcome.required && !mistakes.is_empty();
    let told = if mistakes.is_empty() { vec![verified] } else { mistakes };
    outcome.status = told.first().map_or(TrustStatus::Missing, |(_, status)| *status);
    outcome.reason_codes = told.into_iter().map(|(code, _)| code.into()).collect();
    policy::as_set(&mut outcome.reason_codes);
    Ok(outcome)
}

/// What is wrong with a server that is listed.
fn weigh(
    trust: &Trust,
    entry: &TrustEntry,
    now: &Timestamp,
    outcome: &mut ServerTrust,
) -> Result<Vec<(&'static str, TrustStatus)>, Fault> {
    outcome.server_id.clone_from(&entry.server_id);
    outcome.server_name.clone_from(&entry.server_name);
    outcome.publisher.clone_from(&entry.publisher);
    outcome.source.clone_from(&entry.source);
    outcome.score = entry.score;
    outcome.updated_at = entry.updated_at.in_utc().unwrap_or_default();
    if !entry.evidence_path.is_empty() {
        outcome.decision_source.clone_from(&entry.evidence_path);
    }
    let mut mistakes = Vec::new();
    if !TRUSTED.contains(&entry.status.as_str()) {
        mistakes.push(STATUS);
    }
    if !trust.publisher_allowlist.is_empty() {
        outcome.publisher_allowed = trust.publisher_allowlist.contains(&entry.publisher);
        if !outcome.publisher_allowed {
            mistakes.push(PUBLISHER);
        }
    }
    if trust.require_registry {
        outcome.registry_verified = entry.registry_verification.as_ref().is_some_and(|found| {
            found.signature_verified && found.publisher_allowed && (found.pin_verified || !found.pin_present)
        });
        if !outcome.registry_verified {
            mistakes.push(REGISTRY);
        }
    }
    if let Some(max_age) = trust.max_age {
        if now.is_zero() {
            return Err(Fault::new(
                Code::TimeMissing,
                "what is known about servers ages, and the request names no time",
            ));
        }
        if entry.updated_at.is_zero() || apart(&entry.updated_at, now) > u128::from(max_age) {
            mistakes.push(AGE);
        }
    }
    // A score of another scale says nothing on this one.
    if trust.min_score > 0.0 && !(trust.min_score..=1.0).contains(&entry.score) {
        mistakes.push(SCORE);
    }
    Ok(mistakes)
}

/// Nanoseconds between two times, whichever comes first: a date in the future is no sign of freshness.
fn apart(one: &Timestamp, other: &Timestamp) -> u128 {
    let nanoseconds = |time: &Timestamp| {
        let (seconds, nanoseconds) = time.instant();
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    };
    nanoseconds(one).abs_diff(nanoseconds(other))
}

/// Answers op `mcp.verify`.
pub(crate) async fn verify(host: &Host, request: McpVerifyRequest) -> Result<McpVerification, Fault> {
    let policy = policy::named(host, request.policy.as_deref()).await?;
    let server = named(host, &request.server).await?;
    let risk_class = match lower(request.risk_class.trim()) {
        blank if blank.is_empty() => most_severe(policy.trust()),
        given => given,
    };
    let outcome = check(host, &policy, Some(&server), &risk_class, &request.now).await?;
    let mut verification = McpVerification {
        policy_digest: policy.digest.clone(),
        risk_class,
        verdict: Verdict::Allow,
        ..McpVerification::default()
    };
    if let (Some(trust), Some(outcome)) = (policy.trust(), &outcome) {
        verification.trust_model = "local_snapshot".into();
        verification.snapshot_path.clone_from(&trust.snapshot);
        verification.server_id.clone_from(&outcome.server_id);
        verification.server_name.clone_from(&outcome.server_name);
        verification.reason_codes.clone_from(&outcome.reason_codes);
        if outcome.enforced {
            verification.verdict = trust.tightened(Verdict::Allow);
            verification.violations.push(TRUST_VIOLATION.into());
        }
    } else {
        verification.server_id = server.server_id;
        verification.server_name = server.server_name;
    }
    verification.ok = verification.verdict == Verdict::Allow;
    verification.mcp_trust = outcome;
    Ok(verification)
}

/// The server that is meant; one without a name is nobody.
async fn named(host: &Host, server: &NamedServer) -> Result<CallServer, Fault> {
    let nameless = || Fault::new(Code::InvalidInput, "the server has neither `server_id` nor `server_name`");
    match server {
        NamedServer::Id(id) => {
            let server_id = known_as(id, "").ok_or_else(nameless)?;
            Ok(CallServer { server_id, ..CallServer::default() })
        }
        NamedServer::Source(source) => {
            let text = document::read(host, source).await?;
            let read = || {
                let mut scanner = Scanner::new(&text)?.refusing_lookalikes();
                scanner.of_kind(Kind::Object)?;
                let server = intent::server(&mut scanner)?;
                scanner.end()?;
                Ok(server)
            };
            let server = read().map_err(|error: crate::json::JsonError| error.fault(&text).at(source.as_str()))?;
            server.ok_or_else(|| nameless().at(source.as_str()))
        }
    }
}

/// The risk class that says most about a server: the most severe one of those that need trust.
fn most_severe(trust: Option<&Trust>) -> String {
    let required = trust.map(|trust| trust.required_risk_classes.as_slice()).unwrap_or_default();
    let known = ["critical", "high", "medium", "low"];
    let best = known.into_iter().find(|class| required.iter().any(|one| one == class));
    best.or(required.first().map(String::as_str)).unwrap_or("high").into()
}

#[cfg(test)]
mod tests;
