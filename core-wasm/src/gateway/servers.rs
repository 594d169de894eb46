//! The file that names the servers behind a gateway: how each is reached, and what is known about its tools. The keys of
//! clients' own configurations (`mcpServers`, `command`, `args`, `env`, `url`, `headers`) mean the same here.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::intent::ArgProvenance;
use gait_contract::mcp_servers::{
    McpHeader, McpServer, McpServers, McpServersRequest, McpTarget, McpTool, McpUpstream,
};
use gait_contract::policy::{Problem, ProblemCode};
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::policy::{Reader, SOURCES, TARGET_KINDS, places};
use crate::task::Host;
use crate::text::fold;
use crate::yaml::{self, Entry, Node, Value};

const TOP: [&str; 2] = ["servers", "mcpServers"];
const SERVER: [&str; 14] = [
    "command",
    "args",
    "env",
    "cwd",
    "url",
    "headers",
    "bearer_env",
    "type",
    "workspace",
    "risk_class",
    "arg_provenance",
    "tools",
    "disabled",
    "server_id",
];
const TOOL: [&str; 3] = ["workspace", "risk_class", "targets"];
const TARGET: [&str; 4] = ["argument", "kind", "operation", "sensitivity"];
const PROVENANCE: [&str; 4] = ["arg_path", "source", "source_ref", "integrity_digest"];
const RISKS: [&str; 4] = ["low", "medium", "high", "critical"];
const TYPES: [&str; 4] = ["stdio", "http", "streamable-http", "sse"];

/// Answers op `mcp.servers`.
pub(crate) async fn servers(host: &Host, request: McpServersRequest) -> Result<McpServers, Fault> {
    let text = document::read_within(host, &request.servers, limits::POLICY_BYTES).await?;
    read(&text).map_err(|problems| invalid(&request.servers, problems))
}

fn invalid(source: &str, problems: Vec<Problem>) -> Fault {
    let first = problems.first().map(|first| (first.message.as_str(), first.line, first.column));
    let (what, line, column) = first.unwrap_or_default();
    let mut fault = Fault::new(Code::ConfigInvalid, format!("the list of servers is not valid: {what}"))
        .at(format!("{source}:{line}:{column}"))
        .hint("each entry below `servers` has a name, and a `command` or a `url`");
    fault.problems = problems;
    fault
}

fn read(text: &[u8]) -> Result<McpServers, Vec<Problem>> {
    let document = yaml::read(text)?;
    let mut reader = Reader { document: &document, problems: Vec::new(), warnings: Vec::new() };
    let mut servers = Vec::new();
    if let Some(root) = &document.root {
        let fields = reader.fields(Some(root), "the list of servers", &TOP, Some("x-")).unwrap_or_default();
        let [servers_, clients] = places(&fields);
        if let (Some(_), Some(twice)) = (servers_, clients) {
            let help = "keep one of them";
            reader.problem(ProblemCode::DuplicateKey, twice.at, "`servers` and `mcpServers` mean the same", help);
        }
        for entry in entries(&mut reader, servers_.or(clients), "servers") {
            servers.extend(server(&mut reader, entry));
        }
        if servers.is_empty() && reader.problems.is_empty() {
            reader.problem(ProblemCode::MissingValue, root.at, "no server is named", "name one below `servers`");
        }
        if servers.len() > limits::MCP_SERVERS {
            let message = format!("there are more than {} servers", limits::MCP_SERVERS);
            reader.problem(ProblemCode::OutOfRange, root.at, message, "start another gateway for the others");
        }
    } else {
        let start = yaml::Span { start: 0, end: 0 };
        reader.problem(ProblemCode::MissingValue, start, "no server is named", "name one below `servers`");
    }
    // One alone shows its tools by their own names; it is still known by the name it was given.
    if let [only] = servers.as_mut_slice() {
        let name = core::mem::take(&mut only.upstream.name);
        if only.upstream.server_id.is_empty() {
            only.upstream.server_id = name;
        }
    }
    let Reader { mut problems, .. } = reader;
    problems.truncate(limits::POLICY_PROBLEMS);
    if problems.is_empty() { Ok(McpServers { servers }) } else { Err(problems) }
}

/// The entries of a mapping whose keys are anybody's.
fn entries<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, name: &str) -> &'d [Entry<'t>] {
    match node.map(|node| (&node.value, node.at)) {
        None | Some((Value::Null, _)) => &[],
        Some((Value::Map(entries), _)) => entries,
        Some((_, at)) => {
            let message = format!("`{name}`: a mapping is expected");
            reader.problem(ProblemCode::WrongType, at, message, "write `name: value` lines");
            &[]
        }
    }
}

