//! Canonical form and refusals, by example.

extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

use gait_contract::{Code, limits};
use serde::{Deserialize, Serialize};

use super::{JsonError, Scanner};

fn canonical(text: &str) -> String {
    String::from_utf8(super::canonicalize(text.as_bytes()).unwrap()).unwrap()
}

fn refusal(bytes: &[u8]) -> (Code, String) {
    let fault = super::canonicalize(bytes).unwrap_err();
    (fault.error_code, fault.into_envelope().at.unwrap_or_default())
}

#[test]
fn numbers_are_spelled_as_ecmascript_does() {
    for (text, spelled) in [
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("12345678901234567890", "12345678901234567000"),
        ("1e21", "1e+21"),
        ("1E-7", "1e-7"),
        ("0.000001", "0.000001"),
        ("5e-324", "5e-324"),
        ("100.00", "100"),
        ("1e20", "100000000000000000000"),
        ("999999999999999", "999999999999999"),
        ("9007199254740993", "9007199254740992"),
        ("-12.50", "-12.5"),
        ("0", "0"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("4.9E-324", "5e-324"),
        ("1e-400", "0"),
    ] {
        assert_eq!(canonical(text), spelled, "{text}");
    }
}

#[test]
fn strings_keep_their_characters_and_lose_their_escapes() {
    assert_eq!(canonical(r#""\u0041\/\u00e9\u2028\u007f<>&""#), "\"A/é\u{2028}\u{7f}<>&\"");
    assert_eq!(canonical(r#""\b\t\n\f\r\"\\\u0000\u001F""#), r#""\b\t\n\f\r\"\\\u0000\u001f""#);
    assert_eq!(
        canonical(r#""\ud83d\ude00 plain text that is longer than a block \u0007""#),
        "\"😀 plain text that is longer than a block \\u0007\""
    );
}

#[test]
fn keys_sort_by_utf16_code_units() {
    assert_eq!(
        canonical("{\"\u{e000}\":1,\"\u{10000}\":2,\"a\":3,\"\":4}"),
        "{\"\":4,\"a\":3,\"\u{10000}\":2,\"\u{e000}\":1}"
    );
    assert_eq!(
        canonical(r#"{"b":{"d":1,"c":[{"z":0,"y":0}]},"a":2,"\n":0,"aa":1}"#),
        r#"{"\n":0,"a":2,"aa":1,"b":{"c":[{"y":0,"z":0}],"d":1}}"#
    );
    assert_eq!(canonical(r#"{"]":0,"\"":1,"\\":2,"!":3}"#), r#"{"!":3,"\"":1,"\\":2,"]":0}"#);
    assert_eq!(canonical(" [ ] "), "[]");
    assert_eq!(canonical("{ }"), "{}");
}

#[test]
fn what_readers_disagree_about_is_refused_with_its_place() {
    let code = |text: &str| refusal(text.as_bytes());
    assert_eq!(code(r#"{"a":1,"a":2}"#), (Code::JsonDuplicateKey, "1:8".into()));
    assert_eq!(code(r#"{"b":1,"a":2,"b":3}"#).0, Code::JsonDuplicateKey);
    assert_eq!(code("{\"a\":1,\n \"\\u0061\":2}"), (Code::JsonDuplicateKey, "2:2".into()));
    assert_eq!(code(r#"["\ud800"]"#), (Code::JsonSurrogate, "1:3".into()));
    assert_eq!(code(r#""\udc00\ud800""#).0, Code::JsonSurrogate);
    assert_eq!(code(r#""\ud800\u0041""#).0, Code::JsonSurrogate);
    assert_eq!(code("1e309").0, Code::JsonNumber);
    assert_eq!(code("-1e99999999999999999999").0, Code::JsonNumber);
    assert_eq!(code("{} {}"), (Code::JsonTrailing, "1:4".into()));
    assert_eq!(refusal(b"\xEF\xBB\xBF{}").0, Code::JsonBom);
    assert_eq!(refusal(b"\"\xFF\"").0, Code::JsonUtf8);
    assert_eq!(refusal(b"\"\xED\xA0\x80\"").0, Code::JsonUtf8);
    for text in [
        "",
        " ",
        "{",
        "[",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "[1,]",
        "[,]",
        "{,}",
        "{a:1}",
        "'a'",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "NaN",
        "Infinity",
        "tru",
        "nul",
        "True",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "\"a\nb\"",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "//",
        "[1]]",
        "\u{a0}1",
        "\"\\ud83d\\u\"",
    ] {
        let (code, _) = refusal(text.as_bytes());
        assert!(matches!(code, Code::JsonSyntax | Code::JsonTrailing), "{text}: {code:?}");
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |open: &str, close: &str, levels: usize| open.repeat(levels) + "0" + &close.repeat(levels);
    {
        assert_eq!(canonical(&nested("[", "]", 1_024)), nested("[", "]", 1_024));
        assert_eq!(canonical(&nested("{\"a\":", "}", 1_024)), nested("{\"a\":", "}", 1_024));
        assert_eq!(refusal(nested("[", "]", 1_025).as_bytes()).0, Code::JsonDepth);
        assert_eq!(refusal("[".repeat(100_000).as_bytes()).0, Code::JsonDepth);
        assert_eq!(refusal("{\"a\":".repeat(100_000).as_bytes()).0, Code::JsonDepth);
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Sample {
    text: String,
    count: i64,
    flag: bool,
    list: Vec<Sample>,
    choice: Option<Choice>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Word,
    Holds { number: u64 },
    Wraps(String),
}

#[test]
fn null_counts_as_absent() {
    let absent: Sample = super::read(b"{}").unwrap();
    let null: Sample =
        super::read(br#"{"text":null,"count":null,"flag":null,"list":null,"choice":null,"other":null}"#).unwrap();
    assert_eq!(null, absent);
    let element: Sample = super::read(br#"{"list":[null,{}]}"#).unwrap();
    assert_eq!(element.list.len(), 2);
}

#[test]
fn types_are_read_and_written() {
    for text in [
        r#"{"choice":null,"count":-3,"flag":true,"list":[],"text":"a\"b"}"#,
        r#"{"choice":{"holds":{"number":7}},"count":0,"flag":false,"list":[{"choice":"word","count":1,"flag":false,"list":[],"text":""}],"text":""}"#,
        r#"{"choice":{"wraps":"x"},"count":0,"flag":false,"list":[],"text":""}"#,
    ] {
        let value: Sample = super::read(text.as_bytes()).unwrap();
        assert_eq!(super::canonical_text(&value), text);
    }
}

#[test]
fn wrong_types_name_their_place() {
    for (text, place) in [
        (r#"{"text":1}"#, "1:9"),
        (r#"{"count":1.0}"#, "1:10"),
        (r#"{"count":"1"}"#, "1:10"),
        (r#"{"flag":"true"}"#, "1:9"),
        (r#"{"list":{}}"#, "1:9"),
        (r#"{"list":[1]}"#, "1:10"),
        ("[]", "1:1"),
        ("null1", "1:5"),
        (r#"{"choice":"other"}"#, "1:11"),
        (r#"{"count":99999999999999999999}"#, "1:10"),
    ] {
        let fault = super::read::<Sample>(text.as_bytes()).unwrap_err();
        assert!(matches!(fault.error_code, Code::JsonType | Code::JsonTrailing), "{text}: {fault:?}");
        assert_eq!(fault.at.as_deref(), Some(place), "{text}: {}", fault.error);
    }
    assert_eq!(super::read::<Sample>(br#"{"x":{"a":1,"a":2}}"#).unwrap_err().error_code, Code::JsonDuplicateKey);
    assert_eq!(super::read::<Sample>(br#"{"text":"","text":""}"#).unwrap_err().error_code, Code::JsonDuplicateKey);
    assert_eq!(super::read::<Sample>(br#"{"z":"","y":"","z":1}"#).unwrap_err().error_code, Code::JsonDuplicateKey);
}

#[test]
fn a_member_can_be_left_out() {
    let without = |text: &str| {
        super::canonicalize_without(text.as_bytes(), Some("s")).map(|bytes| String::from_utf8(bytes).unwrap())
    };
    for (text, rest) in [
        (r#"{"s":1}"#, "{}"),
        (r#"{"s":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        (r#"{"b":{"s":1},"\u0073":[1],"a":0}"#, r#"{"a":0,"b":{"s":1}}"#),
        ("{}", "{}"),
    ] {
        assert_eq!(without(text).unwrap(), rest.to_string(), "{text}");
    }
    assert_eq!(without(r#"{"s":1,"s":2}"#).unwrap_err().error_code, Code::JsonDuplicateKey);
}

#[test]
fn members_are_visited_once_each_in_the_order_of_the_text() {
    let visit = |text: &str| {
        let mut seen = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes())?;
        scanner.members(&["a", "b"], &mut |scanner, which| {
            seen.push((which, scanner.text_or_null()?.into_owned()));
            Ok(())
        })?;
        scanner.end()?;
        Ok(seen)
    };
    let words = |text: &str| visit(text).unwrap_or_else(|error: JsonError| panic!("{text}: {error}"));
    assert_eq!(words("null"), []);
    assert_eq!(words(" { } "), []);
    assert_eq!(words(r#"{"b":"1","c":{"a":[{}]},"\u0061":null,"A":0}"#), [(1, "1".to_string()), (0, String::new())]);
    for (text, code, offset) in [
        (r#"{"a":"","a":""}"#, Code::JsonDuplicateKey, 8),
        (r#"{"c":1,"b":"","c":1}"#, Code::JsonDuplicateKey, 14),
        (r#"{"a":7}"#, Code::JsonType, 5),
        (r#"{"c":tru}"#, Code::JsonSyntax, 5),
        (r#"{"a":"",}"#, Code::JsonSyntax, 8),
        (r#"{"a":"" "b":""}"#, Code::JsonSyntax, 8),
        (r#"{"a" ""}"#, Code::JsonSyntax, 5),
        (r#"{"a":"""#, Code::JsonSyntax, 7),
        (r#"{7:""}"#, Code::JsonSyntax, 1),
        ("[]", Code::JsonType, 0),
        ("{} {}", Code::JsonTrailing, 3),
    ] {
        let error = visit(text).err().unwrap_or_else(|| panic!("{text} is read"));
        assert_eq!((error.code(), error.offset()), (code, Some(offset)), "{text}: {error}");
    }
}

#[test]
fn elements_are_visited_in_order() {
    let visit = |text: &str| {
        let mut seen = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes())?;
        scanner.elements(&mut |scanner| {
            seen.push(scanner.truth()?);
            Ok(())
        })?;
        scanner.end()?;
        Ok::<_, JsonError>(seen)
    };
    assert_eq!(visit("null").ok(), Some(Vec::new()));
    assert_eq!(visit(" [ ] ").ok(), Some(Vec::new()));
    assert_eq!(visit("[true, false ,null]").ok(), Some([true, false, false].into()));
    for text in ["[true", "[true,]", "[,true]", "[true false]", "{}", "[1]", "[\"\"]", "[true]]", "true"] {
        assert!(visit(text).is_err(), "{text}");
    }
}

#[test]
fn a_list_inside_a_list_counts_as_a_level_wherever_it_is_read() {
    let deepest = limits::JSON_DEPTH - 1;
    for (levels, fits) in [(deepest, true), (deepest + 1, false)] {
        let text = std::format!("{{\"later\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        let mut scanner = Scanner::new(text.as_bytes()).unwrap_or_else(|_| panic!("UTF-8"));
        assert_eq!(scanner.members(&[], &mut |_, _| Ok(())).is_ok(), fits, "{levels}");
    }
}

#[test]
fn lists_of_a_fixed_length_are_lists() {
    assert_eq!(super::canonical_text(&(["a", "b"], 1, [(); 0])), r#"[["a","b"],1,[]]"#);
}
