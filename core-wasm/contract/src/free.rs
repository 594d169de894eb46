//! Free objects: parts of an artifact whose keys gait does not know (`args`, `result`, …).

use alloc::string::String;
use core::fmt;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Name by which gait's own JSON reader and writers recognise a free object.
pub const FREE_OBJECT: &str = "$gait::free_object";

/// A JSON object kept as its canonical text (RFC 8785). Only the core reads and writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeObject(String);

impl FreeObject {
    /// Takes text that is known to be the canonical form of an object.
    pub fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `{}`, which artifacts leave out.
    pub fn is_empty(&self) -> bool {
        self.0 == "{}"
    }
}

/// True when a field that is omitted when empty has nothing to say.
pub(crate) fn is_absent(value: &Option<FreeObject>) -> bool {
    value.as_ref().is_none_or(FreeObject::is_empty)
}

impl Serialize for FreeObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(FREE_OBJECT, &self.0)
    }
}

impl<'de> Deserialize<'de> for FreeObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = FreeObject;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FreeObject, E> {
                Ok(FreeObject(text.into()))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<FreeObject, E> {
                Ok(FreeObject(text))
            }
        }
        deserializer.deserialize_newtype_struct(FREE_OBJECT, Text)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FreeObject {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "FreeObject".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}
