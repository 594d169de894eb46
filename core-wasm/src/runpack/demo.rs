//! The demo run: fixed content whose digests are published facts (runpack contract, "demo").

use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::runpack::{
    DemoRequest, Env, Intent, Receipt, RecordDefaults, Recorded, Refs, ResultRecord, Run, TimelineEvent,
};
use gait_contract::{Code, Fault, FreeObject, Timestamp};

use super::write::{RunpackWriter, Seal, complete_intent, complete_refs, complete_result, complete_run};
use crate::digest::sha256_hex;
use crate::task::Host;

/// The demo's producer, whatever version of gait writes it: it is part of the published digest.
const PRODUCER: &str = "0.0.0-dev";
/// Tool and canonical arguments of each call.
const CALLS: [(&str, &str); 3] = [
    ("tool.search", r#"{"query":"gait demo: offline verification"}"#),
    ("tool.fetch", r#"{"url":"https://example.local/demo"}"#),
    ("tool.summarize", r#"{"input_ref":"ref_1"}"#),
];

/// Answers op `demo`.
pub(crate) async fn demo(host: &Host, request: DemoRequest) -> Result<Recorded, Fault> {
    let time = |text: &str| {
        Timestamp::parse(text).map_err(|_| Fault::new(Code::InternalFailure, "the demo's time is malformed"))
    };
    let (start, finish) = (time("2026-02-05T00:00:00Z")?, time("2026-02-05T00:00:02Z")?);
    let event =
        |event: &str, ts: &Timestamp| TimelineEvent { event: event.into(), ts: ts.clone(), ..Default::default() };
    let mut run = Run {
        run_id: "run_demo".into(),
        timeline: Some(vec![event("start", &start), event("finish", &finish)]),
        ..Run::default()
    };
    let defaults = RecordDefaults {
        now: start.clone(),
        producer_version: PRODUCER.into(),
        env: Env { os: "demo".into(), arch: "demo".into(), runtime: "go".into() },
    };
    complete_run(&mut run, &defaults);

    let mut writer = RunpackWriter::new(host);
    let mut receipts = Vec::new();
    for (number, (tool_name, args)) in (1..).zip(CALLS) {
        let intent_id = format!("intent_{number}");
        let result = format!(r#"{{"message":"demo result {number}","ok":true}}"#);
        let mut intent = Intent {
            intent_id: intent_id.clone(),
            tool_name: tool_name.into(),
            args_digest: sha256_hex(args.as_bytes()),
            args: Some(FreeObject::from_canonical(args.to_string())),
            ..Intent::default()
        };
        complete_intent(&mut intent, &run);
        writer.intent(&intent).await?;
        let mut result = ResultRecord {
            intent_id,
            status: "ok".into(),
            result_digest: sha256_hex(result.as_bytes()),
            result: Some(FreeObject::from_canonical(result)),
            ..ResultRecord::default()
        };
        complete_result(&mut result, &run);
        writer.result(&result).await?;
        receipts.push(Receipt {
            ref_id: format!("ref_{number}"),
            source_type: "demo".into(),
            source_locator: tool_name.into(),
            query_digest: sha256_hex(format!("query-{number}").as_bytes()),
            content_digest: sha256_hex(format!("content-{number}").as_bytes()),
            retrieved_at: start.clone(),
            redaction_mode: "reference".into(),
            ..Receipt::default()
        });
    }
    let mut refs = Refs { receipts: Some(receipts), ..Refs::default() };
    complete_refs(&mut refs, &run);
    Ok(writer.finish(&run, &refs, "reference", Seal::New(request.signing)).await?.recorded())
}
