//! Stub replay: what a run would answer from its recorded results alone (runpack contract, "run replay").

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::runpack::{Replay, ReplayRequest, ReplayStep};
use gait_contract::{Code, Fault};

use super::examine::{Examined, IntentNote, examine};
use crate::digest::sha256_hex;
use crate::order;
use crate::task::Host;
use crate::text::lower;

/// Families of tools whose answers can be stubbed, with the words that betray them. The first family wins.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("http", &["http", "fetch", "url"]),
    ("file", &["file", "path", "fs", "write"]),
    ("db", &["db", "sql", "query", "table"]),
    ("queue", &["queue", "topic", "publish", "kafka"]),
];

/// Answers op `run.replay`.
pub(crate) async fn replay(host: &Host, request: ReplayRequest) -> Result<Replay, Fault> {
    let examined = examine(host, &request.archive, None).await?;
    replay_of(&examined).map_err(|fault| fault.at(request.archive))
}

/// Replays a run that was read.
pub(crate) fn replay_of(examined: &Examined) -> Result<Replay, Fault> {
    let ids = examined.results.iter().map(|result| result.intent_id.as_str()).collect();
    let results = each_once(ids).map_err(|id| ambiguous("results", id))?;
    let ids = examined.intents.iter().map(|intent| intent.intent_id.as_str()).collect();
    each_once(ids).map_err(|id| ambiguous("intents", id))?;
    let mut replay = Replay {
        ok: true,
        run_id: examined.run.run_id.clone(),
        mode: "stub".into(),
        steps: Vec::with_capacity(examined.intents.len()),
        missing_results: Vec::new(),
    };
    for intent in &examined.intents {
        let place = results.binary_search_by(|(id, _)| (*id).cmp(&intent.intent_id)).ok();
        let result = place.and_then(|place| examined.results.get(results.get(place)?.1));
        let (status, stub_type, result_digest) = match result {
            Some(result) => (result.status.clone(), "", result.result_digest.clone()),
            None => match stub_type(&intent.tool_name) {
                Some(stub_type) => ("stubbed".into(), stub_type, stub_digest(&replay.run_id, intent, stub_type)),
                None => {
                    replay.missing_results.push(intent.intent_id.clone());
                    ("missing_result".into(), "", String::new())
                }
            },
        };
        replay.steps.push(ReplayStep {
            intent_id: intent.intent_id.clone(),
            tool_name: intent.tool_name.clone(),
            status,
            stub_type: stub_type.to_string(),
            result_digest,
        });
    }
    order::by_text(&mut replay.missing_results, |id| id);
    replay.ok = replay.missing_results.is_empty();
    Ok(replay)
}

/// The ids in order, each with its place; or the first one that was there before.
fn each_once(ids: Vec<&str>) -> Result<Vec<(&str, usize)>, &str> {
    let mut sorted: Vec<(&str, usize)> = ids.into_iter().zip(0..).collect();
    order::by_text(&mut sorted, |(id, _)| id);
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    match pairs.filter(|(one, other)| one.0 == other.0).map(|(_, second)| second).min_by_key(|second| second.1) {
        Some((id, _)) => Err(id),
        None => Ok(sorted),
    }
}

fn ambiguous(list: &str, intent_id: &str) -> Fault {
    Fault::new(Code::ReplayAmbiguous, format!("intent id `{intent_id}` stands twice among the {list}"))
}

fn stub_type(tool_name: &str) -> Option<&'static str> {
    let name = lower(tool_name.trim());
    FAMILIES.iter().find(|(_, words)| words.iter().any(|word| name.contains(word))).map(|(family, _)| *family)
}

fn stub_digest(run_id: &str, intent: &IntentNote, stub_type: &str) -> String {
    let tool = lower(intent.tool_name.trim());
    let args_digest = lower(intent.args_digest.trim());
    sha256_hex(format!("{run_id}:{}:{tool}:{args_digest}:{stub_type}", intent.intent_id).as_bytes())
}
