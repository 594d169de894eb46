//! What the parser says about broken syntax, in the words of somebody who writes policies.

use alloc::format;
use alloc::string::String;

use gait_contract::policy::ProblemCode;

use super::Span;
use super::places::Problems;

/// What the parser says, what it means, and what to do.
const MEANINGS: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "a `:` that begins a mapping where none can stand",
        "quote a value that contains `: `, and give the keys of one mapping one indentation",
    ),
    ("simple key expect", "a line that is neither `key: value` nor `- value`", "write `key: value`"),
    ("found unexpected end of stream", "a quote that is never closed", "close it"),
    ("unexpected document indicator", "a quote that is not closed before the end of the document", "close it"),
    ("invalid trailing content", "text behind a closing quote", "quote the value as a whole"),
    (
        "expected ',' or ']'",
        "`,` or `]` is expected here",
        "separate the values of a list by `,` and close it with `]`",
    ),
    (
        "expected ',' or '}'",
        "`,` or `}` is expected here",
        "separate the entries of a mapping by `,` and close it with `}`",
    ),
    ("misplaced bracket", "a closing bracket without an opening one", "remove it, or quote the value"),
    (
        "unknown escape character",
        "an unknown escape in double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    ("invalid Unicode character escape", "an escape that is no character", "write the character itself"),
    (
        "expected hexadecimal number",
        "too few hex digits in an escape",
        "write `\\x` with 2, `\\u` with 4 or `\\U` with 8 of them",
    ),
    ("comment intercepting", "a comment inside a value of several lines", "put the comment on a line before the value"),
    ("comments must be separated", "a `#` right behind a value", "put a blank before a comment"),
    ("unexpected character", "a value cannot begin with this character", "quote it"),
    ("did not find expected key", "a key is expected here", "give the keys of one mapping one indentation"),
    (
        "expected '-' indicator",
        "an element of the list is expected here",
        "give the elements of one list one indentation",
    ),
    ("block sequence entries are not allowed", "a list cannot begin here", "begin it on a line of its own"),
    ("is only valid inside a block", "a `-` between brackets", "separate the values by `,`"),
    ("must be followed by a valid YAML whitespace", "a tab where a blank belongs", "use blanks"),
    ("indent", "the indentation fits nothing above", "give the keys of one mapping one indentation"),
    ("did not find expected node content", "a value is missing here", "write one, or `null`"),
    ("found unprintable", "a character that cannot stand here", "quote the value"),
    ("directive", "a directive", "remove the line; policies need none"),
    ("<document start>", "text behind the end of the document", "remove it"),
    ("tag", "a tag", "remove it; `!!str` is the only tag, and quotes do the same"),
    ("anchor or alias", "an anchor or alias without a name", "quote a value that begins with `&` or `*`"),
];

/// Whether the parser met an alias that has no anchor.
pub(super) fn is_unknown_anchor(info: &str) -> bool {
    info.contains("found unknown anchor")
}

/// Reports why the parser gave up at `offset`. `unclosed` is the place of the innermost bracket that was still open.
pub(super) fn report(text: &str, info: &str, offset: usize, unclosed: Option<usize>, problems: &mut Problems) {
    let at =
        if info.contains("simple key") { line_before(text, offset) } else { Span { start: offset, end: offset + 1 } };
    if info.contains("tab") && tab_lines(text, offset, problems) {
        return;
    }
    if info.contains("recursion limit") {
        let message = "lists and mappings too deep";
        problems.add(ProblemCode::YamlTooLarge, at, message, "no policy needs that");
        return;
    }
    if info.contains("indent") && unclosed.is_some() {
        let help = "indent what stands between brackets, and the closing one, more than the key before them";
        problems.add(ProblemCode::YamlSyntax, at, "too little indentation between brackets", help);
        return;
    }
    let rest_is_blank = text.get(offset..).is_none_or(|rest| rest.trim().is_empty());
    if let Some(start) = unclosed.filter(|_| rest_is_blank) {
        let (open, close) = if text.as_bytes().get(start) == Some(&b'[') { ('[', ']') } else { ('{', '}') };
        let at = Span { start, end: start + 1 };
        let message = format!("`{open}` is never closed");
        problems.add(ProblemCode::YamlSyntax, at, message, format!("close it with `{close}`"));
        return;
    }
    let known = MEANINGS.iter().find(|(said, ..)| info.contains(said));
    let (message, help) = match known {
        Some((_, message, help)) => (String::from(*message), *help),
        None => (format!("no valid YAML: {info}"), ""),
    };
    problems.add(ProblemCode::YamlSyntax, at, message, help);
}

/// The last line with text on it before a place: the parser notices that a line was no entry when it is past it.
fn line_before(text: &str, offset: usize) -> Span {
    let before = text.get(..offset).unwrap_or_default().trim_end();
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    Span { start: before.len() - line.len(), end: before.len() }
}

/// Reports a tab in the indentation.
pub(super) fn tab(offset: usize, problems: &mut Problems) {
    let at = Span { start: offset, end: offset + 1 };
    problems.add(ProblemCode::YamlSyntax, at, "a tab in the indentation", "indent with blanks");
}

/// Reports the tab that stopped the parser and those that indent the lines below it: who indents one line with a tab
/// indents many. False when the line has none.
fn tab_lines(text: &str, offset: usize, problems: &mut Problems) -> bool {
    let mut start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let mut found = false;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(at) = line.get(..indentation).and_then(|indentation| indentation.find('\t')) {
            tab(start + at, problems);
            found = true;
        } else if !found {
            return false;
        }
        start += line.len();
    }
    found
}
