//! MCP servers in configurations: the keys of every `mcpServers` and `servers`, at any depth (scout contract,
//! section 3).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::{Code, Fault};

use crate::json::{JsonError, Kind, Scanner, SeenKeys};
use crate::yaml::{self, Node, Value};
use crate::{order, text};

/// Names of the servers of a JSON file.
pub(super) fn in_json(bytes: &[u8]) -> Result<Vec<String>, Fault> {
    json(bytes).map(order::set).map_err(|error| error.fault(bytes))
}

/// Names of the servers of a YAML file.
pub(super) fn in_yaml(bytes: &[u8]) -> Result<Vec<String>, Fault> {
    let document = yaml::read_any(bytes).map_err(|problems| {
        let Some(first) = problems.into_iter().next() else { return Fault::new(Code::ConfigInvalid, "no YAML") };
        Fault::new(Code::ConfigInvalid, first.message).at(format!("{}:{}", first.line, first.column)).hint(first.help)
    })?;
    let mut names = Vec::new();
    if let Some(root) = &document.root {
        yaml_names(root, false, &mut names);
    }
    Ok(order::set(names))
}

fn holds_servers(key: &str) -> bool {
    matches!(text::lower(key.trim()).as_str(), "mcpservers" | "servers")
}

/// A list or an object that is being read.
struct Open {
    /// The keys of an object; lists have none.
    keys: Option<SeenKeys>,
    /// Its keys are names of servers.
    names: bool,
}

/// One walk without recursion: how deep a file is nested is its author's choice.
fn json(bytes: &[u8]) -> Result<Vec<String>, JsonError> {
    let mut scanner = Scanner::new(bytes)?;
    let mut names = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    // Whether the value that comes next stands under a key that holds servers.
    let mut below = false;
    loop {
        let kind = scanner.kind()?;
        if matches!(kind, Kind::Object | Kind::Array) {
            scanner.step();
            scanner.enter()?;
            let keys = (kind == Kind::Object).then(|| scanner.begin_keys());
            open.push(Open { names: below && keys.is_some(), keys });
        } else {
            scanner.skip()?;
        }
        below = false;
        let mut began = matches!(kind, Kind::Object | Kind::Array);
        // Ends whatever ends here; then comes a value, behind its key if it has one.
        loop {
            let Some(innermost) = open.last_mut() else {
                scanner.end()?;
                return Ok(names);
            };
            let (bracket, what) = if innermost.keys.is_some() { (b'}', "`,` or `}`") } else { (b']', "`,` or `]`") };
            let goes_on = if began { scanner.peek() != Some(bracket) } else { scanner.eat(b',') };
            if !goes_on {
                scanner.want(bracket, what)?;
                if let Some(keys) = &innermost.keys {
                    scanner.end_keys(keys);
                }
                scanner.leave();
                open.pop();
                began = false;
                continue;
            }
            if let Some(keys) = &mut innermost.keys {
                let key = scanner.key(keys)?;
                if innermost.names {
                    names.push(key.trim().to_string());
                }
                below = holds_servers(&key);
            }
            break;
        }
    }
}

/// Nesting is bounded by the reader of YAML.
fn yaml_names(node: &Node<'_>, below: bool, names: &mut Vec<String>) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                if below {
                    names.push(entry.key.trim().to_string());
                }
                yaml_names(&entry.value, holds_servers(&entry.key), names);
            }
        }
        Value::List(parts) => parts.iter().for_each(|part| yaml_names(part, false, names)),
        Value::Null | Value::Plain(_) | Value::Text(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{in_json, in_yaml};
    use alloc::string::String;
    use gait_contract::Code;

    #[test]
    fn servers_are_found_at_any_depth() {
        let text = r#"{"a":[{" MCPservers ":{"one":{"servers":{"two":1}}," ":{},"ä":[]}}],"servers":["no"],"x":{"servers":{}}}"#;
        assert_eq!(in_json(text.as_bytes()).unwrap(), ["one", "two", "ä"]);
        assert_eq!(in_yaml(text.as_bytes()).unwrap(), ["one", "two", "ä"]);
        let yaml = "apps:\n- servers: &all\n    log-writer: {}\n    8080: null\n    ~: {}\nmore: {servers: *all}\nservers: [a, b]\n";
        assert_eq!(in_yaml(yaml.as_bytes()).unwrap(), ["8080", "log-writer", "~"]);
        for nothing in ["[]", "1", "null", "\"servers\"", "{\"servers\":null}", "[[{}],[]]", "{}"] {
            assert_eq!(in_json(nothing.as_bytes()).unwrap(), [""; 0], "{nothing}");
            assert_eq!(in_yaml(nothing.as_bytes()).unwrap(), [""; 0], "{nothing}");
        }
        assert_eq!(in_yaml(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn a_server_may_hold_servers() {
        assert_eq!(in_json(br#"{"servers":{"servers":{"x":{}}}}"#).unwrap(), ["servers", "x"]);
        assert_eq!(in_yaml(b"servers: {servers: {x: {}}}").unwrap(), ["servers", "x"]);
    }

    #[test]
    fn yaml_of_other_programs_is_read() {
        let yaml = "servers:\n  a: !Ref x\n  &k b: !!int 1\n---\nservers: {c: {}}\n";
        assert_eq!(in_yaml(yaml.as_bytes()).unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let json = |text: &str| in_json(text.as_bytes()).unwrap_err().error_code;
        assert_eq!(json("{\"a\":1,\"a\":2}"), Code::JsonDuplicateKey);
        assert_eq!(json("{\"a\":[1,]}"), Code::JsonSyntax);
        assert_eq!(json("[1"), Code::JsonSyntax);
        assert_eq!(json("{\"a\" 1}"), Code::JsonSyntax);
        assert_eq!(json("{} {}"), Code::JsonTrailing);
        assert_eq!(json("\u{feff}{}"), Code::JsonBom);
        assert_eq!(json(&"[".repeat(5_000)), Code::JsonDepth);
        assert_eq!(json(&(String::from("{\"servers\":").repeat(5_000))), Code::JsonDepth);
        for text in ["a: 1\na: 2\n", "a: [1\n", "a: *b\n", &"[".repeat(5_000), "&a [*a]"] {
            assert_eq!(in_yaml(text.as_bytes()).unwrap_err().error_code, Code::ConfigInvalid, "{text:.20}");
        }
        let many = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n";
        assert!(in_yaml(many.as_bytes()).is_ok());
    }
}
