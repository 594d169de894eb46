//! JSON, read strictly and once, written canonically (RFC 8785).
//!
//! `scan` goes over a text, `canonical` puts values in canonical form, `de` and `ser` tie both to serde types, `walk`
//! visits the members of objects for readers that do without, `copy` writes a text again in its own order.
//! Everything whose digest or verdict matters goes through here, on every host.

mod canonical;
mod copy;
mod de;
mod error;
mod keys;
mod scan;
mod ser;
mod walk;

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::{Code, Fault};
use serde::de::DeserializeOwned;

pub(crate) use canonical::Canonical;
pub(crate) use copy::{Copy, Edit, Numbers, With};
pub(crate) use error::JsonError;
pub(crate) use keys::SeenKeys;
pub(crate) use scan::{Kind, Scanner, plain_length};
pub(crate) use ser::canonical_into;

/// Reads one document into a type. Absent fields and `null` become the field's zero value.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    read_document(bytes).map_err(|error| error.fault(bytes))
}

/// Like [`read`], with the place still as an offset, for callers that know a better place.
pub(crate) fn read_document<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mut value = None;
    walk_over(bytes, &mut |scanner| {
        value = Some(T::deserialize(scanner)?);
        Ok(())
    })?;
    value.ok_or_else(|| JsonError::at(Code::JsonSyntax, "nothing was read", 0))
}

/// Walks over one document, and nothing but white space may follow.
fn walk_over(bytes: &[u8], walk: &mut dyn FnMut(&mut Scanner<'_>) -> Result<(), JsonError>) -> Result<(), JsonError> {
    let mut scanner = Scanner::new(bytes)?;
    walk(&mut scanner).map_err(|error| error.or_at(scanner.offset()))?;
    scanner.end()
}

/// The canonical form of one document.
pub fn canonicalize(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    canonicalize_without(bytes, None)
}

/// The canonical form of a document, leaving out one member of the outermost object.
pub(crate) fn canonicalize_without(bytes: &[u8], member: Option<&str>) -> Result<Vec<u8>, Fault> {
    let mut form = Canonical::default();
    walk_over(bytes, &mut |scanner| scanner.canonical_without(&mut form, member))
        .map_err(|error| error.fault(bytes))?;
    Ok(form.into_bytes())
}

/// The canonical form of a value of gait's own types.
pub fn canonical<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut form = Canonical::default();
    canonical_into(value, &mut form);
    form.into_bytes()
}

/// The canonical form of a value whose members are declared in canonical order: nothing is compared or sorted.
pub(crate) fn canonical_as_declared<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut form = Canonical::in_given_order();
    canonical_into(value, &mut form);
    form.into_bytes()
}

/// The canonical form as text.
pub(crate) fn canonical_text<T: serde::Serialize>(value: &T) -> String {
    String::from_utf8(canonical(value)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
