//! Documents that are made to cost much.

use alloc::format;
use alloc::string::String;

use gait_contract::limits::{POLICY_ALIAS_NODES, POLICY_NODES, POLICY_PROBLEMS};
use gait_contract::policy::ProblemCode::{self, DuplicateKey, YamlAlias, YamlSyntax, YamlTooLarge};

use super::super::read;
use super::{places, problems, shape};

fn first(text: &str) -> Option<ProblemCode> {
    problems(text.as_bytes()).first().map(|found| found.code)
}

#[test]
fn nesting_without_end() {
    let size = 1_000_000;
    for part in ["[", "{", "[[{", "- ", "? ", ": ", "- ? ", "{a: ", "[a: "] {
        let found = problems(part.repeat(size / part.len()).as_bytes());
        assert_eq!(found.last().map(|last| last.code), Some(YamlTooLarge), "{part}");
    }
    let mut steps = String::new();
    for depth in 0..1_000 {
        steps.push_str(&" ".repeat(depth));
        steps.push_str("a:\n");
    }
    assert_eq!(first(&steps), Some(YamlTooLarge));
}

#[test]
fn aliases_of_aliases() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for step in 1..20 {
        let alias = format!("*a{}", step - 1);
        let list = [alias.as_str(); 10].join(", ");
        text.push_str(&format!("a{step}: &a{step} [{list}]\n"));
    }
    assert_eq!(places(&text).len(), 1);
    assert_eq!(first(&text), Some(YamlTooLarge));
    // As many as may be, and one more.
    let aliases = |count: usize| format!("a: &a x\nb: [{}]", "*a, ".repeat(count));
    assert_eq!(first(&aliases(POLICY_ALIAS_NODES)), None);
    assert_eq!(first(&aliases(POLICY_ALIAS_NODES + 1)), Some(YamlTooLarge));
    // Deep by aliases only.
    let mut text = String::from("a0: &a0 x\n");
    for step in 1..100 {
        text.push_str(&format!("a{step}: &a{step} [*a{}]\n", step - 1));
    }
    assert_eq!(first(&text), Some(YamlTooLarge));
    assert_eq!(first(&"- &a [*a]\n".repeat(20_000)), Some(YamlAlias));
    // Merges of merges.
    let mut text = String::from("a0: &a0 {k0: x}\n");
    for step in 1..40 {
        text.push_str(&format!("a{step}: &a{step} {{<<: *a{}, k{step}: x}}\n", step - 1));
    }
    assert_eq!(shape(&text).matches("k0: x").count(), 40);
}

#[test]
fn more_problems_than_anybody_reads() {
    assert_eq!(places(&"a: b\n".repeat(20_000)).len(), POLICY_PROBLEMS);
    assert_eq!(places(&"- *a\n".repeat(20_000)).len(), POLICY_PROBLEMS);
    assert_eq!(places(&"\u{1}".repeat(20_000)).len(), POLICY_PROBLEMS);
    let pairs: String = (0..20_000).map(|key| format!("k{key}: x\nk{key}: y\n")).collect();
    assert_eq!(places(&pairs).len(), POLICY_PROBLEMS);
}

#[test]
fn wide_documents_stay_within_limits() {
    let keys: String = (0..20_000).map(|key| format!("k{key}: x\n")).collect();
    assert!(read(keys.as_bytes()).is_ok());
    assert_eq!(first(&format!("{keys}k7: x")), Some(DuplicateKey));
    assert_eq!(first(&"- \n".repeat(POLICY_NODES)), Some(YamlTooLarge));
    // A list that may be a key is read as a whole before anybody hears of it.
    assert_eq!(first(&format!("a: [[{}]]", "a,".repeat(150_000))), Some(YamlTooLarge));
    assert_eq!(first(&format!("a: [{}]", "a,".repeat(150_000))), None);
    assert_eq!(first(&format!("[{}]", "a,".repeat(150_000))), None);
    assert_eq!(first(&format!("# x\n---\n\n[{}]", "a,".repeat(150_000))), None);
    assert_eq!(first(&",".repeat(1_000_000)), Some(YamlSyntax));
}

#[test]
fn long_lines_and_many_lines() {
    let size = 1_000_000;
    for text in [
        "a".repeat(size),
        "a ".repeat(size / 2),
        "é".repeat(size / 2),
        format!("a: {}", "b ".repeat(size / 2)),
        format!("a: '{}'", "b\n ".repeat(size / 5)),
        format!("a: |\n{}", "  b\n\n".repeat(size / 5)),
        format!("a: |\n{}b", " ".repeat(size)),
        "\n".repeat(size),
        "#\n".repeat(size / 2),
        format!("- {}", "a\n\n  ".repeat(size / 5)),
        format!("- {}", "a\n  ".repeat(size / 4)),
    ] {
        assert_eq!(first(&text), None, "{:?}", &text.get(..20));
    }
    for text in ["&a ".repeat(size / 3), "!".repeat(size), "*a ".repeat(size / 3), "\t".repeat(size) + "a: b"] {
        assert!(first(&text).is_some(), "{:?}", &text.get(..20));
    }
}
