//! The layout, example by example, and its two properties over random documents.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::policy::ProblemCode;

use super::comments::comments;
use super::format;
use crate::yaml::{self, Node, Spelling, Value, spelling};

#[track_caller]
fn lays_out(text: &str, expected: &str) {
    let formatted = format(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(formatted, expected, "\n{formatted}");
    holds(text);
}

/// Formatting keeps meaning and comments, and changes nothing the second time. False when the text is no document.
#[track_caller]
fn holds(text: &str) -> bool {
    let Ok(before) = yaml::read(text.as_bytes()) else { return false };
    if before.root.as_ref().is_some_and(|root| !matches!(root.value, Value::Map(_))) {
        return false;
    }
    let formatted = format(text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
    let after =
        yaml::read(formatted.as_bytes()).unwrap_or_else(|problems| panic!("{text}\n----\n{formatted}\n{problems:#?}"));
    let same = match (&before.root, &after.root) {
        (Some(before), Some(after)) => is_same(before, after),
        (before, after) => before.is_none() == after.is_none(),
    };
    assert!(same, "{text}\n---- means something else as\n{formatted}");
    assert_eq!(all_comments(text), all_comments(&formatted), "{text}\n----\n{formatted}");
    assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "{text}\n---- is not laid out by\n{formatted}");
    true
}

/// Two values mean the same: the order of keys is nothing, and neither are the quotes of text that is text without.
fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let holds =
                |key: &str, value: &Node| other.iter().any(|entry| entry.key == key && is_same(value, &entry.value));
            one.len() == other.len() && one.iter().all(|entry| holds(&entry.key, &entry.value))
        }
        (Value::Plain(one), Value::Plain(other)) | (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Plain(plain), Value::Text(text)) | (Value::Text(text), Value::Plain(plain)) => {
            plain == text && spelling(plain) == Spelling::Word
        }
        _ => false,
    }
}

