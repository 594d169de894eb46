//! Vectors: `vectors/<op>/<case>.json` with `title`, `why`, `request` and `expect`, blobs in `vectors/blobs/`.
//!
//! `{"$blob": NAME}` in a request becomes the text NAME, and the world serves that file. Requests are handed over with
//! sorted keys and no white space. `expect` holds `reply` or `fault`, each a subset ([`crate::subset`]), and beside it
//! `archive`: members of the archive that was written, each a subset or `sha256:HEX` (`.jsonl` members as lists), and
//! `comment`: a subset of the JSON in that archive's comment.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use zip::ZipArchive;

use crate::repository;
use crate::subset::difference;
use crate::world::{World, sha256};

/// One vector.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// `<op>/<case>`.
    #[serde(skip)]
    pub name: String,
    /// The folder it stands in, with its operation's folder and `blobs/`.
    #[serde(skip)]
    pub folder: PathBuf,
    /// What it shows.
    pub title: String,
    /// Why that matters.
    pub why: String,
    /// The operation's request.
    pub request: Value,
    /// What comes back.
    pub expect: Expect,
}

/// What a vector expects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// A subset of the reply.
    pub reply: Option<Value>,
    /// A subset of the fault.
    pub fault: Option<Value>,
    /// Members of the archive that was written.
    #[serde(default)]
    pub archive: serde_json::Map<String, Value>,
    /// A subset of the JSON in its comment.
    pub comment: Option<Value>,
}

/// How a host's conversation about a vector ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ending {
    /// The last frame.
    pub frame: Vec<u8>,
    /// Length and SHA-256 of the archive that was written.
    pub archive: Option<(u64, String)>,
    /// Number of steps, the last one included.
    pub steps: usize,
}

impl Ending {
    /// The ending that a last frame and the world behind it make.
    pub fn of(frame: Vec<u8>, world: &World) -> Self {
        let archive = world.stream("archive").map(|bytes| (bytes.len() as u64, sha256(bytes)));
        Self { frame, archive, steps: world.served + 1 }
    }
}

/// Folder of the vectors.
pub fn folder() -> PathBuf {
    repository::folder("vectors")
}

/// All vectors, by name.
pub fn all() -> Vec<Vector> {
    of_folder(&folder())
}

/// All vectors of another folder of that shape, by name.
pub fn of_folder(folder: &Path) -> Vec<Vector> {
    let is_vector =
        |path: &Path| path.extension().is_some_and(|it| it == "json") && !path.starts_with(folder.join("blobs"));
    let read = |path: PathBuf| {
        let text = repository::text(&path);
        let mut vector: Vector =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        vector.name = name.to_string_lossy().replace('\\', "/");
        vector.folder = folder.to_path_buf();
        vector
    };
    repository::files(folder, is_vector).into_iter().map(read).collect()
}

impl Vector {
    /// The operation.
    pub fn op(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The request's bytes, names in place of blobs.
    pub fn request(&self) -> Vec<u8> {
        named(&self.request).to_string().into_bytes()
    }

    /// The world the vector runs in.
    pub fn world(&self) -> World {
        World::of_folders([self.folder.join("blobs"), self.folder.join(self.op())])
    }

    /// What is wrong with an answer and the archive that was written, if anything is.
    pub fn complaint(&self, answer: &Value, archive: Option<&[u8]>) -> Option<String> {
        let wanted = match (&self.expect.reply, &self.expect.fault) {
            (Some(reply), None) => serde_json::json!({ "reply": reply }),
            (None, Some(fault)) => serde_json::json!({ "fault": fault }),
            _ => return Some("`expect` needs either `reply` or `fault`".into()),
        };
        if let Some(difference) = difference(&wanted, Some(answer), "$") {
            return Some(format!("{difference}\n    whole answer: {answer}"));
        }
        if self.expect.archive.is_empty() && self.expect.comment.is_none() {
            return None;
        }
        match archive {
            None => Some("no archive was written".into()),
            Some(bytes) => self.archive_complaint(bytes).err(),
        }
    }

    fn archive_complaint(&self, bytes: &[u8]) -> Result<(), String> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("the archive: {error}"))?;
        if let Some(wanted) = &self.expect.comment {
            let comment = serde_json::from_slice(archive.comment()).unwrap_or(Value::Null);
            difference(wanted, Some(&comment), "comment").map_or(Ok(()), Err)?;
        }
        for (name, wanted) in &self.expect.archive {
            let mut content = Vec::new();
            let mut member = archive.by_name(name).map_err(|error| format!("{name}: {error}"))?;
            member.read_to_end(&mut content).map_err(|error| format!("{name}: {error}"))?;
            member_difference(name, wanted, &content).map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}

/// How a member's content differs from `sha256:HEX` or a subset of its JSON; `.jsonl` members are lists.
pub fn member_difference(name: &str, wanted: &Value, content: &[u8]) -> Option<String> {
    if let Some(digest) = wanted.as_str().and_then(|text| text.strip_prefix("sha256:")) {
        let found = sha256(content);
        return (found != digest).then(|| format!("{name}: sha256 is {found}, {digest} is expected"));
    }
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).map_err(|error| format!("{name}: {error}"));
    let found = if name.ends_with(".jsonl") {
        let lines = content.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        lines.map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
    } else {
        read(content)
    };
    match found {
        Ok(found) => difference(wanted, Some(&found), name),
        Err(error) => Some(error),
    }
}

fn named(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(named).collect(),
        Value::Object(members) => match members.get("$blob") {
            Some(Value::String(name)) => Value::String(name.clone()),
            _ => Value::Object(members.iter().map(|(key, value)| (key.clone(), named(value))).collect()),
        },
        _ => value.clone(),
    }
}

/// One blob.
pub fn blob(name: &str) -> Vec<u8> {
    let path = folder().join("blobs").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of all blobs.
pub fn blob_names() -> Vec<String> {
    let folder = folder().join("blobs");
    let name = |path: &PathBuf| path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
    repository::files(&folder, |_| true).iter().map(name).collect()
}

/// Blobs that no vector mentions. Files in folders are mentioned by configurations.
pub fn unused_blobs(vectors: &[Vector]) -> Vec<String> {
    let requests: Vec<String> = vectors.iter().map(|vector| vector.request.to_string()).collect();
    let is_used = |name: &String| requests.iter().any(|request| request.contains(&format!("{name:?}")));
    blob_names().into_iter().filter(|name| !name.contains('/') && !is_used(name)).collect()
}
