//! The order of things: JSON objects in memory are sorted by name, but people read fields as they were declared.
//!
//! [`Order`] learns the declared order from the types themselves; [`print`] writes a schema in it.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error, Visitor, value};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

/// Declared field names by type name.
#[derive(Default)]
pub struct Order {
    fields: BTreeMap<&'static str, &'static [&'static str]>,
}

impl Order {
    /// Learns the fields of `T`. Types without named fields teach nothing.
    pub fn learn<T: for<'de> Deserialize<'de>>(&mut self) {
        let mut seen = None;
        // Reading always ends in an error: the fields are all that is wanted.
        drop(T::deserialize(Fields(&mut seen)));
        self.fields.extend(seen);
    }

    /// True when the fields of the type `name` were learned.
    #[cfg(test)]
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Names of the properties of `schema`, which describes the type `name`, as they were declared.
    ///
    /// Variants of enums have no type of their own; their fields are all required, and `required` keeps the order.
    pub fn properties<'a>(&self, name: &str, schema: &'a Map<String, Value>) -> Vec<&'a str> {
        let Some(Value::Object(properties)) = schema.get("properties") else { return Vec::new() };
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let declared: Vec<&str> = match self.fields.get(name) {
            Some(fields) => fields.to_vec(),
            None => required.collect(),
        };
        let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
        names.sort_by_key(|name| declared.iter().position(|known| known == name).unwrap_or(usize::MAX));
        names
    }
}

/// A deserializer that only notes which fields a struct asks for.
struct Fields<'a>(&'a mut Option<(&'static str, &'static [&'static str])>);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = value::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = Some((name, fields));
        Err(Error::custom("noted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Order of the keywords in a schema; others follow by name.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "title",
    "description",
    "$ref",
    "type",
    "const",
    "enum",
    "format",
    "pattern",
    "minLength",
    "minimum",
    "items",
    "required",
    "properties",
    "additionalProperties",
    "oneOf",
    "$defs",
];

/// Prints the schema of the type `name`: two blanks for each level, short lists on one line, a final newline.
pub fn print(schema: &Value, name: &str, order: &Order) -> String {
    let mut text = String::new();
    Printer { order, text: &mut text }.value(schema, Place::Schema(name), 0);
    text.push('\n');
    text
}

/// What a value is within a schema; decides the order of its keys.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// A schema; of this type, or nameless when empty.
    Schema(&'a str),
    /// The `properties` of this schema.
    Properties(&'a str, &'a Map<String, Value>),
    /// The `$defs`.
    Definitions,
    /// Anything else.
    Plain,
}

struct Printer<'a> {
    order: &'a Order,
    text: &'a mut String,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value, place: Place<'_>, depth: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.object(map, place, depth),
            Value::Array(items) if items.iter().any(Value::is_object) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.item(index, depth + 1);
                    self.value(item, Place::Schema(""), depth + 1);
                }
                self.newline(depth);
                self.text.push(']');
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                self.text.push_str(&format!("[{}]", items.join(", ")));
            }
            scalar => self.text.push_str(&scalar.to_string()),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, place: Place<'_>, depth: usize) {
        let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
        match place {
            Place::Schema(_) => {
                keys.sort_by_key(|key| KEYWORDS.iter().position(|known| known == key).unwrap_or(usize::MAX));
            }
            Place::Properties(name, schema) => keys = self.order.properties(name, schema),
            Place::Definitions | Place::Plain => {}
        }
        self.text.push('{');
        for (index, key) in keys.into_iter().enumerate() {
            self.item(index, depth + 1);
            self.text.push_str(&format!("{}: ", Value::from(key)));
            let inner = match (place, key) {
                (Place::Schema(name), "properties") => Place::Properties(name, map),
                (Place::Schema(_), "$defs") => Place::Definitions,
                (Place::Schema(_), "items") | (Place::Properties(..), _) => Place::Schema(""),
                (Place::Definitions, name) => Place::Schema(name),
                _ => Place::Plain,
            };
            if let Some(value) = map.get(key) {
                self.value(value, inner, depth + 1);
            }
        }
        self.newline(depth);
        self.text.push('}');
    }

    fn item(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.text.push(',');
        }
        self.newline(depth);
    }

    fn newline(&mut self, depth: usize) {
        self.text.push('\n');
        self.text.push_str(&"  ".repeat(depth));
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, print};
    use serde_json::json;

    #[test]
    fn fields_come_as_they_were_declared() {
        let mut order = Order::default();
        order.learn::<gait_contract::runpack::TimelineEvent>();
        order.learn::<gait_contract::regress::Status>();
        let schema = json!({
            "properties": { "event": { "type": "string" }, "ref": {}, "ts": {} },
            "type": "object", "required": ["ts", "event"],
        });
        let map = schema.as_object().expect("an object");
        assert_eq!(order.properties("TimelineEvent", map), ["event", "ts", "ref"]);
        assert_eq!(order.properties("", map), ["ts", "event", "ref"]);
        assert_eq!(
            print(&schema, "TimelineEvent", &order),
            "{\n  \"type\": \"object\",\n  \"required\": [\"ts\", \"event\"],\n  \"properties\": {\n    \"event\": {\n      \
             \"type\": \"string\"\n    },\n    \"ts\": {},\n    \"ref\": {}\n  }\n}\n"
        );
    }
}
