//! Who waits for a decision, and what is said to them: the text of the answer, made by the thread that has the answer.

use std::time::{Duration, Instant};

use gait_contract::policy::Verdict;
use gait_contract::{ExitCode, Fault};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::flows::mcp_call::Answer;

/// A decision as it is sent.
pub struct Told {
    /// What holds.
    pub verdict: Verdict,
    /// From the request that was read to this.
    pub took: Duration,
    /// The answer: one JSON object.
    pub text: Vec<u8>,
}

/// Somebody who waits.
pub struct Caller {
    reply: oneshot::Sender<Result<Told, Fault>>,
    arrived: Instant,
}

/// An answer over HTTP.
#[derive(Serialize)]
struct Served<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    exit_code: u8,
    /// Whoever asked runs the call, or does not.
    executed: bool,
    decision_latency_ms: u64,
}

impl Caller {
    /// Somebody whose request has just been read, and where they listen.
    pub fn new() -> (Self, oneshot::Receiver<Result<Told, Fault>>) {
        let (reply, told) = oneshot::channel();
        (Self { reply, arrived: Instant::now() }, told)
    }

    /// Nobody listens any more.
    pub fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }

    /// Says what was decided, or why nothing was.
    pub fn tell(self, outcome: Result<Answer, Fault>) {
        let told = outcome.map(|answer| {
            let took = self.arrived.elapsed();
            Told { verdict: answer.verdict, took, text: text(&answer, took) }
        });
        // Whoever asked may be gone; what was written stays.
        let _ = self.reply.send(told);
    }
}

fn text(answer: &Answer, took: Duration) -> Vec<u8> {
    let exit = match answer.verdict {
        Verdict::Allow | Verdict::DryRun => ExitCode::Success,
        Verdict::Block => ExitCode::PolicyBlocked,
        Verdict::RequireApproval => ExitCode::ApprovalRequired,
    };
    let decision_latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let served = Served { answer, exit_code: exit as u8, executed: false, decision_latency_ms };
    // Room for most answers: growing step by step costs more than the writing.
    let mut text = Vec::with_capacity(1_024);
    // A struct with text keys; there is nothing in it that JSON cannot say.
    let _ = serde_json::to_writer(&mut text, &served);
    text
}