/// One server; `None` when it is switched off.
fn server<'d, 't>(reader: &mut Reader<'d, 't>, entry: &'d Entry<'t>) -> Option<McpServer> {
    let name = entry.key.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
        let message = format!("`{}` cannot be the name of a server", entry.key.escape_debug());
        let help = "names are letters, digits, `-` and `_`, at most 64 of them";
        reader.problem(ProblemCode::UnknownValue, entry.key_at, message, help);
    }
    let fields = reader.fields(Some(&entry.value), name, &SERVER, Some("x-")).unwrap_or_default();
    let [command, args, env, cwd, url, headers, bearer, kind, workspace, risk, provenance, tools, disabled, id] =
        places(&fields);
    let program = reader.text(command, "command");
    let mut started: Vec<String> = Vec::new();
    if !program.is_empty() {
        started.push(program);
        // Arguments are handed on as they are, empty ones too.
        for node in reader.nodes(args, "args") {
            match node.text() {
                Ok(text) => started.push(text.unwrap_or_default().to_string()),
                Err(_) => started.push(reader.text(Some(node), "args")),
            }
        }
    }
    let server = McpServer {
        upstream: McpUpstream {
            name: name.to_string(),
            server_id: reader.text(id, "server_id"),
            workspace: reader.text(workspace, "workspace"),
            risk_class: word(reader, risk, "risk_class", &RISKS),
            arg_provenance: reader
                .nodes(provenance, "arg_provenance")
                .iter()
                .map(|node| origin(reader, node))
                .collect(),
            tools: entries(reader, tools, "tools").iter().map(|entry| tool(reader, entry)).collect(),
        },
        command: started,
        env: variables(reader, env),
        cwd: reader.text(cwd, "cwd"),
        url: reader.text(url, "url"),
        headers: entries(reader, headers, "headers").iter().map(|entry| header(reader, entry)).collect(),
        bearer_env: reader.text(bearer, "bearer_env"),
    };
    let kind = reader.word(kind, "type", &TYPES);
    let wrong = match (server.command.is_empty(), server.url.is_empty()) {
        (true, true) => Some("neither a `command` nor a `url`"),
        (false, false) => Some("both a `command` and a `url`"),
        (true, false) if kind == Some(0) => Some("a `url`, and type `stdio`"),
        (false, true) if kind.is_some_and(|kind| kind > 0) => Some("a `command`, and a type for addresses"),
        _ if kind == Some(3) => Some("type `sse`, which was replaced by `http`"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("`{name}` has {wrong}");
        reader.problem(
            ProblemCode::MissingValue,
            entry.key_at,
            message,
            "a server is started by a `command` or reached by a `url`",
        );
    }
    let is_off = reader.boolean(disabled, "disabled").unwrap_or_default();
    (!is_off).then_some(server)
}

/// One of some words, or empty.
fn word<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>, key: &str, words: &[&str]) -> String {
    let found = reader.word(node, key, words).and_then(|place| words.get(place));
    found.map(ToString::to_string).unwrap_or_default()
}

/// Variables; one without a value is gait's own, handed on.
fn variables<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Vec<String> {
    let mut variables = Vec::new();
    for entry in entries(reader, node, "env") {
        if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
            let message = format!("`{}` cannot be the name of a variable", entry.key.escape_debug());
            reader.problem(ProblemCode::UnknownValue, entry.key_at, message, "names have no `=`");
        }
        match entry.value.text() {
            Ok(Some(value)) => variables.push(format!("{}={value}", entry.key)),
            Ok(None) => variables.push(entry.key.to_string()),
            Err(_) => drop(reader.text(Some(&entry.value), "env")),
        }
    }
    variables
}

fn header<'d, 't>(reader: &mut Reader<'d, 't>, entry: &'d Entry<'t>) -> McpHeader {
    let name = entry.key.to_string();
    let value = reader.text(Some(&entry.value), "headers");
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
    let is_clean = value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    if name.is_empty() || !name.bytes().all(is_token) || !is_clean {
        let message = format!("`{}` is no header that can be sent", name.escape_debug());
        reader.problem(ProblemCode::UnknownValue, entry.key_at, message, "names are tokens, values are plain text");
    }
    // What the protocol says, gait says itself; and a token does not stand in a file.
    let folded = fold(&name);
    if folded.starts_with("mcp-")
        || ["accept", "content-type", "content-length", "host", "connection"].contains(&&*folded)
    {
        let message = format!("the header `{name}` is gait's to send");
        reader.problem(ProblemCode::UnknownKey, entry.key_at, message, "leave it out");
    }
    McpHeader { name, value }
}

