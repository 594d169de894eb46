//! Changes that a step makes before its call.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// One change of one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    path: String,
    /// Removes the file.
    #[serde(default)]
    delete: bool,
    /// Makes a folder.
    #[serde(default)]
    folder: bool,
    /// Writes a text.
    text: Option<String>,
    /// Sets permissions, in octal.
    mode: Option<String>,
    /// Keeps the first bytes only.
    truncate: Option<u64>,
    #[serde(default)]
    offset: usize,
    /// Flips bits of the byte at `offset`.
    xor: Option<u8>,
    /// New values in a JSON file, by pointer; null removes a key.
    #[serde(default)]
    json: BTreeMap<String, Value>,
    /// New texts of an archive's members; null removes one.
    #[serde(default)]
    zip: Map<String, Value>,
}

impl Change {
    /// Makes the change.
    pub(super) fn apply(&self, cwd: &Path) -> Result<(), String> {
        let path = cwd.join(&self.path);
        self.change(&path).map_err(|error| format!("{} cannot be changed: {error}", self.path))
    }

    fn change(&self, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
        if self.delete {
            fs::remove_file(path)?;
        }
        if self.folder {
            fs::create_dir_all(path)?;
        }
        if let Some(text) = &self.text {
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            }
            fs::write(path, text)?;
        }
        if let Some(length) = self.truncate {
            fs::OpenOptions::new().write(true).open(path)?.set_len(length)?;
        }
        #[cfg(unix)]
        if let Some(mode) = &self.mode {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(u32::from_str_radix(mode, 8)?))?;
        }
        if let Some(bits) = self.xor {
            let mut bytes = fs::read(path)?;
            *bytes.get_mut(self.offset).ok_or("the file is too short")? ^= bits;
            fs::write(path, bytes)?;
        }
        if !self.json.is_empty() {
            let mut document: Value = serde_json::from_slice(&fs::read(path)?)?;
            for (pointer, value) in &self.json {
                set(&mut document, pointer, value)?;
            }
            fs::write(path, document.to_string())?;
        }
        if !self.zip.is_empty() {
            fs::write(path, rewritten(&fs::read(path)?, &self.zip)?)?;
        }
        Ok(())
    }
}

fn set(document: &mut Value, pointer: &str, value: &Value) -> Result<(), String> {
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(|| format!("`{pointer}` is no pointer"))?;
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) if value.is_null() => drop(members.remove(last)),
        Some(Value::Object(members)) => drop(members.insert(last.into(), value.clone())),
        Some(Value::Array(values)) => {
            let at = last.parse::<usize>().map_err(|error| error.to_string())?;
            *values.get_mut(at).ok_or("the list is too short")? = value.clone();
        }
        _ => return Err(format!("there is no `{parent}`")),
    }
    Ok(())
}

/// An archive with some members replaced, added or left out; nothing else about it stays as it was.
fn rewritten(bytes: &[u8], changes: &Map<String, Value>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at)?;
        let mut content = Vec::new();
        member.read_to_end(&mut content)?;
        members.push((member.name()?.into_owned(), content));
    }
    for (name, text) in changes {
        let at = members.iter().position(|member| member.0 == *name);
        match (text.as_str(), at) {
            (Some(text), Some(at)) => members[at].1 = text.into(),
            (Some(text), None) => members.push((name.clone(), text.into())),
            (None, Some(at)) => drop(members.remove(at)),
            (None, None) => {}
        }
    }
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(name, options)?;
        writer.write_all(&content)?;
    }
    Ok(writer.finish()?.into_inner())
}
