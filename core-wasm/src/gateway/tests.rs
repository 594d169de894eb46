//! Messages by example: what is handed on, what is judged, what is refused and who hears of it.

extern crate std;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use gait_contract::gateway::{
    McpAction, McpAskRequest, McpKind, McpList, McpMergeRequest, McpMessage, McpMessageRequest, McpRouting, McpShare,
    McpSide, McpTools, McpToolsRequest,
};
use gait_contract::intent::Given;
use gait_contract::mcp_servers::{McpHeader, McpSettings, McpUpstream};
use gait_contract::{Code, Timestamp};

use crate::json;

fn request(from: McpSide, settings: McpSettings) -> McpMessageRequest {
    McpMessageRequest {
        message: Given::Attached,
        from,
        settings,
        now: Timestamp::parse("2026-03-11T09:15:00Z").unwrap(),
        routing: None,
        progress_token: String::new(),
        content: false,
        params: Vec::new(),
    }
}

fn read_as(text: &[u8], from: McpSide, settings: McpSettings) -> McpMessage {
    let request = request(from, settings);
    let mut core = crate::Core::default();
    let mut bytes = json::canonical(&request);
    bytes.push(0);
    bytes.extend_from_slice(text);
    let frame = core.call("mcp.message", bytes);
    let (json, _) = gait_contract::frame::read(&frame).unwrap();
    match serde_json::from_slice(json).unwrap() {
        gait_contract::Step::Reply(reply) => reply,
        other => panic!("{other:?}"),
    }
}

fn client(text: &str) -> McpMessage {
    read_as(text.as_bytes(), McpSide::Client, McpSettings::default())
}

fn server(text: &str) -> McpMessage {
    read_as(text.as_bytes(), McpSide::Server, McpSettings::default())
}

#[track_caller]
fn refused(message: &McpMessage) -> (Code, i64, String) {
    let refusal = message.refusal.as_ref().unwrap_or_else(|| panic!("{message:?}"));
    assert_eq!(message.action, McpAction::Refuse);
    assert!(message.forward.is_empty() && message.call.is_none(), "{message:?}");
    (refusal.error_code, refusal.code, refusal.answer.join(&message.id))
}

