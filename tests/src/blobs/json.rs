//! Run records whose JSON is no good; most of them are one line.

use super::{Blobs, blob};

pub(super) fn blobs() -> Blobs {
    let record = |name: &str, text: &[u8]| blob(&format!("json_{name}.json"), text);
    vec![
        record("empty", b""),
        record("blank", b" \n\t"),
        record("cut", br#"{"run":{"run_id":"run_x"},"intents":[{"intent_id":"#),
        record("word", b"nonsense"),
        record("single_quotes", b"{'run':{'run_id':'run_x'}}"),
        record("comment", b"{\"run\":{\"run_id\":\"run_x\"} /* why */}"),
        record("trailing_comma", br#"{"run":{"run_id":"run_x",}}"#),
        record("unquoted_key", br#"{run:{"run_id":"run_x"}}"#),
        record("nan", br#"{"run":{"run_id":"run_x"},"x":NaN}"#),
        record("leading_zero", br#"{"run":{"run_id":"run_x"},"x":01}"#),
        record("control_character", b"{\"run\":{\"run_id\":\"run_\x01\"}}"),
        record("unknown_escape", br#"{"run":{"run_id":"run_\x41"}}"#),
        record("two_documents", br#"{"run":{"run_id":"run_x"}}{"run":{"run_id":"run_y"}}"#),
        record("trailing_text", b"{\"run\":{\"run_id\":\"run_x\"}}\nthe end"),
        record("bom", b"\xef\xbb\xbf{\"run\":{\"run_id\":\"run_x\"}}"),
        record("utf16", b"\xff\xfe{\0}\0"),
        record("latin1", b"{\"run\":{\"run_id\":\"caf\xe9\"}}"),
        record("overlong", b"{\"run\":{\"run_id\":\"\xc0\xaf\"}}"),
        record("surrogate_high", br#"{"run":{"run_id":"run_\ud83d"}}"#),
        record("surrogate_low", br#"{"run":{"run_id":"run_x"},"intents":[{"args":{"a":"\udc00"}}]}"#),
        record("surrogate_twice_high", br#"{"run":{"run_id":"run_\ud83d\ud83d"}}"#),
        record("number_too_large", br#"{"run":{"run_id":"run_x"},"intents":[{"args":{"a":1e309}}]}"#),
        record(
            "number_many_digits",
            format!(r#"{{"run":{{"run_id":"run_x"}},"intents":[{{"args":{{"a":{}}}}}]}}"#, "9".repeat(400)).as_bytes(),
        ),
        record("number_ignored_too_large", br#"{"run":{"run_id":"run_x"},"later":-1e999}"#),
        record(
            "deep_ignored",
            format!(r#"{{"run":{{"run_id":"run_x"}},"x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000)).as_bytes(),
        ),
        record("deep_args", nested(1_023).as_bytes()),
        record(
            "deep_objects",
            format!(r#"{{"run":{{"run_id":"run_x"}},"x":{}1{}}}"#, r#"{"a":"#.repeat(2_000), "}".repeat(2_000))
                .as_bytes(),
        ),
        record("deep_enough", nested(1_000).as_bytes()),
        record("duplicate_run", br#"{"run":{"run_id":"run_x"},"run":{"run_id":"run_y"}}"#),
        record("duplicate_in_run", br#"{"run":{"run_id":"run_x","run_id":"run_y"}}"#),
        record("duplicate_in_args", br#"{"run":{"run_id":"run_x"},"intents":[{"args":{"b":{"a":1,"a":1}}}]}"#),
        record("duplicate_escaped", br#"{"run":{"run_id":"run_x"},"intents":[{"args":{"a":1,"\u0061":2}}]}"#),
        record("duplicate_ignored", br#"{"run":{"run_id":"run_x"},"later":{"a":1,"a":2}}"#),
        record("type_run_list", br#"{"run":[]}"#),
        record("type_run_id", br#"{"run":{"run_id":7}}"#),
        record("type_intents", br#"{"run":{"run_id":"run_x"},"intents":{}}"#),
        record("type_intent", br#"{"run":{"run_id":"run_x"},"intents":[7]}"#),
        record("type_args", br#"{"run":{"run_id":"run_x"},"intents":[{"args":"none"}]}"#),
        record("type_receipts", br#"{"run":{"run_id":"run_x"},"refs":{"receipts":"none"}}"#),
        record("type_list", b"[]"),
        record("type_text", br#""run""#),
        record("type_later_line", b"{\n  \"run\": {\n    \"run_id\": \"run_x\",\n    \"env\": \"linux\"\n  }\n}\n"),
    ]
}

/// A record whose arguments nest so deep.
fn nested(levels: usize) -> String {
    format!(
        r#"{{"run":{{"run_id":"run_deep"}},"intents":[{{"intent_id":"i1","args":{{"a":{}1{}}}}}]}}"#,
        "[".repeat(levels),
        "]".repeat(levels)
    )
}
