//! serde's side of reading: `null` counts as absent everywhere (schemas contract, A.2), unknown fields are walked
//! over and checked, repeated keys are refused at every level.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use gait_contract::Code;
use gait_contract::free::FREE_OBJECT;
use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::canonical::Canonical;
use super::canonical::RepeatedKey;
use super::scan::{JsonError, Kind, Scanner};

impl de::Error for JsonError {
    fn custom<T: Display>(message: T) -> Self {
        Self { code: Code::JsonType, message: message.to_string(), offset: None }
    }
}

impl Display for JsonError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for JsonError {}

impl<'de> Scanner<'de> {
    /// The key that comes next and its colon; a key that was seen before is refused.
    pub(crate) fn key(&mut self, seen: &mut SeenKeys<'de>) -> Result<Cow<'de, str>, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in quotes"));
        }
        let start = self.offset();
        let key = self.string()?;
        if !seen.insert(key.clone()) {
            return Err(Self::repeated(RepeatedKey(start)));
        }
        self.want(b':', "`:`")?;
        Ok(key)
    }

    /// True, having stepped over it, when `null` comes next.
    pub(crate) fn null(&mut self) -> Result<bool, JsonError> {
        let null = self.kind()? == Kind::Null;
        if null {
            self.literal()?;
        }
        Ok(null)
    }

    pub(crate) fn of_kind(&mut self, kind: Kind) -> Result<(), JsonError> {
        let found = self.kind()?;
        if found == kind { Ok(()) } else { Err(self.wrong_type(kind.words(), found)) }
    }

    fn integer<T: core::str::FromStr>(&mut self) -> Result<T, JsonError> {
        let start = self.offset();
        let spelling = self.number()?;
        spelling.parse().map_err(|_| JsonError {
            code: Code::JsonType,
            message: format!("a whole number in range is expected, not `{spelling}`"),
            offset: Some(start),
        })
    }

    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, JsonError> {
        let start = self.offset();
        let visited = match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        };
        visited.map_err(|error: JsonError| error.or_at(start))
    }
}

impl<'de> Deserializer<'de> for &mut Scanner<'de> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.kind()? {
            Kind::Object => self.deserialize_map(visitor),
            Kind::Array => self.deserialize_seq(visitor),
            Kind::String => self.text(visitor),
            Kind::Number => visitor.visit_f64(self.double()?),
            Kind::Bool => self.deserialize_bool(visitor),
            Kind::Null => {
                self.literal()?;
                visitor.visit_unit()
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_bool(false);
        }
        self.of_kind(Kind::Bool)?;
        visitor.visit_bool(self.literal()? == "true")
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_i64(0);
        }
        self.of_kind(Kind::Number)?;
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_u64(0);
        }
        self.of_kind(Kind::Number)?;
        visitor.visit_u64(self.integer()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_f64(0.0);
        }
        self.of_kind(Kind::Number)?;
        visitor.visit_f64(self.double()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_borrowed_str("");
        }
        self.of_kind(Kind::String)?;
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        if name != FREE_OBJECT {
            return visitor.visit_newtype_struct(self);
        }
        self.of_kind(Kind::Object)?;
        let mut form = Canonical::default();
        self.canonical(&mut form)?;
        visitor.visit_string(String::from_utf8(form.into_bytes()).unwrap_or_default())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_seq(Elements { scanner: self, first: true, over: true });
        }
        self.of_kind(Kind::Array)?;
        self.want(b'[', "a list")?;
        self.enter()?;
        let value = visitor.visit_seq(Elements { scanner: self, first: true, over: false })?;
        self.leave();
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_map(Members::new(self, true));
        }
        self.of_kind(Kind::Object)?;
        self.want(b'{', "an object")?;
        self.enter()?;
        let value = visitor.visit_map(Members::new(self, false))?;
        self.leave();
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        let start = self.offset();
        let visited = match self.kind()? {
            Kind::String => {
                let word = self.string()?;
                visitor.visit_enum(word.into_owned().into_deserializer())
            }
            Kind::Object => {
                self.want(b'{', "an object")?;
                self.enter()?;
                let value = visitor.visit_enum(Tagged { scanner: self })?;
                self.want(b'}', "`}`")?;
                self.leave();
                Ok(value)
            }
            other => Err(self.wrong_type("a word", other)),
        };
        visited.map_err(|error: JsonError| error.or_at(start))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Elements<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    first: bool,
    over: bool,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        if self.over {
            return Ok(None);
        }
        if core::mem::take(&mut self.first) {
            self.over = self.scanner.eat(b']');
        } else if !self.scanner.eat(b',') {
            self.scanner.want(b']', "`,` or `]`")?;
            self.over = true;
        }
        if self.over { Ok(None) } else { seed.deserialize(&mut *self.scanner).map(Some) }
    }
}

struct Members<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    first: bool,
    over: bool,
    seen: SeenKeys<'de>,
}

impl<'s, 'de> Members<'s, 'de> {
    fn new(scanner: &'s mut Scanner<'de>, over: bool) -> Self {
        Self { scanner, first: true, over, seen: SeenKeys::default() }
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        if self.over {
            return Ok(None);
        }
        if core::mem::take(&mut self.first) {
            self.over = self.scanner.eat(b'}');
        } else if !self.scanner.eat(b',') {
            self.scanner.want(b'}', "`,` or `}`")?;
            self.over = true;
        }
        if self.over {
            return Ok(None);
        }
        match self.scanner.key(&mut self.seen)? {
            Cow::Borrowed(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
            Cow::Owned(text) => seed.deserialize(StringDeserializer::new(text)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        self.scanner.peek();
        let start = self.scanner.offset();
        seed.deserialize(&mut *self.scanner).map_err(|error| error.or_at(start))
    }
}

/// The keys of one object. Keys mostly arrive in order, so that a comparison with the last one is enough.
#[derive(Default)]
pub(crate) struct SeenKeys<'de> {
    in_order: Vec<Cow<'de, str>>,
    others: Option<BTreeSet<Cow<'de, str>>>,
}

impl<'de> SeenKeys<'de> {
    pub(crate) fn insert(&mut self, key: Cow<'de, str>) -> bool {
        if let Some(others) = &mut self.others {
            return others.insert(key);
        }
        if self.in_order.last().is_none_or(|last| *last < key) {
            self.in_order.push(key);
            return true;
        }
        self.others.insert(self.in_order.drain(..).collect()).insert(key)
    }
}

/// An enum's variant with its content: `{"variant": content}`.
struct Tagged<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
}

impl<'de> EnumAccess<'de> for Tagged<'_, 'de> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), JsonError> {
        let name = self.scanner.string()?.into_owned();
        self.scanner.want(b':', "`:`")?;
        let variant = seed.deserialize(StringDeserializer::<JsonError>::new(name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'_, 'de> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        self.scanner.skip()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        seed.deserialize(self.scanner)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.scanner.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.scanner.deserialize_map(visitor)
    }
}
