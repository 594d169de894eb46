//! serde's side of reading: `null` counts as absent everywhere (schemas contract, A.2), unknown fields are walked
//! over and checked, repeated keys are refused at every level.
//!
//! serde compiles all of this once for every type that is read, so whatever needs no type stands in functions that
//! are called, not copied.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Display;

use gait_contract::Code;
use gait_contract::free::FREE_OBJECT;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::JsonError;
use super::canonical::{Canonical, RepeatedKey};
use super::keys::SeenKeys;
use super::scan::{Kind, Scanner};

impl de::Error for JsonError {
    #[cold]
    #[inline(never)]
    fn custom<T: Display>(message: T) -> Self {
        Self::somewhere(Code::JsonType, message.to_string())
    }

    // The usual words of `Unexpected` can spell any double, which takes 20 KB of code and is never wanted here.
    #[cold]
    #[inline(never)]
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {wanted}", words(found)))
    }

    #[cold]
    #[inline(never)]
    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {wanted}", words(found)))
    }
}

/// What was found, in serde's words.
fn words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("boolean `{value}`"),
        Unexpected::Unsigned(value) => format!("integer `{value}`"),
        Unexpected::Signed(value) => format!("integer `{value}`"),
        Unexpected::Float(_) => "floating point number".to_string(),
        Unexpected::Str(value) => format!("string {value:?}"),
        Unexpected::Unit => "unit value".to_string(),
        Unexpected::Seq => "sequence".to_string(),
        Unexpected::Map => "map".to_string(),
        Unexpected::UnitVariant => "unit variant".to_string(),
        _ => "something else".to_string(),
    }
}

impl Display for JsonError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for JsonError {}

/// How far an object or a list has been read.
struct Progress {
    first: bool,
    /// Its last member or element is behind, or `null` stands for it.
    over: bool,
}

impl<'de> Scanner<'de> {
    /// The key that comes next and its colon; a key that was seen before is refused.
    pub(crate) fn key(&mut self, seen: &mut SeenKeys) -> Result<Cow<'de, str>, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in quotes"));
        }
        let start = self.offset();
        let key = self.string()?;
        if !self.insert_key(seen, key.clone()) {
            return Err(Self::repeated(RepeatedKey(start)));
        }
        self.want(b':', "`:`")?;
        Ok(key)
    }

    /// True, having stepped over it, when `null` comes next.
    #[inline(never)]
    pub(crate) fn null(&mut self) -> Result<bool, JsonError> {
        let null = self.kind()? == Kind::Null;
        if null {
            self.literal()?;
        }
        Ok(null)
    }

    #[inline(never)]
    pub(crate) fn of_kind(&mut self, kind: Kind) -> Result<(), JsonError> {
        let found = self.kind()?;
        if found == kind { Ok(()) } else { Err(self.wrong_type(kind.words(), found)) }
    }

    /// Begins the object or list that comes next; `null` is an empty one.
    #[inline(never)]
    fn begin(&mut self, kind: Kind) -> Result<Progress, JsonError> {
        let null = self.null()?;
        if !null {
            self.of_kind(kind)?;
            self.step();
        }
        self.enter()?;
        Ok(Progress { first: true, over: null })
    }

    /// Whether another member or element follows; if not, steps over the closing brace.
    #[inline(never)]
    fn more(&mut self, progress: &mut Progress, brace: u8, what: &str) -> Result<bool, JsonError> {
        if progress.over {
            return Ok(false);
        }
        if core::mem::take(&mut progress.first) {
            progress.over = self.eat(brace);
        } else if !self.eat(b',') {
            self.want(brace, what)?;
            progress.over = true;
        }
        Ok(!progress.over)
    }

    /// The next key of an object that was begun.
    #[inline(never)]
    fn next_key(&mut self, progress: &mut Progress, seen: &mut SeenKeys) -> Result<Option<Cow<'de, str>>, JsonError> {
        if self.more(progress, b'}', "`,` or `}`")? { self.key(seen).map(Some) } else { Ok(None) }
    }

    /// The whole number that comes next; `null` is zero.
    #[inline(never)]
    fn integer(&mut self) -> Result<(usize, &'de str), JsonError> {
        if self.null()? {
            return Ok((self.offset(), "0"));
        }
        self.of_kind(Kind::Number)?;
        Ok((self.offset(), self.number()?))
    }

    /// The string that comes next and its offset; `null` is the empty one.
    #[inline(never)]
    fn text(&mut self) -> Result<(usize, Cow<'de, str>), JsonError> {
        self.peek();
        Ok((self.offset(), self.text_or_null()?))
    }

    /// The object that comes next in canonical form.
    #[inline(never)]
    fn free_object(&mut self) -> Result<String, JsonError> {
        self.of_kind(Kind::Object)?;
        let mut form = Canonical::default();
        self.canonical(&mut form)?;
        Ok(String::from_utf8(form.into_bytes()).unwrap_or_default())
    }

    /// The variant of an enum that comes next: a word, or an object with one member.
    #[inline(never)]
    fn variant(&mut self) -> Result<Variant<'de>, JsonError> {
        match self.kind()? {
            Kind::String => Ok(Variant { at: self.offset(), name: self.string()?, alone: true }),
            Kind::Object => {
                let at = self.offset();
                self.step();
                self.enter()?;
                let name = self.string()?;
                self.want(b':', "`:`")?;
                Ok(Variant { at, name, alone: false })
            }
            other => Err(self.wrong_type("a word", other)),
        }
    }

    /// After the content of a variant.
    #[inline(never)]
    fn after_variant(&mut self) -> Result<(), JsonError> {
        self.want(b'}', "`}`")?;
        self.leave();
        Ok(())
    }
}

