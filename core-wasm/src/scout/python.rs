//! Tools in Python files, found line by line: nothing is run, imported or understood (scout contract, section 3).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::order;

/// What a file defines, by the framework it is written for.
pub(super) struct Tools {
    /// Names of LangChain tools.
    pub(super) langchain: Vec<String>,
    /// Names of OpenAI Agents tools.
    pub(super) openai_agents: Vec<String>,
}

/// The tools of a file; `stem` is its name without extension, which stands in where nothing is defined.
pub(super) fn tools(bytes: &[u8], stem: &str) -> Tools {
    let text = &String::from_utf8_lossy(bytes);
    let mut definitions: Vec<String> = Vec::new();
    let (mut is_tool, mut is_function_tool) = (false, false);
    for line in text.split('\n') {
        let line = line.trim_ascii_start();
        is_tool |= is_decorated(line, "@tool");
        is_function_tool |= is_decorated(line, "@function_tool");
        definitions.extend(definition(line).map(ToString::to_string));
    }
    if definitions.is_empty() {
        definitions.push(stem.to_string());
    }
    let mut definitions = order::set(definitions);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let langchain = is_tool || has(&["StructuredTool.from_function", "Tool("]);
    let openai_agents = is_function_tool || has(&["from agents import", "openai.agents", "tools=["]);
    let langchain = if langchain { definitions.clone() } else { Vec::new() };
    if openai_agents {
        names(text, &mut definitions);
    } else {
        definitions.clear();
    }
    Tools { langchain, openai_agents: order::set(definitions) }
}

/// A line that begins with the decorator, and has nothing or a parenthesis after it.
fn is_decorated(line: &str, decorator: &str) -> bool {
    line.strip_prefix(decorator).map(str::trim_ascii_start).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
}

/// The name that a line defines.
fn definition(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("def")?;
    let named = rest.trim_ascii_start();
    if named.len() == rest.len() {
        return None;
    }
    let (name, rest) = word(named, |c| c.is_ascii_alphanumeric() || c == '_')?;
    let starts = name.starts_with(|first: char| !first.is_ascii_digit());
    (starts && rest.trim_ascii_start().starts_with('(')).then_some(name)
}

/// Every quoted argument `name=` or `tool_name=` whose value looks like a name.
fn names(text: &str, found: &mut Vec<String>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("name") {
        rest = after;
        if let Some((name, after)) = argument(rest) {
            found.push(name.to_string());
            rest = after;
        }
    }
}

/// `="value"` with any white space around the sign, in quotes of either kind.
fn argument(text: &str) -> Option<(&str, &str)> {
    let value = text.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
    let (name, after) = word(value.strip_prefix(['"', '\''])?, named)?;
    Some((name, after.strip_prefix(['"', '\''])?))
}

/// The longest run of such characters, and what follows it; at least one.
fn word(text: &str, belongs: fn(char) -> bool) -> Option<(&str, &str)> {
    let length = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(length).filter(|(word, _)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::tools;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let tools = tools(text.as_bytes(), "stem");
        (tools.langchain, tools.openai_agents)
    }

    #[track_caller]
    fn finds(text: &str, langchain: &[&str], openai_agents: &[&str]) {
        let (one, other) = found(text);
        assert_eq!(
            (one, other),
            (
                langchain.iter().map(|name| (*name).into()).collect(),
                openai_agents.iter().map(|name| (*name).into()).collect()
            ),
            "{text}"
        );
    }

    #[test]
    fn decorators_and_words_tell_the_framework() {
        finds("@tool\ndef b(x):\n\ndef a ( y ):\n", &["a", "b"], &[]);
        finds("  @tool ( 'n' )\r\n\tdef\ta(x)\r\n", &["a"], &[]);
        finds("@function_tool\r\ndef a(): pass", &[], &["a"]);
        finds("kit = MyTool(", &["stem"], &[]);
        finds("from agents import x\nAgent(name = 'a.b:c-d', tool_name=\n \"e\")\ndef f(", &[], &["a.b:c-d", "e", "f"]);
        finds("@tool\n@function_tool\ndef a(): pass", &["a"], &["a"]);
    }

    #[test]
    fn what_only_looks_like_it_does_not_count() {
        finds("@toolbox\ndef a(): pass", &[], &[]);
        finds("@tool # comment\ndef a(): pass", &[], &[]);
        finds("# @tool\ndef a(): pass", &[], &[]);
        finds("@tool\nasync def a(): pass\ndefine(x)\ndef 1a(x)\ndef é(x)\ndef a\n", &["stem"], &[]);
        finds("tools=[\nname='no blanks', name=x, name='', name='open", &[], &["stem"]);
        finds("", &[], &[]);
    }

    #[test]
    fn bytes_that_are_no_text_hurt_nobody() {
        let tools = tools(b"@tool\n\xFF\xFE\ndef a\xFF(x)\ndef b(\xFF", "stem");
        assert_eq!(tools.langchain, ["b"]);
    }
}
