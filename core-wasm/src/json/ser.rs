//! serde's side of writing: values of gait's own types in canonical form.

use core::fmt::Display;

use gait_contract::free::FREE_OBJECT;
use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    Serializer,
};

use super::canonical::{Canonical, Key, Open};

/// Appends the canonical form of a value.
pub(crate) fn canonical_into<T: Serialize + ?Sized>(value: &T, form: &mut Canonical) {
    // gait's own types hold nothing that JSON cannot say, so there is nothing to report.
    let _: Result<(), Unprintable> = value.serialize(Writer { form, bare: false });
}

/// A value that JSON cannot say. None of gait's types has one.
#[derive(Debug)]
pub(crate) struct Unprintable;

impl Display for Unprintable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a value that JSON cannot say")
    }
}

impl core::error::Error for Unprintable {}

impl ser::Error for Unprintable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

struct Writer<'a> {
    form: &'a mut Canonical,
    /// The value is canonical text already.
    bare: bool,
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unprintable;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = Impossible<(), Unprintable>;
    type SerializeTupleVariant = Impossible<(), Unprintable>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Variant<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Unprintable> {
        self.form.raw(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unprintable> {
        if value.unsigned_abs() < 1 << 53 {
            self.form.integer(value);
        } else {
            self.form.number(value as f64);
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unprintable> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unprintable> {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => self.serialize_f64(value as f64),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unprintable> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unprintable> {
        if !value.is_finite() {
            return Err(Unprintable);
        }
        self.form.number(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Unprintable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unprintable> {
        if self.bare {
            self.form.raw(value.as_bytes())
        } else {
            self.form.string(value)
        }
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unprintable> {
        Err(Unprintable)
    }

    fn serialize_none(self) -> Result<(), Unprintable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unprintable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unprintable> {
        self.form.raw(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unprintable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unprintable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Unprintable> {
        value.serialize(Writer { form: self.form, bare: name == FREE_OBJECT })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unprintable> {
        let mut object = self.serialize_map(Some(1))?;
        object.member(variant, value)?;
        object.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unprintable> {
        self.form.byte(b'[');
        Ok(List { form: self.form, first: true })
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, Unprintable> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Unprintable> {
        let open = self.form.open();
        Ok(Object { form: self.form, open, key: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, Unprintable> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant<'a>, Unprintable> {
        let mut outer = self.form.open();
        let key = self.form.named(&outer, variant);
        // Its only member; ending it before its value is written changes nothing, and nothing is left to do later.
        self.form.end_member(&mut outer, key).map_err(|_| Unprintable)?;
        let open = self.form.open();
        Ok(Variant { inner: Object { form: self.form, open, key: None }, outer })
    }
}

struct List<'a> {
    form: &'a mut Canonical,
    first: bool,
}

impl SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        if !core::mem::take(&mut self.first) {
            self.form.byte(b',');
        }
        value.serialize(Writer { form: self.form, bare: false })
    }

    fn end(self) -> Result<(), Unprintable> {
        self.form.byte(b']');
        Ok(())
    }
}

impl SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Unprintable> {
        SerializeSeq::end(self)
    }
}

struct Object<'a> {
    form: &'a mut Canonical,
    open: Open,
    key: Option<Key>,
}

impl Object<'_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unprintable> {
        let key = self.form.named(&self.open, name);
        value.serialize(Writer { form: self.form, bare: false })?;
        self.form.end_member(&mut self.open, key).map_err(|_| Unprintable)
    }

    fn close(self) -> Result<(), Unprintable> {
        self.form.close(self.open).map_err(|_| Unprintable)
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unprintable> {
        let start = self.form.begin_member(&self.open);
        key.serialize(Writer { form: self.form, bare: false })?;
        self.key = Some(self.form.key(start, 0));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        value.serialize(Writer { form: self.form, bare: false })?;
        let key = self.key.take().ok_or(Unprintable)?;
        self.form.end_member(&mut self.open, key).map_err(|_| Unprintable)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.close()
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unprintable> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.close()
    }
}

/// `{"variant": {fields}}`.
struct Variant<'a> {
    inner: Object<'a>,
    outer: Open,
}

impl SerializeStructVariant for Variant<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unprintable> {
        self.inner.member(name, value)
    }

    fn end(self) -> Result<(), Unprintable> {
        let Variant { inner: Object { form, open, .. }, outer } = self;
        form.close(open).map_err(|_| Unprintable)?;
        form.close(outer).map_err(|_| Unprintable)
    }
}
