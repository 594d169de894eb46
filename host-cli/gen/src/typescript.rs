//! TypeScript types of everything that crosses the boundary, printed from the schemas.

use std::fmt::Write;

use gait_contract::{Code, Fault};
use serde_json::{Map, Value};

use crate::operations::{PARAMETER, Vocabulary, vocabulary};
use crate::reference::token;
use crate::schemas::plain;

/// Columns of a printed line, comments included.
const WIDTH: usize = 120;

/// `host-js/src/contract.ts`.
pub fn contract() -> String {
    let vocabulary = vocabulary();
    let mut text = String::from(
        "// Types of the boundary, written by `make gen` from core-wasm/contract. What a field means is said there, once.\n",
    );
    let mut printer = Printer { vocabulary: &vocabulary, text: &mut text };
    for (name, schema) in &vocabulary.types {
        printer.declaration(name, schema);
    }
    printer.operations();
    printer.faults();
    text
}

struct Printer<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a mut String,
}

impl Printer<'_> {
    fn declaration(&mut self, name: &str, schema: &Value) {
        self.text.push('\n');
        self.comment(schema, 0);
        let parameter = if is_generic(schema) { format!("<{PARAMETER}>") } else { String::new() };
        match schema.as_object() {
            Some(object) if object.contains_key("properties") => {
                self.put(&format!("export interface {name}{parameter} "));
                self.fields(name, object, 0);
                self.text.push('\n');
            }
            _ => {
                self.put(&format!("export type {name}{parameter} ="));
                self.alternatives(schema);
                self.text.push_str(";\n");
            }
        }
    }

    /// The fields of an object, in braces.
    fn fields(&mut self, name: &str, object: &Map<String, Value>, depth: usize) {
        let required = |field: &str| {
            object.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|name| name == field))
        };
        self.text.push_str("{\n");
        for field in self.vocabulary.order.properties(name, object) {
            let Some(schema) = object.get("properties").and_then(|fields| fields.get(field)) else { continue };
            self.comment(schema, depth + 1);
            let (mark, kind) = match required(field) {
                true => ("", self.kind(schema, depth + 1)),
                // Leaving a field out says the same as `null`, in fewer words.
                false => ("?", without_null(&self.kind(schema, depth + 1))),
            };
            self.line(depth + 1, &format!("{field}{mark}: {kind};"));
        }
        self.indent(depth);
        self.text.push('}');
    }

    /// The members of a union, each with its comment.
    fn alternatives(&mut self, schema: &Value) {
        let words: Vec<Value> = schema["enum"].as_array().into_iter().flatten().map(word_schema).collect();
        let members = schema["oneOf"].as_array().into_iter().flatten().chain(&words);
        let members: Vec<&Value> = members.collect();
        if members.is_empty() {
            let kind = self.kind(schema, 0);
            return self.put(&format!(" {kind}"));
        }
        for member in members {
            self.text.push('\n');
            self.comment(member, 1);
            let kind = self.kind(member, 1);
            self.indent(1);
            self.put(&format!("| {kind}"));
        }
    }

    /// A type as it stands after a field's name.
    fn kind(&mut self, schema: &Value, depth: usize) -> String {
        let Some(object) = schema.as_object() else { return "unknown".into() };
        if let Some(word) = object.get("const") {
            return word.to_string();
        }
        if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            let generic = self.vocabulary.types.get(name).is_some_and(is_generic);
            return if generic { format!("{name}<{PARAMETER}>") } else { name.into() };
        }
        for union in ["oneOf", "anyOf", "enum"] {
            if let Some(members) = object.get(union).and_then(Value::as_array) {
                let members: Vec<String> = members
                    .iter()
                    .map(|member| if union == "enum" { member.to_string() } else { self.kind(member, depth) })
                    .collect();
                return members.join(" | ");
            }
        }
        if object.contains_key("properties") {
            let mut text = String::new();
            Printer { vocabulary: self.vocabulary, text: &mut text }.fields("", object, depth);
            // One plain field needs no lines of its own.
            return match text.lines().collect::<Vec<_>>().as_slice() {
                ["{", field, _] => format!("{{ {} }}", field.trim().trim_end_matches(';')),
                _ => text,
            };
        }
        match object.get("type") {
            Some(Value::Array(types)) => {
                let types: Vec<String> = types.iter().map(|name| self.simple(name, object, depth)).collect();
                types.join(" | ")
            }
            Some(name) => self.simple(name, object, depth),
            None => "unknown".into(),
        }
    }

    fn simple(&mut self, name: &Value, object: &Map<String, Value>, depth: usize) -> String {
        match name.as_str() {
            Some("array") => {
                let items = object.get("items").map_or_else(|| "unknown".into(), |items| self.kind(items, depth));
                if items.contains(' ') { format!("({items})[]") } else { format!("{items}[]") }
            }
            Some("integer" | "number") => "number".into(),
            Some("object") => "Record<string, unknown>".into(),
            Some(name) => name.into(),
            None => "unknown".into(),
        }
    }

    fn operations(&mut self) {
        self.text
            .push_str("\n/** Every operation of the core: what goes in, and what comes out unless it is a fault. */\n");
        self.text.push_str("export interface Operations {\n");
        for operation in &self.vocabulary.operations {
            let (op, request, reply) = (operation.op, &operation.request, &operation.reply);
            self.line(1, &format!("\"{op}\": {{ request: {request}; reply: {reply} }};"));
        }
        self.text.push_str("}\n");
    }

    fn faults(&mut self) {
        self.text.push_str("\n/** What belongs to each code: its category and its usual hint. */\n");
        self.text.push_str("export const FAULTS: Readonly<Record<Code, Pick<Fault, \"error_category\" | \"retryable\" | \"hint\">>> = {\n");
        for &code in Code::ALL {
            let fault = Fault::new(code, "");
            let category = token(&fault.error_category);
            let hint = Value::from(fault.hint.as_str());
            let retryable = fault.retryable;
            self.line(
                1,
                &format!(
                    "{}: {{ error_category: \"{category}\", retryable: {retryable}, hint: {hint} }},",
                    code.token()
                ),
            );
        }
        self.text.push_str("};\n");
    }

    fn comment(&mut self, schema: &Value, depth: usize) {
        let Some(description) = schema.get("description").and_then(Value::as_str) else { return };
        let description = plain(description).replace("*/", "* /");
        let one_line = format!("/** {description} */");
        if !description.contains('\n') && one_line.len() + 2 * depth <= WIDTH {
            return self.line(depth, &one_line);
        }
        self.line(depth, "/**");
        for paragraph in description.split('\n') {
            for line in wrapped(paragraph, WIDTH - 2 * depth - 3) {
                self.line(depth, format!(" * {line}").trim_end());
            }
        }
        self.line(depth, " */");
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.indent(depth);
        self.put(text);
        self.text.push('\n');
    }

    fn indent(&mut self, depth: usize) {
        self.put(&"  ".repeat(depth));
    }

    fn put(&mut self, text: &str) {
        // Writing to a string cannot fail.
        let _ = self.text.write_str(text);
    }
}

fn word_schema(word: &Value) -> Value {
    serde_json::json!({ "const": word })
}

/// True for types that leave their reply open.
fn is_generic(schema: &Value) -> bool {
    schema.to_string().contains(&format!("\"#/$defs/{PARAMETER}\""))
}

fn without_null(kind: &str) -> String {
    kind.replace(" | null", "")
}

fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}