#[test]
fn a_call_is_judged_and_handed_on_in_its_own_order() {
    let message = client(
        r#"{ "method":"tools/call","params":{"name":"Write_File","arguments":{"path":" /a","n":1.0,"content":"é\u0041\n"},
            "_meta":{"progressToken":"p","dev.gait/approvals":{"b":1,"a":2}}},"jsonrpc":"2.0","id":7}"#,
    );
    assert_eq!((message.kind, message.action), (McpKind::Request, McpAction::Judge));
    assert_eq!((&*message.id, &*message.progress_token, &*message.method), ("7", "\"p\"", "tools/call"));
    assert_eq!(
        message.forward.join("12"),
        r#"{"method":"tools/call","params":{"name":"Write_File","arguments":{"path":" /a","n":1,"content":"éA\n"},"_meta":{"progressToken":"p"}},"jsonrpc":"2.0","id":12}"#
    );
    let call = message.call.unwrap();
    assert_eq!((&*call.tool, &*call.tool_name), ("Write_File", "Write_File"));
    assert_eq!(call.args, r#"{"content":"éA\n","n":1,"path":" /a"}"#);
    assert_eq!(call.approvals, [r#"{"a":2,"b":1}"#]);
    assert_eq!(
        call.intent,
        r#"{"args":{"content":"éA\n","n":1,"path":" /a"},"context":{"identity":"mcp-proxy","risk_class":"high","workspace":"."},"created_at":"2026-03-11T09:15:00Z","producer_version":"","schema_id":"gait.gate.intent_request","schema_version":"1.0.0","targets":[{"kind":"path","operation":"write","value":" /a"}],"tool_name":"Write_File"}"#
    );
}

#[test]
fn several_servers_are_told_apart_by_name() {
    let upstream =
        |name: &str, risk: &str| McpUpstream { name: name.into(), risk_class: risk.into(), ..McpUpstream::default() };
    let settings =
        McpSettings { upstreams: [upstream("fs", "low"), upstream("web", "")].into(), ..McpSettings::default() };
    let call =
        |name: &str| format!(r#"{{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{{"name":"{name}"}}}}"#);
    let message = read_as(call("fs.read_file").as_bytes(), McpSide::Client, settings.clone());
    assert_eq!(message.upstream, "fs");
    assert_eq!(
        message.forward,
        [r#"{"jsonrpc":"2.0","id":"#, r#","method":"tools/call","params":{"name":"read_file"}}"#]
    );
    let judged = message.call.unwrap();
    assert_eq!((&*judged.tool, &*judged.tool_name), ("read_file", "fs/read_file"));
    assert!(judged.intent.contains(r#""risk_class":"low""#), "{}", judged.intent);
    let message = read_as(call("read_file").as_bytes(), McpSide::Client, settings);
    assert_eq!(refused(&message).0, Code::McpParamsInvalid);
}

#[test]
fn whoever_waits_hears_of_a_refusal() {
    let code = |text: &str| refused(&client(text));
    let (found, number, answer) =
        code(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","name":"b"}}"#);
    assert_eq!((found, number), (Code::JsonDuplicateKey, -32_600));
    assert!(answer.starts_with(r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"#), "{answer}");
    let (found, number, answer) = code(r#"{"jsonrpc":"2.0","id":"q\"","method":"tools/run"}"#);
    assert_eq!((found, number), (Code::McpMethodRefused, -32_601));
    assert!(answer.contains(r#""id":"q\"","error""#), "{answer}");
    for (text, expected) in [
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Code::McpIdInvalid),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, Code::McpIdInvalid),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, Code::McpIdInvalid),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, Code::JsonDuplicateKey),
        ("nonsense", Code::JsonSyntax),
        ("[]", Code::McpBatchRefused),
        ("7", Code::McpMessageInvalid),
    ] {
        let (found, _, answer) = code(text);
        assert_eq!(found, expected, "{text}");
        assert!(answer.starts_with(r#"{"jsonrpc":"2.0","id":null,"error""#), "{text}: {answer}");
    }
    // Nobody waits for these.
    for text in [
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/x","params":[1]}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#,
    ] {
        assert_eq!(code(text).2, "", "{text}");
    }
}

#[test]
fn what_readers_disagree_about_is_refused() {
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let call = |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
    for (text, expected) in [
        (deep, Code::JsonDepth),
        (call(r#"{"name":"a","Name":"b"}"#), Code::McpKeyAmbiguous),
        (call(r#"{"name":"a","argument\u017f":{}}"#), Code::McpKeyAmbiguous),
        (call(r#"{"name":"a","arguments":{"path":1,"PATH":2}}"#), Code::McpKeyAmbiguous),
        (call(r#"{"name":"a","arguments":{"n":9007199254740993}}"#), Code::JsonNumber),
        (call(r#"{"name":"a","arguments":[1]}"#), Code::McpParamsInvalid),
        (call(r#"{"name":" "}"#), Code::McpParamsInvalid),
        (call(r#"{"arguments":{}}"#), Code::McpParamsInvalid),
        (call("[1]"), Code::McpParamsInvalid),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#.to_string(), Code::McpKeyAmbiguous),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#.to_string(), Code::McpMessageInvalid),
        (r#"{"id":1,"method":"ping"}"#.to_string(), Code::McpMessageInvalid),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#.to_string(), Code::JsonTrailing),
    ] {
        assert_eq!(refused(&client(&text)).0, expected, "{text:.120}");
    }
    let message =
        read_as(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", McpSide::Client, McpSettings::default());
    assert_eq!(refused(&message).0, Code::JsonUtf8);
}

#[test]
fn answers_and_notices_keep_gaps_for_ids() {
    let message = server(r#"{"result":{"content":[],"isError":true,"n":12345678901234567890},"id":4,"jsonrpc":"2.0"}"#);
    assert_eq!((message.kind, message.action, &*message.id), (McpKind::Response, McpAction::Pass, "4"));
    let expected = r#"{"result":{"content":[],"isError":true,"n":12345678901234567890},"id":"c","jsonrpc":"2.0"}"#;
    assert_eq!(message.forward.join("\"c\""), expected);
    assert!(message.outcome.unwrap().is_error);
    let message =
        client(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a","reason":"b"}}"#);
    assert_eq!(message.id, "\"a\"");
    let expected = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9,"reason":"b"}}"#;
    assert_eq!(message.forward.join("9"), expected);
    let notice = r#"{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":3}}}"#;
    let message = server(notice);
    assert_eq!((&*message.id, message.forward.join("3")), ("3", notice.to_string()));
    let message = server(r#"{"jsonrpc":"2.0","id":0,"method":"roots/list"}"#);
    assert_eq!((message.kind, message.action, &*message.id), (McpKind::Request, McpAction::Pass, "0"));
    let message =
        server(r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":5,"progress":0.5}}"#);
    assert_eq!((message.kind, &*message.id, message.forward.len()), (McpKind::Notification, "5", 2));
}

#[test]
fn a_batch_is_taken_apart() {
    let text = br#"[ {"jsonrpc":"2.0","id":1,"method":"ping"} , {"jsonrpc":"2.0","method":"x"} ]"#;
    let settings = McpSettings { batches: true, ..McpSettings::default() };
    let message = read_as(text, McpSide::Client, settings.clone());
    assert_eq!(message.members, [r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, r#"{"jsonrpc":"2.0","method":"x"}"#]);
    let many = format!("[{}]", Vec::from(["1"; 101]).join(","));
    assert_eq!(refused(&read_as(many.as_bytes(), McpSide::Client, settings)).0, Code::McpBatchRefused);
}

#[test]
fn arguments_say_what_is_touched() {
    let targets = |tool: &str, arguments: &str| {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
        );
        let intent: serde_json::Value = serde_json::from_str(&client(&text).call.unwrap().intent).unwrap();
        let targets = intent["targets"].as_array().unwrap().iter();
        targets
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["kind"].as_str().unwrap(),
                    one["operation"].as_str().unwrap_or("-"),
                    one["value"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(targets("read_file", r#"{"PATH":"/a","paths":["/b",7,""],"head":1}"#), "path read /a; path read /b");
    assert_eq!(targets("move_file", r#"{"source":"/a","destination":"b","x":1}"#), "path - /a");
    assert_eq!(targets("fetch", r#"{"url":"https://a.example/"}"#), "url - https://a.example/");
    assert_eq!(targets("get", r#"{"uri":"file:///a%20b/c"}"#), "path - /a b/c");
    assert_eq!(targets("bash", r#"{"command":["ls","-l"]}"#), "other exec ls; other exec -l");
    assert_eq!(targets("q", r#"{"table":"t","inner":{"path":"/a"}}"#), "table - t");
}

/// Calls an operation that needs nothing but its request.
fn call<C: gait_contract::Call + serde::Serialize>(request: &C) -> C::Reply
where
    C::Reply: serde::de::DeserializeOwned,
{
    let frame = crate::Core::default().call(C::OP.0, json::canonical(request));
    let (json, _) = gait_contract::frame::read(&frame).unwrap();
    match serde_json::from_slice(json).unwrap() {
        gait_contract::Step::Reply(reply) => reply,
        _ => panic!("{}", String::from_utf8_lossy(json)),
    }
}

#[test]
fn what_a_client_can_be_asked_is_read_where_it_says_so() {
    let opened = |capabilities: &str| {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"2025-11-25","capabilities":{capabilities},"clientInfo":{{"name":"desk","version":"1"}}}}}}"#
        );
        let client = client(&text).client.unwrap();
        (client.asks_by_url, client.asks_by_form, client.name)
    };
    assert_eq!(opened("{}"), (false, false, "desk".into()));
    assert_eq!(opened(r#"{"elicitation":{}}"#), (false, true, "desk".into()));
    assert_eq!(opened(r#"{"elicitation":{"url":{}}}"#), (true, false, "desk".into()));
    assert_eq!(opened(r#"{"elicitation":{"form":{},"url":{}}}"#), (true, true, "desk".into()));
    assert!(client(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).client.is_none());
}

#[test]
fn an_answer_to_gaits_question_stays_with_gait() {
    let call = |state: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pay","requestState":"{state}","inputResponses":{{"dev.gait/approval":{{"action":"accept","content":{{"approve":true}}}}}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{"elicitation":{{"url":{{}}}}}}}}}}}}"#
        )
    };
    let message = client(&call("dev.gait:abc"));
    let resumed = message.resumed.unwrap();
    assert_eq!((&*resumed.state, &*resumed.reply.action, resumed.reply.approve), ("abc", "accept", true));
    assert!(message.client.unwrap().asks_by_url);
    assert!(!message.forward.concat().contains("requestState") && !message.forward.concat().contains("inputResponses"));
    // A server's own state goes back to the server.
    let message = client(&call("abc"));
    assert!(message.resumed.is_none() && message.forward.concat().contains(r#""requestState":"abc""#));
    let answer = client(r#"{"jsonrpc":"2.0","id":4,"result":{"action":"decline"}}"#);
    assert_eq!(answer.outcome.unwrap().reply.unwrap().action, "decline");
    let ambiguous = client(&call("a").replace("requestState", "RequestState"));
    assert_eq!(refused(&ambiguous).0, Code::McpKeyAmbiguous);
}

#[test]
fn questions_say_what_waits_and_ask_for_no_secret() {
    let ask = |url: &str, modern| {
        let (tool_name, reason_codes) = ("pay".to_string(), Vec::from(["payout".to_string()]));
        call(&McpAskRequest { tool_name, reason_codes, url: url.into(), state: "s1".into(), modern })
    };
    let by_url = ask("http://127.0.0.1:8/approve/s1", false);
    assert_eq!(
        by_url.message.join("7"),
        r#"{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"elicitationId":"s1","message":"`pay` waits for an approval (payout). The page shows the call and takes a signed approval.","mode":"url","url":"http://127.0.0.1:8/approve/s1"}}"#
    );
    assert!(by_url.done.contains("notifications/elicitation/complete") && by_url.done.contains("\"s1\""));
    let by_form = ask("", false);
    assert!(by_form.message.concat().contains(r#""requestedSchema":{"properties":{"approve":{"title""#));
    assert!(by_form.message.concat().contains(r#""required":["approve"],"type":"object"}"#) && by_form.done.is_empty());
    let modern = ask("http://127.0.0.1:8/approve/s1", true).message.join("7");
    assert!(modern.starts_with(
        r#"{"jsonrpc":"2.0","id":7,"result":{"inputRequests":{"dev.gait/approval":{"method":"elicitation/create""#
    ));
    assert!(
        modern.ends_with(r#""requestState":"dev.gait:s1","resultType":"input_required"}}"#)
            && !modern.contains("elicitationId")
    );
}

#[test]
fn several_servers_answer_as_one() {
    let share = |upstream: &str, result: &str| McpShare {
        upstream: upstream.into(),
        message: format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#),
        shown: Vec::new(),
    };
    let merged = call(&McpMergeRequest {
        method: "initialize".into(),
        modern: false,
        answers: [
            share("fs", r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"tasks":{},"logging":{"x":1}},"serverInfo":{},"instructions":" Read. "}"#),
            share("web", r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"prompts":{}},"serverInfo":{},"instructions":"Go."}"#),
        ]
        .into(),
    });
    assert_eq!(
        merged.result,
        format!(
            r#"{{"capabilities":{{"logging":{{}},"prompts":{{}},"tools":{{"listChanged":true}}}},"instructions":"fs: Read.\n\nweb: Go.","protocolVersion":"2025-06-18","serverInfo":{{"name":"gait","version":"{}"}}}}"#,
            env!("CARGO_PKG_VERSION")
        )
    );
    let shown = |text: &str| McpShare { shown: Vec::from([text.to_string()]), ..McpShare::default() };
    let list = |modern| {
        let answers = Vec::from([shown(r#"{"name":"fs.b"}"#), shown(r#"{"name":"web.a"}"#)]);
        call(&McpMergeRequest { method: "tools/list".into(), modern, answers })
    };
    assert_eq!(
        list(false).answer.join("1"),
        r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"fs.b"},{"name":"web.a"}]}}"#
    );
    assert!(list(true).result.starts_with(r#"{"cacheScope":"private","resultType":"complete","tools":["#));
    assert_eq!(call(&McpMergeRequest { method: "ping".into(), ..McpMergeRequest::default() }).result, "{}");
}

#[test]
fn headers_that_repeat_arguments_say_what_the_body_says() {
    let list = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"pay","inputSchema":{"type":"object","properties":{
        "region":{"type":"string","x-mcp-header":"Region"},"to":{"properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}},{"name":"other"}]}}"#;
    let mut bytes = json::canonical(&McpToolsRequest {
        message: Given::Attached,
        list: McpList::Tools,
        upstream: String::new(),
        hide_blocked: false,
        known: Vec::new(),
    });
    bytes.push(0);
    bytes.extend_from_slice(list.as_bytes());
    let frame = crate::Core::default().call("mcp.tools", bytes);
    let (reply, _) = gait_contract::frame::read(&frame).unwrap();
    let gait_contract::Step::<McpTools>::Reply(tools) = serde_json::from_slice(reply).unwrap() else { panic!() };
    let said: Vec<String> =
        tools.params.iter().map(|param| format!("{} {} {}", param.tool, param.path.join("."), param.header)).collect();
    assert_eq!(said, ["pay region region", "pay to.n n"]);

    let refusal = |arguments: &str, headers: &[(&str, &str)]| {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pay","arguments":{arguments},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let header = |(name, value): &(&str, &str)| McpHeader { name: name.to_string(), value: value.to_string() };
        let routing = McpRouting {
            protocol_version: "2026-07-28".into(),
            method: "tools/call".into(),
            name: "pay".into(),
            params: headers.iter().map(header).collect(),
        };
        let request = McpMessageRequest {
            routing: Some(routing),
            params: tools.params.clone(),
            ..request(McpSide::Client, McpSettings::default())
        };
        let mut bytes = json::canonical(&request);
        bytes.push(0);
        bytes.extend_from_slice(text.as_bytes());
        let frame = crate::Core::default().call("mcp.message", bytes);
        let (reply, _) = gait_contract::frame::read(&frame).unwrap();
        let gait_contract::Step::<McpMessage>::Reply(message) = serde_json::from_slice(reply).unwrap() else {
            panic!()
        };
        message.refusal.map(|refusal| refusal.error_code)
    };
    let mismatch = Some(Code::McpHeaderMismatch);
    assert_eq!(refusal("{}", &[]), None);
    assert_eq!(refusal(r#"{"region":"eu","to":{"n":7.0}}"#, &[("region", "eu"), ("n", "7")]), None);
    assert_eq!(refusal(r#"{"region":"é"}"#, &[("region", "=?base64?w6k=?=")]), None);
    assert_eq!(refusal(r#"{"region":null}"#, &[]), None);
    assert_eq!(refusal(r#"{"region":"eu"}"#, &[]), mismatch);
    assert_eq!(refusal(r#"{"region":""}"#, &[]), mismatch);
    assert_eq!(refusal(r#"{"region":"eu"}"#, &[("region", "us")]), mismatch);
    assert_eq!(refusal(r#"{"region":"eu"}"#, &[("region", "eu"), ("region", "us")]), mismatch);
    assert_eq!(refusal("{}", &[("region", "eu")]), mismatch);
}
