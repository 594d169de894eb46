//! Lines about decisions for whoever watches files: the log line and the OTEL line (mcp contract, sections 4 and 10).

use std::path::Path;

use gait_contract::gate::Decision;
use gait_contract::{Fault, Timestamp};
use serde::Serialize;

use super::gate_outputs::unusable;
use crate::host::appended;

/// Where the lines go; blank for nowhere.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    /// `--export-log-out`.
    pub log: String,
    /// `--export-otel-out`.
    pub otel: String,
}

/// What the lines are about.
pub struct Event<'a> {
    /// The decision.
    pub decision: &'a Decision,
    /// The run it belongs to.
    pub run_id: &'a str,
    /// The trace's file, as it was named.
    pub trace_path: &'a str,
}

impl Exports {
    /// Appends a line for each event, to each file that is wanted.
    pub fn append(&self, events: &[Event<'_>]) -> Result<(), Fault> {
        put(&self.log, events.iter().map(|event| event.log_line()))?;
        put(&self.otel, events.iter().map(|event| event.otel_line()))
    }
}

fn put(path: &str, texts: impl Iterator<Item = String>) -> Result<(), Fault> {
    if path.trim().is_empty() {
        return Ok(());
    }
    let texts: Vec<_> = texts.collect();
    appended::append(Path::new(path), texts.iter().map(String::as_str)).map_err(unusable)
}

/// Keys in the order of the contract's list.
#[derive(Serialize)]
struct LogLine<'a> {
    created_at: &'a str,
    producer_version: &'a str,
    run_id: &'a str,
    trace_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_path: &'a str,
    tool_name: &'a str,
    verdict: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    reason_codes: &'a [String],
    policy_digest: &'a str,
    intent_digest: &'a str,
}

/// Keys sorted.
#[derive(Serialize)]
struct OtelLine<'a> {
    attributes: Attributes<'a>,
    body: &'static str,
    severity_text: &'static str,
    time_unix_nano: i64,
    trace_id: &'a str,
}

#[derive(Serialize)]
struct Attributes<'a> {
    #[serde(rename = "gait.intent_digest")]
    intent_digest: &'a str,
    #[serde(rename = "gait.policy_digest")]
    policy_digest: &'a str,
    #[serde(rename = "gait.reason_codes")]
    reason_codes: &'a [String],
    #[serde(rename = "gait.run_id")]
    run_id: &'a str,
    #[serde(rename = "gait.tool_name")]
    tool_name: &'a str,
    #[serde(rename = "gait.trace_path")]
    trace_path: &'a str,
    #[serde(rename = "gait.verdict")]
    verdict: &'a str,
}

impl Event<'_> {
    fn log_line(&self) -> String {
        let Decision { trace, reason_codes, .. } = self.decision;
        line(&LogLine {
            created_at: trace.created_at.as_str(),
            producer_version: &trace.producer_version,
            run_id: self.run_id,
            trace_id: &trace.trace_id,
            trace_path: self.trace_path,
            tool_name: &trace.tool_name,
            verdict: &trace.verdict,
            reason_codes,
            policy_digest: &trace.policy_digest,
            intent_digest: &trace.intent_digest,
        })
    }

    fn otel_line(&self) -> String {
        let Decision { trace, reason_codes, .. } = self.decision;
        line(&OtelLine {
            attributes: Attributes {
                intent_digest: &trace.intent_digest,
                policy_digest: &trace.policy_digest,
                reason_codes,
                run_id: self.run_id,
                tool_name: &trace.tool_name,
                trace_path: self.trace_path,
                verdict: &trace.verdict,
            },
            body: "gait.mcp.proxy.decision",
            severity_text: "INFO",
            time_unix_nano: unix_nanoseconds(&trace.created_at),
            trace_id: &trace.trace_id,
        })
    }
}

fn line(value: &impl Serialize) -> String {
    // Structs with text keys; there is nothing in them that JSON cannot say.
    serde_json::to_string(value).unwrap_or_default()
}

/// Nanoseconds since 1970; times that do not fit (before 1677, after 2262) become the nearest that does.
fn unix_nanoseconds(time: &Timestamp) -> i64 {
    let epoch = Timestamp::parse("1970-01-01T00:00:00Z").unwrap_or_default();
    let ((seconds, nanos), (epoch, _)) = (time.instant(), epoch.instant());
    (seconds - epoch).saturating_mul(1_000_000_000).saturating_add(i64::from(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_1970() {
        let count = |text: &str| unix_nanoseconds(&Timestamp::parse(text).expect("a time"));
        assert_eq!(count("1970-01-01T00:00:00Z"), 0);
        assert_eq!(count("2025-12-31T23:59:59.000000001Z"), 1_767_225_599_000_000_001);
        assert_eq!(count("1980-01-01T01:00:00+01:00"), 315_532_800_000_000_000);
        assert_eq!(count("9999-01-01T00:00:00Z"), i64::MAX);
        assert_eq!(count("0001-01-02T00:00:00Z"), i64::MIN);
    }
}