#[cold]
#[inline(never)]
fn out_of_range(start: usize, spelling: &str) -> JsonError {
    JsonError::at(Code::JsonType, format!("a whole number in range is expected, not `{spelling}`"), start)
}

impl<'de> Deserializer<'de> for &mut Scanner<'de> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.kind()? {
            Kind::Object => self.deserialize_map(visitor),
            Kind::Array => self.deserialize_seq(visitor),
            Kind::String => self.deserialize_str(visitor),
            Kind::Number => self.deserialize_f64(visitor),
            Kind::Bool => self.deserialize_bool(visitor),
            Kind::Null => {
                self.literal()?;
                visitor.visit_unit()
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let (start, spelling) = self.integer()?;
        visitor.visit_i64(spelling.parse().map_err(|_| out_of_range(start, spelling))?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let (start, spelling) = self.integer()?;
        visitor.visit_u64(spelling.parse().map_err(|_| out_of_range(start, spelling))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.null()? {
            return visitor.visit_f64(0.0);
        }
        self.of_kind(Kind::Number)?;
        visitor.visit_f64(self.double()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let (start, text) = self.text()?;
        visitor.visit_str(&text).map_err(|error: JsonError| error.or_at(start))
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
        visitor.visit_string(self.free_object()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let progress = self.begin(Kind::Array)?;
        let value = visitor.visit_seq(Elements { scanner: self, progress })?;
        self.leave();
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let progress = self.begin(Kind::Object)?;
        let seen = self.begin_keys();
        let mut members = Members { scanner: self, progress, seen };
        let value = visitor.visit_map(&mut members)?;
        let Members { scanner, seen, .. } = members;
        scanner.end_keys(&seen);
        scanner.leave();
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
        let Variant { at, name, alone } = self.variant()?;
        let tagged = Tagged { scanner: self, name: &name, alone };
        let visited = visitor.visit_enum(tagged);
        if alone {
            return visited.map_err(|error: JsonError| error.or_at(at));
        }
        let value = visited?;
        self.after_variant()?;
        Ok(value)
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
    progress: Progress,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        if !self.scanner.more(&mut self.progress, b']', "`,` or `]`")? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.scanner).map(Some)
    }
}

struct Members<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    progress: Progress,
    seen: SeenKeys,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = JsonError;

    #[inline(never)]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        match self.scanner.next_key(&mut self.progress, &mut self.seen)? {
            Some(key) => seed.deserialize(StrDeserializer::new(&key)).map(Some),
            None => Ok(None),
        }
    }

    #[inline(never)]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        self.scanner.peek();
        let start = self.scanner.offset();
        seed.deserialize(&mut *self.scanner).map_err(|error| error.or_at(start))
    }
}

/// The name of an enum's variant.
struct Variant<'de> {
    at: usize,
    name: Cow<'de, str>,
    /// It is a word; else its content follows: `{"variant": content}`.
    alone: bool,
}

/// An enum's variant with its content, if it has one.
struct Tagged<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    name: &'s str,
    alone: bool,
}

impl<'s, 'de> Tagged<'s, 'de> {
    /// The content, which must be there.
    fn content(self, wanted: &'static str) -> Result<&'s mut Scanner<'de>, JsonError> {
        if self.alone { Err(JsonError::invalid_type(Unexpected::UnitVariant, &wanted)) } else { Ok(self.scanner) }
    }
}

impl<'de> EnumAccess<'de> for Tagged<'_, 'de> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), JsonError> {
        let variant = seed.deserialize(StrDeserializer::<JsonError>::new(self.name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'_, 'de> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        if self.alone { Ok(()) } else { self.scanner.skip() }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        seed.deserialize(self.content("newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.content("tuple variant")?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.content("struct variant")?.deserialize_map(visitor)
    }
}
