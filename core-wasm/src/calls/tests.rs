//! What a call comes to in each dialect, and what is refused.

use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::Code;
use gait_contract::tool_call::CallForm;

use super::{ToolCall, tool_call};

const FETCH: &str = "854d961d41e4e248a6485c5ab3d05bf06fa8f8ea639a189183338acf268d15f2";

fn read(adapter: &str, text: &str) -> Result<ToolCall, Code> {
    let form = CallForm { adapter: adapter.into(), ..CallForm::default() };
    tool_call(text.as_bytes(), &form).map_err(|fault| fault.error_code)
}

#[track_caller]
fn intent(adapter: &str, text: &str) -> String {
    let call = read(adapter, text).unwrap_or_else(|code| panic!("{text}: {}", code.token()));
    String::from_utf8(call.intent.canonical().to_vec()).unwrap()
}

#[track_caller]
fn refused(adapter: &str, text: &str, code: Code) {
    assert_eq!(read(adapter, text).err(), Some(code), "{text}");
}

#[test]
fn one_call_is_one_intent_in_every_dialect() {
    for (adapter, text) in [
        ("mcp", r#"{"name":" Docs.Fetch "}"#),
        (" MCP ", r#"{"name":"docs.fetch","args":null,"unknown":[1]}"#),
        ("", r#"{"name":"docs.fetch","arguments":{}}"#),
        (
            "openai",
            r#"{"type":"function","function":{"name":"docs.fetch","arguments":" "},"context":{"identity":"x"}}"#,
        ),
        ("openai", r#"{"function":{"name":"docs.fetch","arguments":"null"}}"#),
        ("OpenAI", r#"{"function":{"name":"docs.fetch"}}"#),
        ("anthropic", r#"{"name":"docs.fetch","input":{}}"#),
        ("langchain", r#"{"tool":"docs.fetch","tool_input":" {} "}"#),
    ] {
        let call = read(adapter, text).unwrap_or_else(|code| panic!("{text}: {}", code.token()));
        assert_eq!(call.intent.intent_digest, FETCH, "{text}");
        assert_eq!(call.facts.run_id, "run_mcp_854d961d41e4");
    }
}

#[test]
fn arguments_are_objects_or_texts_of_one() {
    for (adapter, text) in [
        ("openai", r#"{"function":{"name":"a","arguments":{"id":7}}}"#),
        ("openai", r#"{"function":{"name":"a","arguments":"{\"id\":7.0}"}}"#),
        ("langchain", r#"{"tool":"a","tool_input":"{\"id\":7}"}"#),
        ("anthropic", r#"{"name":"a","input":{"id":7}}"#),
        ("mcp", r#"{"name":"a","args":{"id":7}}"#),
        ("mcp", r#"{"name":"a","arguments":{" id ":7}}"#),
    ] {
        assert!(intent(adapter, text).starts_with(r#"{"args":{"id":7},"#), "{text}");
    }
    for (adapter, text, code) in [
        ("openai", r#"{"function":{"name":"a","arguments":[]}}"#, Code::JsonType),
        ("openai", r#"{"function":{"name":"a","arguments":"7"}}"#, Code::JsonType),
        ("openai", r#"{"function":{"name":"a","arguments":"{} {}"}}"#, Code::JsonTrailing),
        ("openai", r#"{"function":{"name":"a","arguments":"{\"x\":1,\"x\":2}"}}"#, Code::JsonDuplicateKey),
        ("openai", r#"{"function":{"name":"a","arguments":"look it up"}}"#, Code::JsonSyntax),
        ("openai", r#"{"type":"function_call","name":"a","arguments":{}}"#, Code::CallInvalid),
        ("anthropic", r#"{"name":"a","input":"{}"}"#, Code::JsonType),
        ("langchain", r#"{"tool":"a","tool_input":"what is new?"}"#, Code::JsonSyntax),
        ("langchain", r#"{"tool":" ","tool_input":{}}"#, Code::CallInvalid),
        ("langchain", "[]", Code::JsonType),
        ("anthropic", "null", Code::JsonType),
        ("mcp", "", Code::JsonSyntax),
        ("mcp", r#"{"name":"a"} {}"#, Code::JsonTrailing),
        ("mcp", r#"{"args":{}}"#, Code::CallInvalid),
        ("mcp", r#"{"name":"a","created_at":""}"#, Code::JsonType),
        ("mcp", r#"{"name":"a","args":{" ":1}}"#, Code::IntentInvalid),
        ("mcp", r#"{"name":"a","targets":[{"kind":"moon","value":"x"}]}"#, Code::IntentInvalid),
        ("mcp", r#"{"name":"a","targets":[null]}"#, Code::JsonType),
        ("cohere", r#"{"name":"a"}"#, Code::CallInvalid),
    ] {
        refused(adapter, text, code);
    }
}

#[test]
fn what_may_be_meant_is_not_passed_over() {
    refused("mcp", r#"{"name":"a","args":{"x":1},"arguments":{"x":2}}"#, Code::CallInvalid);
    refused("mcp", r#"{"name":"a","Args":{"x":1}}"#, Code::JsonKeyCase);
    refused("mcp", r#"{"name":"a","argſ":{"x":1}}"#, Code::JsonKeyCase);
    refused("mcp", r#"{"name":"a","context":{"Identity":"root"}}"#, Code::JsonKeyCase);
    refused("openai", r#"{"function":{"name":"a","Arguments":"{}"}}"#, Code::JsonKeyCase);
    refused("mcp", r#"{"name":"a","args":{},"args":{"x":1}}"#, Code::JsonDuplicateKey);
    refused("mcp", r#"{"name":"a","script":{"steps":[{"name":"rm"}]}}"#, Code::CallInvalid);
    // Arguments are the tool's own, and their keys are nobody else's.
    assert!(intent("mcp", r#"{"name":"a","args":{"Name":1,"NAME":2}}"#).contains("NAME"));
}

#[test]
fn a_text_is_a_target_by_its_looks() {
    for (given, expected) in [
        (" https://x.example/a ", r#""kind":"url""#),
        ("/srv/x", r#""kind":"path""#),
        ("db.example", r#""kind":"host""#),
    ] {
        let text = format!(r#"{{"name":"a","target":"{given}"}}"#);
        assert!(intent("mcp", &text).contains(expected), "{given}");
    }
    assert!(intent("mcp", r#"{"name":"a","target":" "}"#).contains(r#""targets":[]"#));
    let both = r#"{"name":"a","target":"/x","targets":[{"kind":"host","value":"y"}]}"#;
    assert!(!intent("mcp", both).contains("path"));
}

#[test]
fn hints_make_it_stricter_or_nothing() {
    let with = |extra: &str| {
        intent(
            "mcp",
            &format!(r#"{{"name":"a","targets":[{{"kind":"path","value":"/x","operation":"read"{extra}}}]}}"#),
        )
    };
    let plain = with("");
    for same in [
        r#","destructive":false"#,
        r#","destructive":true"#,
        r#","endpoint_class":"fs.delete""#,
        r#","readOnlyHint":true"#,
        r#","annotations":{"readOnlyHint":true,"destructiveHint":false}"#,
    ] {
        assert_eq!(with(same), plain, "{same}");
    }
    for stricter in [r#","destructiveHint":true"#, r#","annotations":{"destructiveHint":true}"#] {
        assert!(with(stricter).contains(r#""destructive":true"#), "{stricter}");
    }
}

#[test]
fn hooks_name_their_tools_otherwise() {
    for (name, expected) in [
        ("Read", "tool.read"),
        ("WebFetch", "tool.read"),
        ("NotebookEdit", "tool.write"),
        ("Bash", "tool.exec"),
        ("Task", "tool.delegate"),
        ("MultiEdit", "tool.multiedit"),
        ("mcp__files__write-file", "tool.mcp__files__write_file"),
        ("Acme.Deploy", "acme.deploy"),
    ] {
        let call = read("claude_code", &format!(r#"{{"tool_name":"{name}","session_id":" s "}}"#)).ok().unwrap();
        assert_eq!(call.intent.tool_name, expected);
        assert_eq!(call.facts.session_id, "s");
    }
    let written = intent("claude_code", r#"{"tool_name":"Write","tool_input":{"file_path":"/x","content":"y"}}"#);
    assert!(written.contains(r#""kind":"path","operation":"write","value":"/x""#), "{written}");
    let run = intent("Claude-Code", r#"{"name":"Bash","input":{"command":"ls","path":3}}"#);
    assert!(run.contains(r#""endpoint_class":"proc.exec","kind":"other","operation":"execute","value":"ls""#), "{run}");
    refused("claude_code", r#"{"tool_input":{}}"#, Code::CallInvalid);
}

#[test]
fn production_wants_to_know_who_asks() {
    let form = CallForm { is_explicit: true, ..CallForm::default() };
    let ask = |context: &str| {
        let text = format!(r#"{{"name":"a","context":{{{context}}}}}"#);
        tool_call(text.as_bytes(), &form).map(|call| call.facts.session_id).map_err(|fault| fault.error.to_string())
    };
    assert_eq!(ask(r#""identity":"a","workspace":"/w","session_id":"s""#).ok().as_deref(), Some("s"));
    assert!(ask(r#""identity":"a","workspace":"/w""#).is_err_and(|error| error.contains("session_id")));
}
