//! Tabs that stand where blanks should.

use gait_contract::policy::ProblemCode;

use super::places::Problems;
use super::written::{Kind, Style, Written};
use super::{Span, syntax};

/// Refuses tabs up to `until` that stand where blanks should: before the first character of a line in a block, and in
/// unquoted scalars. In quotes, comments, block scalars and between brackets they are harmless.
pub(super) fn check(written: &Written, until: usize, problems: &mut Problems) {
    let text = written.text;
    let within = text.as_bytes().get(..until).unwrap_or_default();
    let Some(first) = memchr::memchr(b'\t', within) else { return };
    let mut pieces = written.pieces.iter().peekable();
    // What may hold tabs, as far as it has begun: it ends here.
    let mut free_until = 0;
    let mut looked_until = 0;
    for tab in memchr::memchr_iter(b'\t', within.get(first..).unwrap_or_default()).map(|tab| tab + first) {
        while let Some(piece) = pieces.next_if(|piece| piece.at.start <= tab) {
            let body = written.body(piece);
            match &piece.kind {
                Kind::Scalar(_, Style::Plain | Style::Tagged) if body.start <= tab && tab < body.end => {
                    let help = "use blanks, or quote the value";
                    problems.add(ProblemCode::YamlSyntax, Span { start: tab, end: tab + 1 }, "a tab in a value", help);
                }
                Kind::Scalar(..) => free_until = free_until.max(body.end),
                Kind::List | Kind::Map if written.is_flow(piece) => free_until = free_until.max(piece.at.end),
                Kind::List | Kind::Map | Kind::Alias(_) => {}
            }
        }
        // Only the first tab of a line can be part of its indentation.
        if tab < free_until || tab < looked_until {
            continue;
        }
        looked_until = memchr::memchr(b'\n', within.get(tab..).unwrap_or_default()).map_or(until, |end| tab + end);
        let line = text.get(..tab).map_or(0, |before| before.rfind('\n').map_or(0, |end| end + 1));
        let before = text.get(line..tab).unwrap_or_default();
        let after = text.get(tab..looked_until).unwrap_or_default().trim();
        if before.bytes().all(|byte| byte == b' ') && !after.is_empty() && !after.starts_with('#') {
            syntax::tab(tab, problems);
        }
    }
}
