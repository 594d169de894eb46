//! Canonical JSON.

use gait_core::json::canonicalize;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::samples::{tries, value};

/// The value's text with its keys turned round and white space between everything.
fn loosely(value: &Value) -> String {
    match value {
        Value::Array(values) => format!("[\n{}]", values.iter().map(loosely).collect::<Vec<_>>().join(" ,\t")),
        Value::Object(members) => {
            let members = members
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:\r\n{}", Value::from(key.as_str()), loosely(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

/// The text with every character of every string escaped.
fn escaped(value: &Value) -> String {
    let text = |text: &str| text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>();
    match value {
        Value::String(string) => format!("\"{}\"", text(string)),
        Value::Array(values) => format!("[{}]", values.iter().map(escaped).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("\"{}\":{}", text(key), escaped(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        value => value.to_string(),
    }
}

fn canonical(text: &str) -> Vec<u8> {
    canonicalize(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

proptest! {
    #![proptest_config(tries(400))]

    #[test]
    fn canonicalizing_twice_changes_nothing(value in value()) {
        let once = canonical(&value.to_string());
        prop_assert_eq!(canonicalize(&once).ok(), Some(once));
    }

    #[test]
    fn order_white_space_and_escapes_never_change_a_digest(value in value()) {
        let plain = canonical(&value.to_string());
        prop_assert_eq!(&canonical(&loosely(&value)), &plain);
        prop_assert_eq!(&canonical(&escaped(&value)), &plain);
    }

    #[test]
    fn another_implementation_gives_the_same_form(value in value()) {
        let theirs = serde_json_canonicalizer::to_vec(&value).expect("a value has a form");
        prop_assert_eq!(String::from_utf8(canonical(&value.to_string())), String::from_utf8(theirs));
    }

    #[test]
    fn the_form_still_says_the_same(value in value()) {
        let back: Value = serde_json::from_slice(&canonical(&value.to_string())).expect("the form is JSON");
        prop_assert!(equal(&value, &back), "{value} became {back}");
    }

    #[test]
    fn a_repeated_key_is_refused_wherever_it_stands(value in value(), key in ".{0,5}", depth in 0..5_usize) {
        let key = Value::from(key.as_str());
        let twice = format!("{{{key}:{value},{key}:{value}}}");
        let text = format!("{}{twice}{}", "[".repeat(depth), "]".repeat(depth));
        let code = canonicalize(text.as_bytes()).err().map(|fault| fault.error_code.token());
        prop_assert_eq!(code, Some("json_duplicate_key"));
    }

    #[test]
    fn bytes_that_are_no_json_are_refused_by_both(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        // The other way round does not hold: gait refuses more, repeated keys for one.
        if serde_json::from_slice::<Value>(&bytes).is_err() {
            prop_assert!(canonicalize(&bytes).is_err());
        }
    }
}

/// Equal as JSON values whose numbers are doubles.
fn equal(one: &Value, other: &Value) -> bool {
    let members = |one: &Map<String, Value>, other: &Map<String, Value>| {
        one.len() == other.len()
            && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| equal(value, other)))
    };
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => members(one, other),
        _ => one == other,
    }
}

#[test]
fn nesting_is_bounded_whatever_nests() {
    let code = |text: String| canonicalize(text.as_bytes()).err().map(|fault| fault.error_code.token());
    for levels in [1_025, 10_000, 100_000, 1_000_000] {
        assert_eq!(code("[".repeat(levels)), Some("json_depth"));
        assert_eq!(code("{\"a\":".repeat(levels)), Some("json_depth"));
        assert_eq!(code("[{\"a\":".repeat(levels)), Some("json_depth"));
    }
    assert_eq!(code(format!("{}{}", "[".repeat(1_024), "]".repeat(1_024))), None);
}
