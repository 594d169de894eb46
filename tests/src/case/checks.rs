//! What a step may expect, one check each.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::{Map, Value};
use zip::ZipArchive;

use crate::program::Done;
use crate::subset::difference;
use crate::vector::member_difference;

/// The complaint unless something holds.
pub(super) fn that(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(complaint()) }
}

/// The exit code is the one, or one of those, that are accepted.
pub(super) fn exit(wanted: Option<&Value>, done: &Done) -> Result<(), String> {
    let found = done.code().map_or(Value::Null, Value::from);
    let fine = match wanted {
        None => true,
        Some(Value::Array(codes)) => codes.contains(&found),
        Some(code) => *code == found,
    };
    that(fine, || {
        let said = done.out() + &done.err();
        format!("exit {:?}, {} is expected; {}", done.status, wanted.unwrap_or(&Value::Null), said.trim())
    })
}

/// A value holds what is expected.
pub(super) fn subset(wanted: &Value, found: Option<&Value>, place: &str) -> Result<(), String> {
    difference(wanted, found, place).map_or(Ok(()), Err)
}

/// A text has these parts, and has not those.
pub(super) fn texts(what: &str, text: &str, has: &[String], has_not: &[String]) -> Result<(), String> {
    if let Some(lacking) = has.iter().find(|part| !text.contains(*part)) {
        return Err(format!("{what} lacks {lacking:?}: {text:?}"));
    }
    match has_not.iter().find(|part| text.contains(*part)) {
        Some(present) => Err(format!("{what} has {present:?}: {text:?}")),
        None => Ok(()),
    }
}

/// A JSON file holds what is expected.
pub(super) fn file(path: &str, wanted: &Value, cwd: &Path) -> Result<(), String> {
    let text = fs::read(cwd.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let found: Value = serde_json::from_slice(&text).map_err(|error| format!("{path}: {error}"))?;
    subset(wanted, Some(&found), path)
}

/// The members of an archive hold what is expected.
pub(super) fn archive(path: &str, members: &Map<String, Value>, cwd: &Path) -> Result<(), String> {
    let bytes = fs::read(cwd.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("{path}: {error}"))?;
    for (name, wanted) in members {
        let mut content = Vec::new();
        let mut member = archive.by_name(name).map_err(|error| format!("{path}: {name}: {error}"))?;
        member.read_to_end(&mut content).map_err(|error| format!("{path}: {name}: {error}"))?;
        member_difference(name, wanted, &content).map_or(Ok(()), |difference| Err(format!("{path}: {difference}")))?;
    }
    Ok(())
}

/// A file or folder has these permissions, where there are such.
pub(super) fn mode(path: &Path, wanted: &str) -> Result<(), String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = format!("{:04o}", metadata.permissions().mode() & 0o7777);
        that(found == wanted, || format!("{} has mode {found}, {wanted} is expected", path.display()))?;
    }
    let _ = (metadata, wanted);
    Ok(())
}
