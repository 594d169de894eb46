//! Reading one record of a `.jsonl` member without building it: its types are checked, the fields that answers need
//! are noted, and what a comparison looks at is put in canonical form, all in one walk over the line.
//!
//! `run diff` and `regress run` read every record of two archives this way; building typed records took twice the time.

use alloc::format;
use alloc::string::String;

use gait_contract::runpack::Privacy;
use gait_contract::{Code, Timestamp};

use crate::json::{Canonical, JsonError, Kind, Scanner};

/// What a field of a record holds, and what it is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Text that two records of the same call have in common; noted in a slot, too.
    Noted(usize),
    /// Text that differs from recording to recording.
    VolatileText,
    /// A time; times differ from recording to recording.
    Time,
    /// The captured content, which only full comparisons look at.
    Content,
}

/// Number of slots for noted fields.
pub(super) const NOTES: usize = 5;

/// The fields of one kind of record.
pub(super) type Shape = &'static [(&'static str, Field)];

/// Slot of `schema_id` in every shape.
pub(super) const SCHEMA_ID: usize = 0;
/// Slot of `schema_version` in every shape.
pub(super) const SCHEMA_VERSION: usize = 1;
/// Slot of `intent_id` in every shape.
pub(super) const INTENT_ID: usize = 2;

/// [`gait_contract::runpack::Intent`]: slot 3 is the tool, slot 4 the digest of the arguments.
pub(super) const INTENT: Shape = &[
    ("args", Field::Content),
    ("args_digest", Field::Noted(4)),
    ("created_at", Field::Time),
    ("intent_id", Field::Noted(INTENT_ID)),
    ("producer_version", Field::VolatileText),
    ("run_id", Field::VolatileText),
    ("schema_id", Field::Noted(SCHEMA_ID)),
    ("schema_version", Field::Noted(SCHEMA_VERSION)),
    ("tool_name", Field::Noted(3)),
];

/// [`gait_contract::runpack::ResultRecord`]: slot 3 is the status, slot 4 the digest of the result.
pub(super) const RESULT: Shape = &[
    ("created_at", Field::Time),
    ("intent_id", Field::Noted(INTENT_ID)),
    ("producer_version", Field::VolatileText),
    ("result", Field::Content),
    ("result_digest", Field::Noted(4)),
    ("run_id", Field::VolatileText),
    ("schema_id", Field::Noted(SCHEMA_ID)),
    ("schema_version", Field::Noted(SCHEMA_VERSION)),
    ("status", Field::Noted(3)),
];

/// Reads one record. `form` receives what a comparison looks at, `notes` the noted fields; absent text is empty.
pub(super) fn read(
    line: &[u8],
    shape: Shape,
    compare: Option<Privacy>,
    form: &mut Canonical,
    notes: &mut [String; NOTES],
) -> Result<(), JsonError> {
    form.clear();
    notes.iter_mut().for_each(String::clear);
    let mut scanner = Scanner::new(line)?;
    let found = scanner.kind()?;
    if found != Kind::Object {
        return Err(scanner.wrong_type(Kind::Object.words(), found));
    }
    scanner.want(b'{', "an object")?;
    scanner.enter()?;
    let mut object = form.open();
    let mut seen = scanner.begin_keys();
    let mut first = true;
    while !(first && scanner.eat(b'}')) {
        first = false;
        let key = scanner.key(&mut seen)?;
        let field = shape.iter().find(|(name, _)| *name == key).map(|(_, field)| *field);
        let start = form.begin_member(&object);
        form.string(&key);
        let member = form.key(start, 0);
        let kept = match field {
            None => {
                scanner.skip()?;
                false
            }
            Some(field) => value(&mut scanner, field, compare, form, notes)?,
        };
        if kept {
            form.end_member(&mut object, member).map_err(Scanner::repeated)?;
        } else {
            form.take_back(&object, start);
        }
        if !scanner.eat(b',') {
            scanner.want(b'}', "`,` or `}`")?;
            break;
        }
    }
    scanner.end()?;
    form.close(object).map_err(Scanner::repeated)
}

