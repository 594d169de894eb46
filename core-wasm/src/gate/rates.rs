//! Rate limits: counting calls in windows of the clock (gate contract, 4.5). The state comes in as the text of its file
//! and goes out as the text of the next one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::gate::{RATE_LIMIT_SCHEMA, RateLimitCounter, RateLimitState, RateLimitUse};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault, Timestamp};

use crate::intent::Intent;
use crate::json;
use crate::order;
use crate::policy::{RateLimit, Scope};
use crate::text;

/// What a limit said about a call.
pub(crate) struct Counted {
    pub(crate) exceeded: bool,
    pub(crate) used: RateLimitUse,
    /// The file to store; `None` when nothing was counted.
    pub(crate) next: Option<String>,
}

/// Counts a call, unless the limit is reached. An empty text is a state in which nothing was counted.
pub(crate) fn count(limit: &RateLimit, intent: &Intent, now: &Timestamp, state: &str) -> Result<Counted, Fault> {
    if now.is_zero() {
        return Err(Fault::new(Code::TimeMissing, "a rate limit needs the time, and the request names none"));
    }
    let mut counters = read(state)?;
    let (window, scope) = (limit.window.word(), limit.scope.word());
    let who = match limit.scope {
        Scope::Tool => intent.tool_name.clone(),
        Scope::Identity => intent.context.identity.clone(),
        Scope::ToolIdentity => format!("{}|{}", intent.tool_name, intent.context.identity),
    };
    let bucket = now.bucket(limit.window.seconds()).map_err(|_| {
        Fault::new(Code::TimeMissing, format!("`{}` is no time that a rate limit can count in", now.as_str()))
    })?;
    let mine = format!("{window}|{scope}|{}|{who}", bucket.as_str());
    let suffix = format!("|{who}");
    let prefix = format!("{window}|{scope}|");
    for counter in &counters {
        // A clock that was set back would otherwise forget what it counted, and let the same calls through again.
        let later = counter.key.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(&suffix));
        if later.and_then(|later| Timestamp::parse(later).ok()).is_some_and(|later| later > bucket) {
            let text = format!("the rate-limit state counts calls of a later time than now ({})", now.as_str());
            return Err(Fault::new(Code::ClockBackwards, text));
        }
    }
    let seen = counters.iter().find(|counter| counter.key == mine).map_or(0, |counter| counter.count.unsigned_abs());
    let mut used = RateLimitUse { scope: scope.to_string(), key: who, used: seen, remaining: 0 };
    if seen >= limit.requests {
        return Ok(Counted { exceeded: true, used, next: None });
    }
    used.used = seen + 1;
    used.remaining = limit.requests - used.used;
    counters.retain(|counter| counter.key != mine && is_kept(&counter.key, window, bucket.as_str()));
    counters.push(RateLimitCounter { key: mine, count: i64::try_from(used.used).unwrap_or(i64::MAX) });
    order::by_text(&mut counters, |counter| &counter.key);
    let state = RateLimitState { schema_id: RATE_LIMIT_SCHEMA.into(), schema_version: SCHEMA_VERSION.into(), counters };
    Ok(Counted { exceeded: false, used, next: Some(text::indented(&state)) })
}

/// Whether a counter is still of use: its bucket is the current one, or its window another.
fn is_kept(key: &str, window: &str, bucket: &str) -> bool {
    let mut parts = key.splitn(4, '|');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(of), Some(_), Some(at), Some(_)) => of != window || at == bucket,
        _ => false,
    }
}

/// The counters of a state: none empty, of a repeated key the last.
fn read(state: &str) -> Result<Vec<RateLimitCounter>, Fault> {
    if state.is_empty() {
        return Ok(Vec::new());
    }
    let state: RateLimitState = json::read(state.as_bytes()).map_err(|fault| {
        let mut invalid =
            Fault::new(Code::RateLimitStateInvalid, format!("the rate-limit state is not readable: {}", fault.error));
        invalid.at = fault.into_envelope().at;
        invalid
    })?;
    let mut counters: Vec<RateLimitCounter> = Vec::new();
    let usable = state.counters.into_iter().rev().filter(|counter| !counter.key.is_empty() && counter.count > 0);
    counters.extend(usable);
    // Sorting is stable, so of equal keys the one that stood last comes first, and stays.
    order::by_text(&mut counters, |counter| &counter.key);
    counters.dedup_by(|a, b| a.key == b.key);
    Ok(counters)
}
