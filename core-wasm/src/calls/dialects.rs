//! The dialects of others (mcp contract, sections 2 and 8): a name and arguments, and hardly anything beside them.

use alloc::string::String;

use gait_contract::FreeObject;

use super::{Said, beside, lowered, target, trimmed};
use crate::json::{JsonError, Kind, Scanner};
use crate::text::lower;

/// `{"function":{"name":…,"arguments":…}}`.
pub(super) fn openai(scanner: &mut Scanner<'_>) -> Result<Said, JsonError> {
    let mut said = Said::default();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&["function", "server"], &mut |scanner, member| {
        if member == 1 {
            said.draft.server = beside(scanner)?;
            return Ok(());
        }
        scanner.members(&["name", "arguments"], &mut |scanner, field| {
            match field {
                0 => said.draft.tool_name = lowered(scanner)?,
                _ => said.draft.args = object_or_text(scanner)?,
            }
            Ok(())
        })
    })?;
    Ok(said)
}

/// `{"name":…,"input":{…}}`.
pub(super) fn anthropic(scanner: &mut Scanner<'_>) -> Result<Said, JsonError> {
    let mut said = Said::default();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&["name", "input", "server"], &mut |scanner, field| {
        match field {
            0 => said.draft.tool_name = lowered(scanner)?,
            2 => said.draft.server = beside(scanner)?,
            _ => said.draft.args = scanner.trimmed_object()?,
        }
        Ok(())
    })?;
    Ok(said)
}

/// `{"tool":…,"tool_input":…}`.
pub(super) fn langchain(scanner: &mut Scanner<'_>) -> Result<Said, JsonError> {
    let mut said = Said::default();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&["tool", "tool_input", "server"], &mut |scanner, field| {
        match field {
            0 => said.draft.tool_name = lowered(scanner)?,
            2 => said.draft.server = beside(scanner)?,
            _ => said.draft.args = object_or_text(scanner)?,
        }
        Ok(())
    })?;
    Ok(said)
}

/// A hook payload: `{"tool_name":…,"tool_input":…,"session_id":…}`.
pub(super) fn claude_code(scanner: &mut Scanner<'_>) -> Result<Said, JsonError> {
    const FIELDS: [&str; 6] = ["tool_name", "name", "tool_input", "input", "session_id", "server"];
    let mut said = Said::default();
    let (mut names, mut inputs) = ([String::new(), String::new()], [None, None]);
    scanner.of_kind(Kind::Object)?;
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 | 1 => put(&mut names, field, trimmed(scanner)?),
            2 | 3 => put(&mut inputs, field - 2, object_or_text(scanner)?),
            4 => said.draft.context.session_id = trimmed(scanner)?,
            _ => said.draft.server = beside(scanner)?,
        }
        Ok(())
    })?;
    let [tool_name, name] = names;
    let tool = purpose(if tool_name.is_empty() { &name } else { &tool_name });
    let [tool_input, input] = inputs;
    said.draft.args = tool_input.or(input);
    if let Some(args) = &said.draft.args {
        let operation = match tool.as_str() {
            "tool.read" => "read",
            "tool.write" => "write",
            _ => "",
        };
        // The text is canonical, so it reads without an error.
        for (kind, value) in touched(args)? {
            let operation = if kind == "other" { "execute" } else { operation };
            said.draft.targets.push(target(kind, value, operation));
        }
    }
    said.draft.tool_name = tool;
    Ok(said)
}

fn put<T>(places: &mut [T], index: usize, value: T) {
    if let Some(place) = places.get_mut(index) {
        *place = value;
    }
}

/// What a tool is for, by the name the program gives it.
fn purpose(name: &str) -> String {
    let known = lower(name).replace([' ', '_', '-'], "");
    match known.as_str() {
        "" => String::new(),
        "read" | "grep" | "glob" | "webfetch" | "websearch" => "tool.read".into(),
        "write" | "edit" | "notebookedit" => "tool.write".into(),
        "bash" => "tool.exec".into(),
        "task" => "tool.delegate".into(),
        _ if name.contains('.') => lower(name),
        _ => ["tool.", &lower(name).replace([' ', '-'], "_")].concat(),
    }
}

/// The kinds of things a call touches, and the arguments that name them, the first of each kind that says anything.
const NAMING: [(&str, &[&str]); 3] = [
    ("path", &["path", "file_path", "filepath", "file", "notebook_path"]),
    ("url", &["url", "uri"]),
    ("other", &["command", "cmd", "script"]),
];

fn touched(args: &FreeObject) -> Result<impl Iterator<Item = (&'static str, String)>, JsonError> {
    let mut found: [(usize, String); 3] = Default::default();
    for ((_, keys), (best, value)) in NAMING.iter().zip(&mut found) {
        *best = keys.len();
        let mut scanner = Scanner::new(args.as_str().as_bytes())?;
        scanner.members(keys, &mut |scanner, which| {
            if scanner.kind()? != Kind::String {
                return scanner.skip();
            }
            let text = trimmed(scanner)?;
            if which < *best && !text.is_empty() {
                (*best, *value) = (which, text);
            }
            Ok(())
        })?;
    }
    let kinds = NAMING.iter().map(|(kind, _)| *kind);
    Ok(kinds.zip(found).map(|(kind, (_, value))| (kind, value)).filter(|(_, value)| !value.is_empty()))
}

/// Arguments: an object, or text that holds one. Nothing, blank text and `null` are none.
fn object_or_text(scanner: &mut Scanner<'_>) -> Result<Option<FreeObject>, JsonError> {
    if scanner.kind()? != Kind::String {
        return scanner.trimmed_object();
    }
    let at = scanner.offset();
    let text = scanner.string()?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let within = || -> Result<Option<FreeObject>, JsonError> {
        let mut inner = Scanner::new(text.as_bytes())?.replacing_surrogates();
        let object = inner.trimmed_object()?;
        inner.end()?;
        Ok(object)
    };
    // A place inside the text would point somewhere else in the document.
    within()
        .map_err(|error| JsonError::at(error.code(), ["in the text of the arguments: ", error.message()].concat(), at))
}
