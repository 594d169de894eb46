//! Runpacks of MCP conversations, as a gateway records them with content.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::runpack::{Runpack, canonical, intent, refs, run};
use crate::world::sha256;

pub(super) fn blobs() -> Blobs {
    vec![
        blob("conversation.zip", legacy().bytes()),
        blob("conversation_modern.zip", modern().bytes()),
        blob("conversation_silent.zip", of(&calls(), &answers(), &[]).bytes()),
        blob("conversation_by_digest.zip", legacy().head("capture_mode", "reference".into()).bytes()),
        blob("conversation_without_result.zip", of(&calls(), &[without("result")], &[]).bytes()),
        blob("conversation_lies.zip", of(&calls(), &[lying()], &[]).bytes()),
        blob("conversation_twice_answered.zip", of(&calls(), &[answers(), answers()].concat(), &[]).bytes()),
        blob("conversation_twice_asked.zip", of(&[calls(), calls()].concat(), &answers(), &[]).bytes()),
    ]
}

fn of(intents: &[Value], results: &[Value], receipts: &[Value]) -> Runpack {
    let mut refs = refs(&[]);
    refs["receipts"] = receipts.into();
    Runpack::new(&run(), intents, results, &refs).head("capture_mode", "raw".into())
}

fn legacy() -> Runpack {
    let opening = json!({
        "protocolVersion": "2025-11-25", "serverInfo": {"name": "quay", "version": "3"},
        "capabilities": {"tools": {"listChanged": true}, "prompts": {}, "logging": {}}, "instructions": "Be kind.",
    });
    let receipts = [
        receipt(1, "mcp.server", "initialize", &opening),
        receipt(2, "mcp.tool", "read_file", &tool("read_file", "reads")),
    ];
    // Tools were listed twice, and one of them had changed.
    let lists = |text: &str| json!({"tools": [tool("read_file", text)]});
    let asked = [vec![intent("l1", "tools/list"), intent("l2", "tools/list")], calls()].concat();
    let listed = [answer("l1", "ok", &lists("reads")), answer("l2", "ok", &lists("reads, and more"))];
    of(&asked, &[listed.to_vec(), answers()].concat(), &receipts)
}

fn modern() -> Runpack {
    let opening = json!({
        "supportedVersions": ["2026-07-28"], "serverInfo": {"name": "quay", "version": "4"},
        "capabilities": {"tools": {}, "completions": {}}, "resultType": "complete",
    });
    let receipts = [receipt(1, "mcp.server", "server/discover", &opening)];
    let reading = intent("i1", "resources/read");
    of(&[reading], &[answer("i1", "ok", &json!({"contents": [], "resultType": "complete"}))], &receipts)
}

fn calls() -> Vec<Value> {
    // The second call is the first one again; nobody answered the last one.
    let same = |id: &str| {
        let mut again = intent("i1", "read_file");
        again["intent_id"] = id.into();
        again
    };
    vec![same("i1"), same("i2"), intent("i3", "write_file"), intent("i4", "no_such_tool"), intent("i5", "read_file")]
}

fn answers() -> Vec<Value> {
    let says = |text: &str, is_error: bool| json!({"content": [{"type": "text", "text": text}], "isError": is_error});
    vec![
        answer("i4", "error", &json!({"error": {"code": -32602, "message": "there is no such tool"}})),
        answer("i1", "ok", &says("first", false)),
        answer("i2", "ok", &says("second", false)),
        answer("i3", "error", &says("the disk is full", true)),
    ]
}

fn answer(id: &str, status: &str, result: &Value) -> Value {
    let mut record = crate::runpack::result(id, status);
    record["result_digest"] = sha256(&canonical(result)).into();
    record["result"] = result.clone();
    record
}

fn without(key: &str) -> Value {
    let mut record = answers().remove(1);
    record.as_object_mut().expect("an object").remove(key);
    record
}

fn lying() -> Value {
    let mut record = answers().remove(1);
    record["result"] = json!({"content": []});
    record
}

fn tool(name: &str, description: &str) -> Value {
    json!({"name": name, "description": description, "inputSchema": {"type": "object"}})
}

fn receipt(number: u64, source_type: &str, locator: &str, content: &Value) -> Value {
    let digest = sha256(&canonical(content));
    json!({
        "ref_id": format!("ref_{number}"), "source_type": source_type, "source_locator": locator,
        "query_digest": digest, "content_digest": digest, "retrieved_at": "2026-03-11T09:15:00Z",
        "redaction_mode": "raw", "retrieval_params": {"content": content},
    })
}