fn all_comments(text: &str) -> Vec<String> {
    let written = yaml::read_as_written(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut found: Vec<_> =
        comments(&written).iter().map(|comment| text[comment.at.start..comment.at.end].to_string()).collect();
    found.sort_unstable();
    found
}

#[test]
fn keys_stand_in_the_order_of_the_contract() {
    lays_out(
        "rules:\n- match:\n    args_absent: [/a]\n    args: {/b: {lt: 2, gt: 1}, /a: x}\n    tool_names: [t]\n  effect: allow\n  zebra: 1\n  name: n\n  apple: 2\n  endpoint: {violation: v, enabled: true}\nfail_closed: {required_fields: [targets], enabled: true}\ndefault_verdict: block\nx-b: 1\nother: 1\nx-a: 2\nschema_version: 1.0.0\nschema_id: gait.gate.policy\n",
        "schema_id: gait.gate.policy\nschema_version: 1.0.0\nx-b: 1\nx-a: 2\ndefault_verdict: block\nfail_closed:\n  enabled: true\n  required_fields: [targets]\nrules:\n  - name: n\n    effect: allow\n    match:\n      tool_names: [t]\n      args:\n        /b:\n          gt: 1\n          lt: 2\n        /a: x\n      args_absent: [/a]\n    endpoint:\n      enabled: true\n      violation: v\n    zebra: 1\n    apple: 2\nother: 1\n",
    );
    // In free parts nobody knows the order.
    lays_out("x-rules:\n  - effect: a\n    name: b\n", "x-rules:\n  - effect: a\n    name: b\n");
}

#[test]
fn json_becomes_blocks() {
    lays_out(
        r#"{"rules": [{"effect": "allow", "name": "a b", "match": {}, "reason_codes": []}, {"name": "7"}], "default_verdict": "block"}"#,
        "default_verdict: block\nrules:\n  - name: a b\n    effect: allow\n    match: {}\n    reason_codes: []\n\n  - name: \"7\"\n",
    );
}

#[test]
fn rules_are_set_apart_and_other_blank_lines_are_few() {
    lays_out(
        "# head\n\n\n\ndefault_verdict: allow\n\n\nrules:\n\n  - name: a\n\n    effect: allow\n  # about b\n  - name: b\n\n\n\n  # about c\n\n  - name: c\n",
        "# head\n\ndefault_verdict: allow\n\nrules:\n  - name: a\n    effect: allow\n\n  # about b\n  - name: b\n\n  # about c\n\n  - name: c\n",
    );
}

#[test]
fn comments_stay_with_what_they_belong_to() {
    lays_out(
        "# licence\n\n# about rules\nrules: # all of them\n  # about a\n  - effect: allow # yes\n    # its name\n    name: a\n    match: { # which\n      # tools\n      tool_names: [x, # the first\n        y], # both\n      identities: [me]\n    } # that was it\n    # nothing else\n  # - name: disabled\n# the verdict\ndefault_verdict: block\n# the end\n",
        "# licence\n\n# the verdict\ndefault_verdict: block\n\n# about rules\nrules: # all of them\n  # about a\n  # its name\n  - name: a\n    effect: allow # yes\n    # that was it\n    match: # which\n      # tools\n      tool_names: # both\n        - x # the first\n        - y\n      identities: [me]\n    # nothing else\n  # - name: disabled\n# the end\n",
    );
    lays_out("# nothing yet", "# nothing yet\n");
    lays_out("", "");
    lays_out("---\n# a\n...\n", "# a\n");
    lays_out(
        "a: |  # block\n  # text\n  b\n# c\nd: 'x # y' #z\n",
        "a: | # block\n  # text\n  b\n# c\nd: \"x # y\" #z\n",
    );
    lays_out("a:\n  - # dash\n    b\n  - [c] # list\n", "a:\n  # dash\n  - b\n  - [c] # list\n");
    lays_out("a:\n  # before\n  b\nc: d\n", "# before\na: b\nc: d\n");
    lays_out("a: [ # none\n  ]\nb: [\n  # none\n  ]\n", "a: [] # none\n# none\nb: []\n");
}

#[test]
fn lists_of_scalars_are_short_or_blocks() {
    let value = "v".repeat(40);
    lays_out(&format!("a: [{value}, {value}, b1234567, c]\n"), &format!("a: [{value}, {value}, b1234567, c]\n"));
    lays_out(
        &format!("a: [{value}, {value}, b12345678, c]\n"),
        &format!("a:\n  - {value}\n  - {value}\n  - b12345678\n  - c\n"),
    );
    lays_out("a:\n- b\n-\n- ~\n- 'c, d'\n", "a: [b, null, ~, \"c, d\"]\n");
    lays_out("a: [[b, c], [[d], e], {f: g}, []]", "a:\n  - [b, c]\n  - - [d]\n    - e\n  - f: g\n  - []\n");
}

#[test]
fn quotes_are_written_where_they_are_needed() {
    for (written, expected) in [
        ("'plain text'", "plain text"),
        ("\"1.0.0\"", "1.0.0"),
        ("'7'", "\"7\""),
        ("7", "7"),
        ("'true'", "\"true\""),
        ("True", "True"),
        ("'~'", "\"~\""),
        ("'yes'", "\"yes\""),
        ("yes", "yes"),
        ("'2026-01-01'", "\"2026-01-01\""),
        ("'10:30'", "\"10:30\""),
        ("0x1F", "0x1F"),
        ("'0x1F'", "\"0x1F\""),
        ("!!str 7", "\"7\""),
        ("''", "\"\""),
        ("'*.example'", "\"*.example\""),
        ("'a: b'", "\"a: b\""),
        ("'a:b'", "a:b"),
        ("'a #b'", "\"a #b\""),
        ("a#b", "a#b"),
        ("'it''s'", "it's"),
        ("'\"it\" \\d'", "'\"it\" \\d'"),
        ("\"\\\"it's\\\"\"", "'\"it''s\"'"),
        ("\"a\\tb\\x07\\u2028\\e\"", "\"a\\tb\\x07\\u2028\\x1b\""),
        ("' a'", "\" a\""),
        ("'-a'", "-a"),
        ("'- a'", "\"- a\""),
        ("'---'", "\"---\""),
        ("'/srv/[ab]*'", "/srv/[ab]*"),
        ("'é'", "é"),
        ("a\n  b", "a b"),
        ("a\n\n  b", "|-\n  a\n  b"),
        (">\n  a\n  b", "|\n  a b"),
        ("\"a \\n\"", "\"a \\n\""),
        ("|+\n  a\n", "\"a\\n\\n\""),
    ] {
        lays_out(&format!("a: {written}\n"), &format!("a: {expected}\n"));
    }
    lays_out("a: ['/srv/[ab]*']", "a: [\"/srv/[ab]*\"]\n");
    lays_out(
        "'a': b\n'7': c\n'x: y': d\n'<<': e\n\"\\x01\": f",
        "a: b\n\"7\": c\n\"x: y\": d\n\"<<\": e\n\"\\x01\": f\n",
    );
    let key = "\\x01".repeat(250);
    lays_out(&format!("{{\"{key}\": a}}"), &format!("\"{key}\": a\n"));
}

#[test]
fn anchors_aliases_and_merges_are_kept() {
    lays_out(
        "x-low: &low [a, b]\nx-rule: &rule {effect: block}\nrules:\n- <<: *rule\n  match: {risk_classes: *low}\n  name: a\n- &b\n  name: b\n- *b\n- <<: {name: c}\n- name: &n d\n  reason_codes: [*n, &o o]\n",
        "x-low: &low [a, b]\nx-rule: &rule\n  effect: block\nrules:\n  - <<: *rule\n    name: a\n    match:\n      risk_classes: *low\n\n  - &b\n    name: b\n\n  - *b\n\n  - <<:\n      name: c\n\n  - name: &n d\n    reason_codes: [*n, &o o]\n",
    );
    // `match` would come before its anchor.
    lays_out(
        "rules:\n  - reason_codes: &a [b]\n    match:\n      tool_names: *a\n    name: c\n",
        "rules:\n  - reason_codes: &a [b]\n    match:\n      tool_names: *a\n    name: c\n",
    );
    lays_out("a: &x\nb: *x\nc: &y\n  d: e\n", "a: &x\nb: *x\nc: &y\n  d: e\n");
}

#[test]
fn what_is_no_mapping_is_refused() {
    for text in ["- a", "a", "null"] {
        let problems = format(text).expect_err("a problem");
        assert_eq!(problems[0].code, ProblemCode::WrongType, "{text}");
    }
    assert_eq!(format("a: b\na: c").expect_err("a problem")[0].code, ProblemCode::DuplicateKey);
    assert_eq!(format("a: *b").expect_err("a problem")[0].code, ProblemCode::YamlAlias);
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const KEYS: [&str; 14] = [
    "rules",
    "name",
    "effect",
    "match",
    "args",
    "tool_names",
    "x-a",
    "x-b",
    "endpoint",
    "enabled",
    "/p",
    "\"7\"",
    "'q: r'",
    "k#",
];
const SCALARS: [&str; 28] = [
    "a",
    "b c",
    "'x'",
    "\"y\\n z\"",
    "7",
    "'7'",
    "~",
    "",
    "true",
    "'no'",
    "1.0.0",
    "-a",
    "\"- a\"",
    "a:b",
    "'a: b'",
    "'it''s'",
    "é ü",
    "\"\\u2028\"",
    "'[x]'",
    "x]y",
    "*.a",
    "!!str 7",
    "2026-01-01",
    "'#'",
    "a#b",
    "\"\"",
    "'  '",
    "long-value-that-fills-a-line",
];

/// A random document of `chance`, as a person in a hurry would write it.
struct Author {
    chance: Chance,
    anchors: usize,
    text: String,
}

impl Author {
    fn document(seed: u64) -> String {
        let mut author = Self { chance: Chance(seed | 1), anchors: 0, text: String::new() };
        author.trivia(0);
        author.mapping(0, 3);
        author.trivia(0);
        author.text
    }

    /// Sometimes blank lines and comments, indented as it happens.
    fn trivia(&mut self, indent: usize) {
        while self.chance.below(6) == 0 {
            let line = match self.chance.below(3) {
                0 => String::new(),
                1 => format!("{}# c{}", " ".repeat(indent), self.chance.below(100)),
                _ => format!("{}# {}", " ".repeat(self.chance.below(8)), self.chance.of(&SCALARS)),
            };
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn end_of_line(&mut self, indent: usize) {
        if self.chance.below(8) == 0 {
            let comment = format!(" # e{}", self.chance.below(100));
            self.text.push_str(&comment);
        }
        self.text.push('\n');
        self.trivia(indent);
    }

    fn properties(&mut self) {
        if self.chance.below(10) == 0 {
            self.anchors += 1;
            let anchor = format!(" &n{}", self.anchors);
            self.text.push_str(&anchor);
        }
    }

    fn mapping(&mut self, indent: usize, depth: usize) {
        let first = self.chance.below(KEYS.len());
        for nth in 0..1 + self.chance.below(4) {
            self.text.push_str(&" ".repeat(if nth == 0 && self.text.ends_with("- ") { 0 } else { indent }));
            self.text.push_str(KEYS[(first + 3 * nth) % KEYS.len()]);
            self.text.push(':');
            self.value(indent, depth);
        }
    }

    fn value(&mut self, indent: usize, depth: usize) {
        let kind = self.chance.below(if depth == 0 { 7 } else { 12 });
        if kind == 6 && self.anchors > 0 {
            let alias = format!(" *n{}", 1 + self.chance.below(self.anchors));
            self.text.push_str(&alias);
            return self.end_of_line(indent);
        }
        self.properties();
        match kind {
            0..4 => {
                self.text.push(' ');
                let scalar = self.chance.of(&SCALARS);
                self.text.push_str(scalar);
                self.end_of_line(indent);
            }
            4 => {
                let header = self.chance.of(&[" |", " >", " |-", " >-", " |+"]);
                self.text.push_str(header);
                self.end_of_block_header();
                for _ in 0..1 + self.chance.below(3) {
                    let line = format!(
                        "{}{}\n",
                        " ".repeat(indent + 2),
                        self.chance.of(&["text", "# text", "  deeper", "", "a: b"])
                    );
                    self.text.push_str(&line);
                }
                self.trivia(indent);
            }
            5..9 => {
                self.text.push(' ');
                self.flow(3);
                self.end_of_line(indent);
            }
            9 => {
                self.end_of_line(indent + 2);
                self.mapping(indent + 2, depth - 1);
            }
            _ => {
                self.end_of_line(indent + 2);
                for _ in 0..1 + self.chance.below(4) {
                    self.text.push_str(&" ".repeat(indent + 2));
                    self.text.push('-');
                    if self.chance.below(3) == 0 {
                        self.text.push(' ');
                        self.mapping(indent + 4, depth - 1);
                    } else {
                        self.value(indent + 2, depth - 1);
                    }
                }
            }
        }
    }

    fn end_of_block_header(&mut self) {
        let comment = self.chance.of(&["\n", " # h\n"]);
        self.text.push_str(comment);
    }

    fn flow(&mut self, depth: usize) {
        let is_map = self.chance.below(3) == 0;
        self.text.push(if is_map { '{' } else { '[' });
        let first = self.chance.below(KEYS.len());
        for nth in 0..self.chance.below(4) {
            let gap = self.chance.of(&["", " ", "", " # f\n    ", "\n      ", "\n    # g\n      "]);
            self.text.push_str(gap);
            if is_map {
                self.text.push_str(KEYS[(first + nth) % KEYS.len()]);
                self.text.push_str(": ");
            }
            if depth > 0 && self.chance.below(4) == 0 {
                self.flow(depth - 1);
            } else {
                let scalar = self.chance.of(&SCALARS);
                self.text.push_str(scalar);
            }
            self.text.push_str(", ");
        }
        self.text.push(if is_map { '}' } else { ']' });
    }
}

#[test]
fn random_documents_keep_their_meaning_and_are_laid_out_once() {
    let count =
        (0..4_000).filter(|seed| holds(&Author::document(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed + 1)))).count();
    assert!(count > 1_000, "only {count} of them were documents");
}

#[test]
fn random_text_never_breaks_the_reader() {
    const PARTS: [&str; 40] = [
        "a", "b", ":", ": ", "- ", "-", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ",", ", ", "#", " # c", "'", "\"",
        "\\", "&a ", "*a", "!!str ", "|", "|\n", ">", "?", "? ", "<<: ", "~", "7", "\t", " ", "---", "...", "%", "é",
        "\r\n", "\u{2028}", "\\u",
    ];
    let mut chance = Chance(7);
    let mut count = 0;
    for _ in 0..20_000 {
        let length = 1 + chance.below(14);
        let text: String = (0..length).map(|_| chance.of(&PARTS)).collect();
        count += usize::from(holds(&text));
    }
    assert!(count > 500, "only {count} of them were documents");
}