/// Reads the value of a known field; true when it was written to `form`.
fn value(
    scanner: &mut Scanner<'_>,
    field: Field,
    compare: Option<Privacy>,
    form: &mut Canonical,
    notes: &mut [String; NOTES],
) -> Result<bool, JsonError> {
    let found = scanner.kind()?;
    if found == Kind::Null {
        scanner.literal()?;
        return Ok(false);
    }
    let wanted = if field == Field::Content { Kind::Object } else { Kind::String };
    if found != wanted {
        return Err(scanner.wrong_type(wanted.words(), found));
    }
    if field == Field::Content {
        if compare != Some(Privacy::Full) {
            scanner.skip()?;
            return Ok(false);
        }
        let before = form.bytes().len();
        scanner.canonical(form)?;
        // An empty object counts as absent.
        return Ok(form.bytes().len() - before > b"{}".len());
    }
    let start = scanner.offset();
    let text = scanner.string()?;
    match field {
        Field::Time => {
            if Timestamp::parse(&text).is_err() {
                let message = format!("`{text}` is not an RFC 3339 time");
                return Err(JsonError::at(Code::JsonType, message, start));
            }
            return Ok(false);
        }
        Field::VolatileText => return Ok(false),
        Field::Noted(slot) => {
            if let Some(note) = notes.get_mut(slot) {
                note.push_str(&text);
            }
        }
        Field::Content => {}
    }
    if text.is_empty() || compare.is_none() {
        return Ok(false);
    }
    form.string(&text);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{INTENT, NOTES, RESULT, Shape, read};
    use crate::json::{Canonical, canonical_text};
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use gait_contract::FreeObject;
    use gait_contract::runpack::{Intent, Privacy, ResultRecord};

    fn keys(text: &str) -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    }

    fn names(shape: Shape) -> Vec<String> {
        shape.iter().map(|(name, _)| name.to_string()).collect()
    }

    #[test]
    fn shapes_name_the_fields_of_the_artifacts() {
        let object = || Some(FreeObject::from_canonical(r#"{"a":1}"#.into()));
        assert_eq!(keys(&canonical_text(&Intent { args: object(), ..Intent::default() })), names(INTENT));
        assert_eq!(keys(&canonical_text(&ResultRecord { result: object(), ..ResultRecord::default() })), names(RESULT));
    }

    fn compared(line: &str, privacy: Privacy) -> (String, [String; NOTES]) {
        let (mut form, mut notes) = (Canonical::default(), Default::default());
        read(line.as_bytes(), INTENT, Some(privacy), &mut form, &mut notes).unwrap();
        (String::from_utf8(form.into_bytes()).unwrap(), notes)
    }

    #[test]
    fn only_what_counts_is_compared() {
        let line = r#"{"tool_name":"t","unknown":{"b":1,"a":2},"run_id":"r","args":{"b":1.0,"a":"\u0041"},"created_at":"2026-01-01T00:00:00Z","intent_id":"i","schema_id":null,"args_digest":""}"#;
        let (full, notes) = compared(line, Privacy::Full);
        assert_eq!(full, r#"{"args":{"a":"A","b":1},"intent_id":"i","tool_name":"t"}"#);
        assert_eq!(notes, ["", "", "i", "t", ""]);
        assert_eq!(compared(line, Privacy::Metadata).0, r#"{"intent_id":"i","tool_name":"t"}"#);
        assert_eq!(compared(r#"{"args":{},"x":1}"#, Privacy::Full).0, "{}");
        assert_eq!(compared("{}", Privacy::Full).0, "{}");
    }

    #[test]
    fn malformed_records_are_refused() {
        let (mut form, mut notes) = (Canonical::default(), Default::default());
        for line in [
            "[]",
            "1",
            "null",
            "",
            r#"{"args":[]}"#,
            r#"{"intent_id":1}"#,
            r#"{"created_at":"noon"}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"run_id":{}}"#,
            "{} {}",
            r#"{"intent_id":"a""#,
        ] {
            assert!(read(line.as_bytes(), INTENT, None, &mut form, &mut notes).is_err(), "{line}");
        }
    }
}
