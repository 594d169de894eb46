//! Scalars read as the types that policies ask for.

use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::policy::ProblemCode::{self, OutOfRange, WrongType};

use super::super::{Node, Scalar, Spelling, Value, read, spelling};

/// What `of` makes of the value of a document that is one value.
fn taken<T>(text: &str, of: impl FnOnce(&Node) -> T) -> T {
    let text = format!("- {text}");
    let document = read(text.as_bytes()).expect("a document");
    let Some(Value::List(nodes)) = document.root.map(|root| root.value) else { panic!("a list") };
    of(&nodes[0])
}

fn text(of: &str) -> Result<Option<String>, ProblemCode> {
    taken(of, |node| node.text().map(|text| text.map(|text| text.to_string())).map_err(|mistake| mistake.code))
}

#[test]
fn text_is_what_is_written() {
    for (written, expected) in [
        ("abc", "abc"),
        ("7", "7"),
        ("-12", "-12"),
        ("18446744073709551615", "18446744073709551615"),
        ("True", "true"),
        ("FALSE", "false"),
        ("yes", "yes"),
        ("1.0.0", "1.0.0"),
        ("10:30", "10:30"),
        ("2026-01-01", "2026-01-01"),
        ("1e", "1e"),
        ("0xyz", "0xyz"),
        ("'010'", "010"),
        ("\"\"", ""),
        ("!!str 1.10", "1.10"),
        ("'null'", "null"),
        ("|\n    a\n    b", "a\nb\n"),
    ] {
        assert_eq!(text(written), Ok(Some(expected.to_string())), "{written}");
    }
    for null in ["", "~", "null", "Null", "NULL"] {
        assert_eq!(text(null), Ok(None), "{null}");
    }
    for number in [
        "010",
        "08",
        "1.10",
        "1.5",
        "0x1F",
        "0o17",
        "0b11",
        "-0x1",
        "+1",
        "1_000",
        "1e3",
        "1E-3",
        ".5",
        "1.",
        ".inf",
        "-.INF",
        ".nan",
        "-0",
        "0_",
        "18446744073709551616",
        "1_0.5e+7",
    ] {
        assert_eq!(text(number), Err(WrongType), "{number}");
        assert!(taken(number, |node| node.text().err()).is_some_and(|mistake| mistake.help.contains("quote it")));
    }
    assert_eq!(text("[a]"), Err(WrongType));
    assert_eq!(text("{a: b}"), Err(WrongType));
}

#[test]
fn booleans_have_three_spellings_each() {
    let boolean = |of: &str| taken(of, |node| node.boolean().map_err(|mistake| mistake.code));
    for (written, expected) in
        [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)]
    {
        assert_eq!(boolean(written), Ok(Some(expected)));
    }
    assert_eq!(boolean("~"), Ok(None));
    for written in ["yes", "on", "1", "tRUE", "'true'", "\"false\"", "!!str true", "[true]", "''"] {
        assert_eq!(boolean(written), Err(WrongType), "{written}");
    }
}

#[test]
fn whole_numbers_are_decimal_digits() {
    let integer = |of: &str| taken(of, |node| node.integer().map_err(|mistake| mistake.code));
    for (written, expected) in [
        ("0", 0),
        ("7", 7),
        ("-3", -3),
        ("'12'", 12),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        assert_eq!(integer(written), Ok(Some(expected)), "{written}");
    }
    assert_eq!(integer("null"), Ok(None));
    for written in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"] {
        assert_eq!(integer(written), Err(OutOfRange), "{written}");
    }
    for written in ["1.5", "1.0", "1e3", "0x10", "010", "+1", "1_000", "soon", "''", "' 7'", "true", "[7]", "'null'"] {
        assert_eq!(integer(written), Err(WrongType), "{written}");
    }
}

#[test]
fn scalars_are_those_of_json() {
    let scalar = |of: &str| {
        taken(of, |node| match node.scalar() {
            Ok(Scalar::Null) => "null".to_string(),
            Ok(Scalar::Bool(value)) => format!("bool {value}"),
            Ok(Scalar::Number(value)) => format!("number {value}"),
            Ok(Scalar::Text(text)) => format!("text {text}"),
            Err(mistake) => format!("{:?}", mistake.code),
        })
    };
    for (written, expected) in [
        ("~", "null"),
        ("True", "bool true"),
        ("7", "number 7"),
        ("-0.5", "number -0.5"),
        ("1e3", "number 1000"),
        ("1.10", "number 1.1"),
        ("99999999999999999999", "number 100000000000000000000"),
        ("'7'", "text 7"),
        ("seven", "text seven"),
        ("1e999", "OutOfRange"),
        ("0x1F", "WrongType"),
        ("010", "WrongType"),
        (".5", "WrongType"),
        (".inf", "WrongType"),
        ("[7]", "WrongType"),
    ] {
        assert_eq!(scalar(written), expected, "{written}");
    }
}

#[test]
fn numbers_are_never_quoted() {
    let number = |of: &str| taken(of, |node| node.number().map_err(|mistake| mistake.code));
    assert_eq!(number("100.5"), Ok(100.5));
    assert_eq!(number("-0"), Ok(0.0));
    for written in ["'100'", "~", "many", "+1", "[1]"] {
        assert_eq!(number(written), Err(WrongType), "{written}");
    }
}

#[test]
fn spellings_are_told_apart() {
    for (written, expected) in [
        ("-", Spelling::Word),
        ("+", Spelling::Word),
        (".", Spelling::Word),
        ("-a", Spelling::Word),
        ("0x", Spelling::Word),
        ("0xg", Spelling::Word),
        ("1a", Spelling::Word),
        ("1.2.3", Spelling::Word),
        ("1e+", Spelling::Word),
        ("1.e5", Spelling::OddNumber),
        ("+.inf", Spelling::OddNumber),
        ("+0x1", Spelling::OddNumber),
        ("00", Spelling::OddNumber),
        ("0", Spelling::Whole),
        ("0.0", Spelling::Fraction),
        ("-0", Spelling::Fraction),
        ("é", Spelling::Word),
        ("1é", Spelling::Word),
    ] {
        assert_eq!(spelling(written), expected, "{written}");
    }
}
