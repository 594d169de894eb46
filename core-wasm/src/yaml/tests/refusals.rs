//! What is refused, with which code, and where.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use gait_contract::limits::{POLICY_BYTES, POLICY_KEY_BYTES};
use gait_contract::policy::ProblemCode::{
    DuplicateKey, YamlAlias, YamlEncoding, YamlSecondDocument, YamlSyntax, YamlTooLarge,
};

use super::{places, problems};

#[test]
fn bytes_that_are_no_plain_text() {
    for (bytes, line, column) in [
        (&b"\xEF\xBB\xBFrules: []"[..], 1, 1),
        (b"a: \xFF", 1, 4),
        (b"a: b\nc: \xE2\x82", 2, 4),
        (b"\xFE\xFF\0a", 1, 1),
        (b"a\0:\0", 1, 2),
        (b"\xFF\xFEa\0", 1, 1),
        (b"a: b\0", 1, 5),
        (b"a: \x07", 1, 4),
        (b"a: 'b\x7F'", 1, 6),
        (b"a: b\rc: d", 1, 5),
        ("a: b\u{85}c: d".as_bytes(), 1, 5),
        ("# x\u{2028}default_verdict: allow".as_bytes(), 1, 4),
        ("a: b\u{2029}".as_bytes(), 1, 5),
        ("a: é\u{FEFF}".as_bytes(), 1, 5),
        ("a: '\u{FFFE}'".as_bytes(), 1, 5),
        ("a: '\u{9B}'".as_bytes(), 1, 5),
    ] {
        let found = problems(bytes);
        assert_eq!((found[0].code, found[0].line, found[0].column), (YamlEncoding, line, column), "{bytes:?}");
    }
    // Escapes are what is meant, not what some editor left behind.
    assert!(problems(br#"a: "\0\x07\ufeff\u2028""#).is_empty());
    assert_eq!(problems("a: \u{1}\u{2}\n\u{3}".as_bytes()).len(), 3);
}

#[test]
fn keys_that_stand_twice() {
    assert_eq!(places("a: b\nc: d\na: e"), [(DuplicateKey, 3, 1, 1)]);
    assert_eq!(places("a: b\n\"a\": e\n'a': f"), [(DuplicateKey, 2, 1, 3), (DuplicateKey, 3, 1, 3)]);
    assert_eq!(places("{a: {b: 1, b: 2}, c: [{d: 1, d: 2}]}"), [(DuplicateKey, 1, 12, 1), (DuplicateKey, 1, 30, 1)]);
    let found = &problems(b"rules:\n  - name: a\n    effect: block\n    name: b\n")[0];
    assert_eq!(found.message, "the key `name` stands here and in line 2, column 5");
    assert_eq!((found.line, found.column, found.length, found.source.as_str()), (4, 5, 4, "    name: b"));
    let many: String = (0..40).map(|key| format!("k{}: x\n", key % 39)).collect();
    assert_eq!(places(&many), [(DuplicateKey, 40, 1, 2)]);
    // Reported once, not for every alias.
    assert_eq!(places("a: &x {b: 1, b: 2}\nc: *x\nd: *x"), [(DuplicateKey, 1, 14, 1)]);
}

#[test]
fn aliases_that_stand_for_nothing() {
    assert_eq!(places("rules: *none"), [(YamlAlias, 1, 8, 5)]);
    assert_eq!(
        places("a: [*b, *c]\nd: *e\nf: &f g"),
        [(YamlAlias, 1, 5, 2), (YamlAlias, 1, 9, 2), (YamlAlias, 2, 4, 2)]
    );
    assert_eq!(places("a: &a [*a]"), [(YamlAlias, 1, 8, 2)]);
    assert_eq!(places("a: &a {b: {c: *a}}"), [(YamlAlias, 1, 15, 2)]);
    assert_eq!(places("a: *b\nb: &b c"), [(YamlAlias, 1, 4, 2)]);
    assert_eq!(places("a: &a b\n*a : c"), [(YamlSyntax, 2, 1, 2)]);
}

#[test]
fn merges_that_collide() {
    assert_eq!(places("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x"), [(YamlAlias, 4, 3, 2)]);
    assert_eq!(places("x: &x {a: 1}\ny:\n  <<: *x\n  a: 2"), [(YamlAlias, 3, 3, 2)]);
    assert_eq!(places("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x"), [(YamlAlias, 3, 3, 2), (DuplicateKey, 4, 3, 2)]);
    for value in ["[*x, *x]", "a", "", "[]"] {
        assert_eq!(places(&format!("x: &x {{a: 1}}\ny:\n  <<: {value}"))[0].0, YamlAlias, "{value}");
    }
}

#[test]
fn parts_of_yaml_that_policies_do_without() {
    for (text, line, column) in [
        ("%YAML 1.2\n---\na: b", 1, 1),
        ("# x\n%TAG ! tag:x,2000:\n---\na: !y b", 2, 1),
        ("a: !!int 7", 1, 4),
        ("a: ! b", 1, 4),
        ("a: !x b", 1, 4),
        ("a: !<tag:yaml.org,2002:str> b", 1, 4),
        ("a: !!map {}", 1, 4),
        ("a: !!str [b]", 1, 4),
        ("? [a]\n: b", 1, 3),
        ("{[a]: b}", 1, 2),
        ("7: a", 1, 1),
        ("a:\n  1.5: b", 2, 3),
        ("true: a", 1, 1),
        ("~: a", 1, 1),
        (": a", 1, 1),
        ("a: {: b}", 1, 5),
        ("- &x name: a", 1, 3),
        ("\ta: b", 1, 1),
        ("a:\n\tb: c", 2, 1),
        ("a:\n  \tb: c", 2, 3),
        ("a:\n\t- b", 2, 1),
        ("a:\tb", 1, 4),
        ("a: b\tc", 1, 5),
        ("a: [b\tc]", 1, 6),
        ("a: b\n \tc", 2, 2),
    ] {
        let found = places(text);
        assert!(!found.is_empty(), "{text:?} is accepted");
        assert_eq!(
            (found[0].0, found[0].1, found[0].2),
            (YamlSyntax, line, column),
            "{text:?}: {:?}",
            problems(text.as_bytes())
        );
    }
    // Tabs between tokens, in quotes, comments and block scalars mean nothing else than blanks do.
    for text in [
        "a: \tb",
        "a:\t'b'",
        "a: b\t# c",
        "a: 'b\tc'",
        "a: \"b\n  \t c\"",
        "a: |\n  \tb\n  c\td",
        "#\tx\na: b",
        "a: b\n\t\nc: d",
        "[\ta,\n\tb\t]",
    ] {
        assert_eq!(places(text), [], "{text:?}");
    }
}

#[test]
fn second_documents() {
    assert_eq!(places("a: b\n---\nc: d"), [(YamlSecondDocument, 2, 1, 3)]);
    assert_eq!(places("---\n---\n"), [(YamlSecondDocument, 2, 1, 3)]);
    assert_eq!(places("{a: b}\n--- {c: d}"), [(YamlSecondDocument, 2, 1, 3)]);
    assert_eq!(places("a: b\n...\nc: d")[0].0, YamlSecondDocument);
    assert_eq!(places("a: b\n...\n# that was all\n"), []);
    assert_eq!(places("--- |\n  ---\n  a"), []);
}

#[test]
fn broken_syntax_ends_the_list_and_is_explained() {
    for (text, line, column, message) in [
        ("rules: [", 1, 8, "`[` is never closed"),
        ("rules:\n  - {name: a\n", 2, 5, "`{` is never closed"),
        ("a: b\nc: 'd\n", 2, 4, "a quote that is never closed"),
        ("a: b: c", 1, 5, "a `:` that begins"),
        ("a: b\nc\n", 2, 1, "a line that is neither"),
        ("a: [b}", 1, 6, "`,` or `]`"),
        ("a: {b]", 1, 6, "`,` or `}`"),
        ("a: b]\nc: ]", 2, 4, "a closing bracket"),
        ("a: \"\\q\"", 1, 4, "an unknown escape"),
        ("a: \"\\ud800\"", 1, 4, "an escape that is no character"),
        ("a: 'b' c", 1, 8, "text behind a closing quote"),
        ("a: [b]#c", 1, 7, "a `#` right behind"),
        ("a: @b", 1, 4, "a value cannot begin"),
        ("a:\n    b: c\n  d: e", 3, 3, ""),
        ("a: - b", 1, 4, "a list cannot begin here"),
        ("{a: b} c: d", 1, 0, ""),
        ("a: [\n  \"b\"\n]", 3, 1, "too little indentation between brackets"),
        ("a: *", 1, 4, "an anchor or alias without a name"),
    ] {
        let found = problems(text.as_bytes());
        let Some(last) = found.last() else { panic!("{text:?} is accepted") };
        assert_eq!(last.code, YamlSyntax, "{text:?}");
        assert!(last.message.contains(message), "{text:?}: {last:?}");
        assert_eq!(last.line, line, "{text:?}: {last:?}");
        assert!(column == 0 || last.column == column, "{text:?}: {last:?}");
    }
}

#[test]
fn problems_come_together_and_in_order() {
    let text = "a: b\na: *x\n7: c\nd: !t e\nf: g\nf: [";
    let found = places(text);
    assert_eq!(
        found,
        [
            (DuplicateKey, 2, 1, 1),
            (YamlAlias, 2, 4, 2),
            (YamlSyntax, 3, 1, 1),
            (YamlSyntax, 4, 4, 4),
            (DuplicateKey, 6, 1, 1),
            (YamlSyntax, 6, 4, 1)
        ]
    );
    assert_eq!(places("a:\n\tb: c\n\td: e\nf: g\n\th: i").len(), 3, "every line that a tab indents");
}

#[test]
fn limits() {
    let long = vec![b'#'; POLICY_BYTES + 1];
    assert_eq!(problems(&long)[0].code, YamlTooLarge);
    assert!(problems(&long[1..]).is_empty());
    let key = "k".repeat(POLICY_KEY_BYTES);
    assert_eq!(places(&format!("{key}: a")), []);
    assert_eq!(places(&format!("{key}k: a"))[0].0, YamlTooLarge);
    for depth in [63, 64] {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let text = format!("a: {}{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(problems(text.as_bytes()).is_empty(), depth == 63, "{text}");
        }
        let text = format!("a:\n  {}b", "- ".repeat(depth));
        assert_eq!(problems(text.as_bytes()).is_empty(), depth == 63, "{text}");
    }
    // Long lines are not quoted.
    let line = format!("{{{}a: b, a: c}}", " ".repeat(2_000));
    assert_eq!(problems(line.as_bytes())[0].source, "");
}