fn origin<'d, 't>(reader: &mut Reader<'d, 't>, node: &'d Node<'t>) -> ArgProvenance {
    let fields = reader.fields(Some(node), "arg_provenance", &PROVENANCE, None).unwrap_or_default();
    let [path, source, reference, digest] = places(&fields);
    ArgProvenance {
        arg_path: reader.text(path, "arg_path"),
        source: word(reader, source, "source", &SOURCES),
        source_ref: reader.text(reference, "source_ref"),
        integrity_digest: reader.text(digest, "integrity_digest"),
    }
}

fn tool<'d, 't>(reader: &mut Reader<'d, 't>, entry: &'d Entry<'t>) -> McpTool {
    let fields = reader.fields(Some(&entry.value), &entry.key, &TOOL, Some("x-")).unwrap_or_default();
    let [workspace, risk, targets] = places(&fields);
    McpTool {
        name: entry.key.trim().to_string(),
        workspace: reader.text(workspace, "workspace"),
        risk_class: word(reader, risk, "risk_class", &RISKS),
        targets: reader.nodes(targets, "targets").iter().map(|node| target(reader, node)).collect(),
    }
}

fn target<'d, 't>(reader: &mut Reader<'d, 't>, node: &'d Node<'t>) -> McpTarget {
    let fields = reader.fields(Some(node), "targets", &TARGET, None).unwrap_or_default();
    let [argument, kind, operation, sensitivity] = places(&fields);
    let target = McpTarget {
        argument: reader.text(argument, "argument"),
        kind: word(reader, kind, "kind", &TARGET_KINDS),
        operation: reader.text(operation, "operation"),
        sensitivity: reader.text(sensitivity, "sensitivity"),
    };
    if target.argument.is_empty() || kind.is_none() {
        let help = "write `{argument: path, kind: path}`";
        reader.problem(ProblemCode::MissingValue, node.at, "a target names no `argument` or no `kind`", help);
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap_err().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn servers_are_read_with_what_is_known_about_them() {
        let text = "servers:\n  files:\n    command: npx\n    args: [-y, '', 7]\n    env: {A: b, TOKEN: }\n    cwd: /srv\n    risk_class: Low\n    tools:\n      write_file: {risk_class: critical, targets: [{argument: path, kind: path, operation: write}]}\n    arg_provenance: [{arg_path: $.path, source: external}]\n  web:\n    type: http\n    url: https://mcp.example/mcp\n    headers: {X-Team: quay}\n    bearer_env: WEB_TOKEN\n  off: {command: x, disabled: true}\n";
        let servers = read(text.as_bytes()).unwrap().servers;
        let [files, web] = servers.as_slice() else { panic!("{servers:?}") };
        assert_eq!((&*files.upstream.name, files.command.join("|")), ("files", "npx|-y||7".into()));
        assert_eq!((files.env.as_slice(), &*files.cwd), (&["A=b".to_string(), "TOKEN".into()][..], "/srv"));
        assert_eq!((&*files.upstream.risk_class, files.upstream.tools.len()), ("low", 1));
        assert_eq!(files.upstream.arg_provenance[0].source, "external");
        assert_eq!(
            (&*web.url, &*web.headers[0].value, &*web.bearer_env),
            ("https://mcp.example/mcp", "quay", "WEB_TOKEN")
        );
    }

    #[test]
    fn a_clients_configuration_will_do_and_one_server_has_no_name() {
        let text = r#"{"mcpServers": {"files": {"command": "npx", "args": ["a"], "env": {"A": ""}}}}"#;
        let servers = read(text.as_bytes()).unwrap().servers;
        assert_eq!((servers.len(), &*servers[0].upstream.name, &*servers[0].env[0]), (1, "", "A="));
        assert_eq!(servers[0].upstream.server_id, "files");
    }

    #[test]
    fn every_mistake_is_told() {
        assert_eq!(problems(""), ["no server is named"]);
        assert_eq!(problems("servers: {}\n"), ["no server is named"]);
        assert_eq!(problems("servers: [a]\n").len(), 1);
        let text = "servers:\n  a.b: {command: x}\n  c: {}\n  d: {command: x, url: y}\n  e: {command: x, comand: y}\n  f: {url: x, type: sse}\n  g: {url: x, headers: {Mcp-Method: y, 'a b': c}}\n  h: {command: x, tools: {t: {targets: [{kind: file}]}}}\n";
        let told = problems(text);
        for part in [
            "`a.b` cannot",
            "`c` has neither",
            "`d` has both",
            "unknown key `comand`",
            "type `sse`",
            "`Mcp-Method` is gait's",
            "`a b` is no header",
            "unknown value `file`",
            "no `argument`",
        ] {
            assert!(told.iter().any(|problem| problem.contains(part)), "{part}: {told:?}");
        }
        assert!(problems("servers: {a: {command: x}}\nmcpServers: {b: {command: x}}\n")[0].contains("mean the same"));
    }
}
