//! What "the answer holds at least this" means, for vectors and command line cases alike.
//!
//! Every key of an expected object must be there and match; lists match element by element and in length. Instead of
//! a value: `{"$any": true}` any value that is there, `{"$absent": true}` none or null, `{"$re": …}` a text by regular
//! expression, `{"$in": […]}` one of several, `{"$len": n}` a length, `{"$has": […]}` a list with these elements.

use serde_json::Value;

/// Why `actual` does not hold what is expected, with the place; `None` when it does.
pub fn difference(expected: &Value, actual: Option<&Value>, place: &str) -> Option<String> {
    let actual = actual.filter(|actual| !actual.is_null());
    match expected {
        Value::Object(members) => match special(members, actual, place) {
            Some(difference) => difference,
            None => {
                let Some(Value::Object(found)) = actual else {
                    return Some(format!("{place}: an object is expected, not {}", short(actual)));
                };
                members.iter().find_map(|(key, wanted)| difference(wanted, found.get(key), &format!("{place}.{key}")))
            }
        },
        Value::Array(wanted) => match actual {
            None if wanted.is_empty() => None,
            Some(Value::Array(found)) if found.len() == wanted.len() => {
                let mut pairs = wanted.iter().zip(found).enumerate();
                pairs.find_map(|(at, (wanted, found))| difference(wanted, Some(found), &format!("{place}[{at}]")))
            }
            _ => Some(format!("{place}: {} is expected, not {}", short(Some(expected)), short(actual))),
        },
        _ if same(expected, actual.unwrap_or(&Value::Null)) => None,
        _ => Some(format!("{place}: {} is expected, not {}", short(Some(expected)), short(actual))),
    }
}

/// The outer `None` says that the object is no special one.
fn special(members: &serde_json::Map<String, Value>, actual: Option<&Value>, place: &str) -> Option<Option<String>> {
    let unless = |fine: bool, text: String| if fine { None } else { Some(format!("{place}: {text}")) };
    if members.contains_key("$any") {
        return Some(unless(actual.is_some(), "missing".into()));
    }
    if members.contains_key("$absent") {
        return Some(unless(actual.is_none(), format!("{} should not be there", short(actual))));
    }
    if let Some(pattern) = members.get("$re") {
        let pattern = pattern.as_str().unwrap_or_default();
        let pattern_read = match regex::Regex::new(pattern) {
            Ok(pattern) => pattern,
            Err(error) => return Some(Some(format!("{place}: {error}"))),
        };
        let fine = actual.and_then(Value::as_str).is_some_and(|text| pattern_read.is_match(text));
        return Some(unless(fine, format!("{} does not match /{pattern}/", short(actual))));
    }
    if let Some(Value::Array(choices)) = members.get("$in") {
        let fine = choices.iter().any(|choice| same(choice, actual.unwrap_or(&Value::Null)));
        return Some(unless(fine, format!("{} is none of {}", short(actual), Value::Array(choices.clone()))));
    }
    if let Some(length) = members.get("$len") {
        let found = match actual {
            Some(Value::Array(found)) => Some(found.len()),
            Some(Value::Object(found)) => Some(found.len()),
            Some(Value::String(found)) => Some(found.chars().count()),
            _ => None,
        };
        let fine = found.is_some_and(|found| Some(found as u64) == length.as_u64());
        return Some(unless(fine, format!("the length is {found:?}, {length} is expected")));
    }
    if let Some(Value::Array(wanted)) = members.get("$has") {
        let Some(Value::Array(found)) = actual else {
            return Some(Some(format!("{place}: {} is no list", short(actual))));
        };
        let lacks = |wanted: &&Value| found.iter().all(|found| difference(wanted, Some(found), "").is_some());
        let lacking = wanted.iter().find(lacks);
        return Some(lacking.map(|wanted| format!("{place}: no element matches {}", short(Some(wanted)))));
    }
    None
}

/// Equal values; numbers are equal when they are the same number.
fn same(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

fn short(value: Option<&Value>) -> String {
    let text = value.unwrap_or(&Value::Null).to_string();
    if text.chars().count() < 160 { text } else { text.chars().take(157).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::difference;
    use serde_json::{Value, json};

    #[track_caller]
    fn fits(expected: Value, actual: Value) {
        assert_eq!(difference(&expected, Some(&actual), "$"), None);
    }

    #[track_caller]
    fn differs(expected: Value, actual: Value, text: &str) {
        let found = difference(&expected, Some(&actual), "$").unwrap_or_default();
        assert!(found.contains(text), "{found:?}");
    }

    #[test]
    fn objects_hold_at_least_what_is_expected() {
        fits(json!({"a": 1, "b": []}), json!({"a": 1.0, "c": 2}));
        fits(json!({"a": null}), json!({}));
        differs(json!({"a": {"b": 1}}), json!({"a": {"b": 2}}), "$.a.b: 1 is expected, not 2");
        differs(json!({"a": 1}), json!([]), "an object is expected");
        differs(json!({"a": false}), json!({}), "$.a: false is expected");
    }

    #[test]
    fn lists_match_one_by_one() {
        fits(json!([1, {"a": 2}]), json!([1, {"a": 2, "b": 3}]));
        differs(json!([1]), json!([1, 2]), "is expected, not [1,2]");
        differs(json!([1, 2]), json!([1, 3]), "$[1]");
    }

    #[test]
    fn conditions_stand_for_values() {
        fits(json!({"a": {"$any": true}, "b": {"$absent": true}}), json!({"a": 0, "b": null}));
        fits(json!({"$re": "^a+$"}), json!("aaa"));
        fits(json!({"$in": [1, 2]}), json!(2));
        fits(json!({"$len": 3}), json!("ñañ"));
        fits(json!({"$has": [{"a": 1}, 2]}), json!([2, {"a": 1, "b": 0}]));
        differs(json!({"$any": true}), json!(null), "missing");
        differs(json!({"$absent": true}), json!(false), "should not be there");
        differs(json!({"$re": "^a+$"}), json!(7), "does not match");
        differs(json!({"$in": [1]}), json!("1"), "is none of");
        differs(json!({"$len": 1}), json!([]), "length");
        differs(json!({"$has": [1]}), json!([2]), "no element matches 1");
    }
}
