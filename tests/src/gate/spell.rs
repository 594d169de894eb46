//! Other spellings of one policy or intent, which mean the same.

use serde_json::Value;

use super::chance::Chance;

/// JSON with the keys of every object in some order, which is also YAML.
pub fn shuffled(value: &Value, chance: &mut Chance) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| shuffled(value, chance)).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), shuffled(value, chance)))
                .collect();
            chance.shuffle(&mut members);
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// The same policy or intent with the members of every list whose order means nothing in some order: all but those in
/// arguments.
pub fn reordered(value: &Value, chance: &mut Chance) -> Value {
    match value {
        Value::Array(values) => {
            let mut values: Vec<Value> = values.iter().map(|value| reordered(value, chance)).collect();
            chance.shuffle(&mut values);
            values.into()
        }
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let ordered = ["args", "auth_context"].contains(&key.as_str());
                // Below `match`, `args` holds conditions.
                let conditions =
                    value.as_object().is_some_and(|members| members.keys().all(|key| key.starts_with('/')));
                let value = if ordered && !conditions { value.clone() } else { reordered(value, chance) };
                (key.clone(), value)
            })
            .collect(),
        other => other.clone(),
    }
}

/// Block style YAML with the keys in order: what people write.
pub fn block_style(value: &Value) -> String {
    let mut text = String::new();
    lines(value, 0, &mut text);
    text
}

fn lines(value: &Value, depth: usize, text: &mut String) {
    let blank = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                text.push_str(&format!("{blank}{}:", Value::from(key.as_str())));
                nested(value, depth + 1, text);
            }
        }
        Value::Array(values) => {
            for value in values {
                text.push_str(&format!("{blank}-"));
                nested(value, depth + 1, text);
            }
        }
        other => text.push_str(&format!("{blank}{other}\n")),
    }
}

fn nested(value: &Value, depth: usize, text: &mut String) {
    let empty = value.as_object().is_some_and(|it| it.is_empty()) || value.as_array().is_some_and(|it| it.is_empty());
    if empty || !(value.is_object() || value.is_array()) {
        text.push_str(&format!(" {value}\n"));
    } else {
        text.push('\n');
        lines(value, depth, text);
    }
}
