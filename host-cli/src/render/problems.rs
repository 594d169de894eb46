//! Problems of a policy, drawn into the lines they are about, the way compilers do.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use gait_contract::Fault;
use gait_contract::policy::Problem;

use super::text::{hidden, printable};

/// Columns of a drawing; longer lines are cut around the span.
const WIDTH: usize = 120;

/// How bad problems are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Warning,
}

/// The file that a fault's problems are in.
pub(super) fn path(fault: &Fault) -> &str {
    let at = fault.at.as_deref().unwrap_or_default();
    let first = fault.problems.first().map(|problem| format!(":{}:{}", problem.line, problem.column));
    first.and_then(|place| at.strip_suffix(&place)).unwrap_or(at)
}

/// All problems with their lines, and how many there are. Escape codes are for the printer to drop where they are not
/// wanted.
pub(super) fn drawn(problems: &[Problem], path: &str, kind: Kind) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let renderer = Renderer::styled().term_width(WIDTH);
    let level = match kind {
        Kind::Error => Level::ERROR,
        Kind::Warning => Level::WARNING,
    };
    let path = printable(path);
    let mut text = String::new();
    for problem in problems {
        let line = shown(&problem.source);
        let title = level.clone().primary_title(printable(&problem.message));
        let mut group = if line.is_empty() && problem.column > 1 {
            // The line is too long to be shown.
            let place = Origin::path(path.as_ref()).line(problem.line as usize);
            title.element(place.char_column(problem.column as usize))
        } else {
            let span = AnnotationKind::Primary.span(span(&line, problem.column, problem.length));
            let line = Snippet::source(line.as_str()).line_start(problem.line as usize);
            title.element(line.path(path.as_ref()).annotation(span))
        };
        if !problem.help.is_empty() {
            group = group.element(Level::HELP.message(printable(&problem.help)));
        }
        text.push('\n');
        text.push_str(&renderer.render(&[group]));
        text.push('\n');
    }
    let (noun, plural) = match kind {
        Kind::Error => ("problem", "problems"),
        Kind::Warning => ("warning", "warnings"),
    };
    let noun = if problems.len() == 1 { noun } else { plural };
    text.push_str(&format!("\n{path}: {} {noun}\n", problems.len()));
    text
}

/// The line with everything invisible replaced, one character by one, so that columns stay what they are.
fn shown(line: &str) -> String {
    line.chars().map(|c| if hidden(c) && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The bytes of a span that is counted in characters from 1. What lies behind the line's end points at the end.
fn span(line: &str, column: u32, length: u32) -> std::ops::Range<usize> {
    let place = |characters: usize| line.char_indices().nth(characters).map_or(line.len(), |(place, _)| place);
    let start = (column as usize).saturating_sub(1);
    place(start)..place(start + (length as usize).max(1))
}

#[cfg(test)]
mod tests {
    use gait_contract::Code;

    use super::*;

    fn problem(line: u32, column: u32, length: u32, source: &str) -> Problem {
        let (message, help) = ("unknown key `tool_name`".into(), "did you mean `tool_names`?".into());
        Problem { message, help, line, column, length, source: source.into(), ..Problem::default() }
    }

    fn plain(problems: &[Problem]) -> String {
        anstream::adapter::strip_str(&drawn(problems, "p.yaml", Kind::Error)).to_string()
    }

    #[test]
    fn a_problem_is_drawn_into_its_line() {
        let drawn = plain(&[problem(12, 5, 9, "    tool_name: [x]")]);
        let wanted = "
error: unknown key `tool_name`
  --> p.yaml:12:5
   |
12 |     tool_name: [x]
   |     ^^^^^^^^^
   |
   = help: did you mean `tool_names`?

p.yaml: 1 problem
";
        assert_eq!(drawn, wanted);
    }

    #[test]
    fn odd_lines_are_drawn_all_the_same() {
        for (source, column, length) in
            [("", 1, 1), ("ab", 3, 1), ("ab", 9, 9), ("ß\u{1b}[2J: 潮", 1, 400), ("\tx", 2, 1), ("a", 0, 0)]
        {
            let drawn = plain(&[problem(1, column, length, source), problem(u32::MAX, column, length, source)]);
            assert!(drawn.contains("p.yaml: 2 problems"), "{drawn}");
            assert!(!drawn.contains('\u{1b}'), "{drawn}");
        }
        assert!(plain(&[problem(3, 1_200, 4, "")]).contains("--> p.yaml:3:1200\n"));
        let long = "x".repeat(100_000);
        assert!(plain(&[problem(1, 50_000, 3, &long)]).len() < 10_000);
    }

    #[test]
    fn the_file_is_what_comes_before_the_first_place() {
        let mut fault = Fault::new(Code::PolicyInvalid, "no").at("d:1/p.yaml:12:5");
        fault.problems.push(problem(12, 5, 9, ""));
        assert_eq!(path(&fault), "d:1/p.yaml");
        fault.problems.clear();
        assert_eq!(path(&fault), "d:1/p.yaml:12:5");
    }
}
