//! What the server counts, in the text form that Prometheus reads.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use gait_contract::policy::Verdict;

/// Upper bounds of the latency buckets, in microseconds.
const BOUNDS: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000, 10_000_000];
/// The verdicts, in the order of their counters.
const VERDICTS: [Verdict; 4] = [Verdict::Allow, Verdict::Block, Verdict::RequireApproval, Verdict::DryRun];

/// A number that goes up and down.
#[derive(Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Changes it.
    pub fn add(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that only grows.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts.
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything that is counted.
#[derive(Default)]
pub struct Metrics {
    /// Open connections.
    pub connections: Gauge,
    /// Requests that are being answered.
    pub in_flight: Gauge,
    /// Calls that could not be judged, and so were refused.
    pub refusals: Counter,
    /// Times that another policy began to judge, the first one included.
    pub policy_changes: Counter,
    /// Traces that are on the disk.
    pub traces: Counter,
    /// Times that traces were made durable; several share one.
    pub syncs: Counter,
    answers: [Counter; 5],
    verdicts: [Counter; 4],
    buckets: [Counter; BOUNDS.len() + 1],
    microseconds: Counter,
}

impl Metrics {
    /// A request was answered with this status.
    pub fn answered(&self, status: u16) {
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.add(1);
        }
    }

    /// A decision was answered, so long after its request had been read.
    pub fn decided(&self, verdict: Verdict, took: Duration) {
        let place = VERDICTS.iter().position(|known| *known == verdict);
        if let Some(counter) = place.and_then(|place| self.verdicts.get(place)) {
            counter.add(1);
        }
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        if let Some(counter) = self.buckets.get(bucket) {
            counter.add(1);
        }
        self.microseconds.add(took);
    }

    /// All of it as text.
    pub fn text(&self, version: &str, policy_digest: &str) -> String {
        let mut page = Text::default();
        page.about("gait_info", "gauge", "What serves, and the policy it judged by last.");
        page.line("gait_info", &format!("version=\"{version}\",policy_digest=\"{policy_digest}\""), 1);
        page.single("gait_connections", "gauge", "Open connections.", self.connections.get());
        page.single("gait_requests_in_flight", "gauge", "Requests that are being answered.", self.in_flight.get());
        page.about("gait_responses_total", "counter", "Answers by class of status.");
        for (class, counter) in self.answers.iter().enumerate() {
            page.line("gait_responses_total", &format!("status=\"{}xx\"", class + 1), counter.get());
        }
        page.about("gait_decisions_total", "counter", "Decisions by verdict.");
        for (verdict, counter) in VERDICTS.iter().zip(&self.verdicts) {
            page.line("gait_decisions_total", &format!("verdict=\"{}\"", verdict.word()), counter.get());
        }
        for (name, help, counter) in [
            ("gait_refusals_total", "Calls that could not be judged.", &self.refusals),
            ("gait_policy_changes_total", "Times that another policy began to judge.", &self.policy_changes),
            ("gait_traces_written_total", "Traces on the disk.", &self.traces),
            ("gait_trace_syncs_total", "Times that written traces were made durable.", &self.syncs),
        ] {
            page.single(name, "counter", help, counter.get());
        }
        let name = "gait_decision_seconds";
        page.about(name, "histogram", "From a request that was read to its answer.");
        let mut sum = 0;
        for (index, counter) in self.buckets.iter().enumerate() {
            sum += counter.get();
            let bound = BOUNDS.get(index).map_or_else(|| "+Inf".into(), |bound| (*bound as f64 / 1e6).to_string());
            page.line("gait_decision_seconds_bucket", &format!("le=\"{bound}\""), sum);
        }
        page.line("gait_decision_seconds_sum", "", self.microseconds.get() as f64 / 1e6);
        page.line("gait_decision_seconds_count", "", sum);
        page.0
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn about(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.about(name, kind, help);
        self.line(name, "", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let metrics = Metrics::default();
        for micros in [50, 100, 300, 20_000_000] {
            metrics.decided(Verdict::Block, Duration::from_micros(micros));
        }
        metrics.answered(200);
        metrics.answered(404);
        let text = metrics.text("0.1.0", "abc");
        for line in [
            "gait_decisions_total{verdict=\"block\"} 4",
            "gait_decision_seconds_bucket{le=\"0.0001\"} 2",
            "gait_decision_seconds_bucket{le=\"0.0005\"} 3",
            "gait_decision_seconds_bucket{le=\"+Inf\"} 4",
            "gait_decision_seconds_count 4",
            "gait_responses_total{status=\"4xx\"} 1",
            "gait_info{version=\"0.1.0\",policy_digest=\"abc\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
