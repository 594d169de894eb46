//! What documents mean.

use super::super::{Span, Value, read};
use super::shape;

#[test]
fn an_empty_document_has_no_root() {
    for text in ["", "\n\n", "# nothing yet\n", "  # one\n\n# two", "---\n", "--- # marked\n", "---\n...\n", "...\n"] {
        assert_eq!(shape(text), "nothing", "{text:?}");
    }
    for text in ["null", "~\n", "--- null\n", "# why\nNull"] {
        assert_eq!(shape(text), "null", "{text:?}");
    }
}

#[test]
fn one_value_in_many_spellings() {
    let expected = "{a: [b, c], d: {e: f}}";
    for text in [
        "a: [b, c]\nd: {e: f}\n",
        "---\na:\n- b\n- c\nd:\n  e: f\n...\n",
        "a:\r\n  - b\r\n  - c\r\nd:\r\n    e: f\r\n",
        "{a: [b, c], d: {e: f}}",
        "--- # marked\n{a: [b, c,], d: {e: f,},}\n",
        "{\n\ta: [b,\tc],\n\td: {e: f}\n}\n",
        "# said before\n\n{a: [b, # first\n c], d: {e: f}} # behind",
        "? a\n: - b\n  - c\n? d\n: ? e\n  : f\n",
        "a: &l [b, c]\nd: {e: f}",
    ] {
        assert_eq!(shape(text), expected, "{text:?}");
    }
    assert_eq!(shape(r#"{"a": ["b", "c"], "d": {"e": "f"}}"#), r#"{a: ["b", "c"], d: {e: "f"}}"#);
    assert_eq!(shape("{\"a\":[\"b\",7,true,null],\"d\":{}}"), r#"{a: ["b", 7, true, null], d: {}}"#);
}

#[test]
fn scalars_keep_their_style() {
    for (text, expected) in [
        ("a: b c", "{a: b c}"),
        ("a: b\n  c\n\n  d", "{a: b c\nd}"),
        ("a: 'it''s'", "{a: \"it's\"}"),
        ("a: 'it''' # that", "{a: \"it'\"}"),
        (r#"a: "\x41\u00e9\n\"\\" # said"#, r#"{a: "Aé\n\"\\"}"#),
        ("a: \"one\n  two\"", "{a: \"one two\"}"),
        ("a: |\n  one\n   two\n\nb: c", "{a: \"one\\n two\\n\", b: c}"),
        ("a: >- # folded\n  one\n  two\n", "{a: \"one two\"}"),
        ("a: |+\n\n\n", "{a: \"\\n\\n\"}"),
        ("a: |\n", "{a: \"\"}"),
        ("a: !!str 7", "{a: \"7\"}"),
        ("a: !!str", "{a: \"\"}"),
        ("a: !!str &x 7\nb: *x", "{a: \"7\", b: \"7\"}"),
        ("a: é\nb: 'ü' # ö\nc: \"日本\"", "{a: é, b: \"ü\", c: \"日本\"}"),
        ("a:\nb: ~\nc: ''\nd: []\ne: {}", "{a: null, b: null, c: \"\", d: [], e: {}}"),
        ("a: http://h/#x", "{a: http://h/#x}"),
        ("- - a\n  - b\n- \n-", "[[a, b], null, null]"),
        ("[a: b, c]", "[{a: b}, c]"),
    ] {
        assert_eq!(shape(text), expected, "{text:?}");
    }
}

#[test]
fn aliases_stand_for_what_they_name() {
    assert_eq!(
        shape("a: &x [b, {c: d}]\ne: *x\nf: [*x, *x]"),
        "{a: [b, {c: d}], e: [b, {c: d}], f: [[b, {c: d}], [b, {c: d}]]}"
    );
    assert_eq!(shape("a: &x 1\nb: &x 2\nc: *x"), "{a: 1, b: 2, c: 2}");
    assert_eq!(shape("a: &x\nb: *x"), "{a: null, b: null}");
}

#[test]
fn merge_keys_bring_one_mapping() {
    assert_eq!(shape("a: &x {b: c}\nd:\n  <<: *x\n  e: f"), "{a: {b: c}, d: {b: c, e: f}}");
    assert_eq!(
        shape("a: &x {b: c}\nd: &y\n  <<: *x\n  e: f\ng:\n  h: i\n  <<: *y"),
        "{a: {b: c}, d: {b: c, e: f}, g: {h: i, b: c, e: f}}"
    );
    assert_eq!(shape("<<: {a: b}\nc: d"), "{a: b, c: d}");
    assert_eq!(shape("'<<': a"), "{<<: a}");
}

#[test]
fn places_are_exact() {
    let text = "é: ü\nlist: [ 'a' , \"b\\n\" ] # end\nmap:\n  k: &x v\n  l: *x\nblock: |\n  text\nend: x\n";
    let document = read(text.as_bytes()).expect("a document");
    let Some(Value::Map(entries)) = document.root.as_ref().map(|root| &root.value) else { panic!("a mapping") };
    let at = |span: Span| &text[span.start..span.end];
    assert_eq!(
        entries.iter().map(|entry| at(entry.key_at)).collect::<alloc::vec::Vec<_>>(),
        ["é", "list", "map", "block", "end"]
    );
    assert_eq!(at(entries[0].value.at), "ü");
    assert_eq!(at(entries[1].value.at), "[ 'a' , \"b\\n\" ]");
    let Value::List(items) = &entries[1].value.value else { panic!("a list") };
    assert_eq!(items.iter().map(|item| at(item.at)).collect::<alloc::vec::Vec<_>>(), ["'a'", "\"b\\n\""]);
    let Value::Map(inner) = &entries[2].value.value else { panic!("a mapping") };
    assert_eq!(at(entries[2].value.at), "k: &x v\n  l: *x");
    assert_eq!((at(inner[0].value.at), at(inner[1].value.at)), ("&x v", "*x"));
    assert_eq!(at(entries[3].value.at).trim(), "|\n  text");
    assert_eq!(at(entries[4].value.at), "x");
    let problem = document.problem(Default::default(), entries[0].value.at, "m", "h");
    assert_eq!((problem.line, problem.column, problem.length, problem.source.as_str()), (1, 4, 1, "é: ü"));
    let problem = document.problem(Default::default(), entries[2].value.at, "m", "h");
    assert_eq!((problem.line, problem.column, problem.length, problem.source.as_str()), (4, 3, 7, "  k: &x v"));
}

#[test]
fn what_stands_in_the_text_is_not_copied() {
    let text = "a: b\nc: 'd'\ne: \"f\"\n";
    let document = read(text.as_bytes()).expect("a document");
    let Some(Value::Map(entries)) = document.root.map(|root| root.value) else { panic!("a mapping") };
    for entry in entries {
        assert!(matches!(entry.key, alloc::borrow::Cow::Borrowed(_)));
        let (Value::Plain(value) | Value::Text(value)) = entry.value.value else { panic!("a scalar") };
        assert!(matches!(value, alloc::borrow::Cow::Borrowed(_)), "{value}");
    }
}
