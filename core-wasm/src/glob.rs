//! Patterns for paths and domains (gate contract, 3.5): `*` any run without `/`, `?` one character but `/`, `[a-z]` and
//! `[^a-z]` classes, `\c` a literal. Matching takes time proportional to the product of both lengths at most.

use alloc::vec;
use alloc::vec::Vec;

/// Whether a pattern is well-formed: classes are closed and hold something, and nothing ends in `\`.
pub(crate) fn is_well_formed(pattern: &str) -> bool {
    let mut rest = pattern;
    while !rest.is_empty() {
        let Some((_, after)) = step(rest) else { return false };
        rest = after;
    }
    true
}

/// Whether the whole text matches. A malformed pattern matches nothing: what is wrong with it has to be passed.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    // Most entries of lists are no patterns at all.
    if !pattern.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\')) {
        return pattern == text;
    }
    // A class may take a `/`, which no `*` does: then an earlier `*` may have to give way.
    if pattern.contains('[') {
        return matches_with_classes(pattern, text);
    }
    let (mut pattern, mut text) = (pattern, text);
    // Where the last `*` stood: what follows it, and the text from where it was tried.
    let mut star: Option<(&str, &str)> = None;
    loop {
        match (step(pattern), text.chars().next()) {
            (Some((Piece::Star, after)), _) => {
                star = Some((after, text));
                pattern = after;
                continue;
            }
            (Some((piece, after)), Some(c)) if piece.accepts(c) => {
                pattern = after;
                text = skip(text, c);
                continue;
            }
            (None, None) if pattern.is_empty() => return true,
            _ => {}
        }
        // The last `*` takes one character more, if it may.
        let Some((after, from)) = star else { return false };
        match from.chars().next() {
            Some(c) if c != '/' => {
                let from = skip(from, c);
                star = Some((after, from));
                (pattern, text) = (after, from);
            }
            _ => return false,
        }
    }
}

/// Follows every way through the pattern at once.
fn matches_with_classes(pattern: &str, text: &str) -> bool {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let Some((piece, after)) = step(rest) else { return false };
        pieces.push(piece);
        rest = after;
    }
    // `reached[n]`: the first n pieces have matched the text so far.
    let mut reached = vec![false; pieces.len() + 1];
    let mut next = reached.clone();
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    pass_stars(&pieces, &mut reached);
    for c in text.chars() {
        next.fill(false);
        for (number, piece) in pieces.iter().enumerate() {
            if reached.get(number) != Some(&true) {
                continue;
            }
            let stays = matches!(piece, Piece::Star) && c != '/';
            let goes_on = piece.accepts(c);
            for (place, holds) in [(number, stays), (number + 1, goes_on)] {
                if let Some(cell) = next.get_mut(place).filter(|_| holds) {
                    *cell = true;
                }
            }
        }
        core::mem::swap(&mut reached, &mut next);
        pass_stars(&pieces, &mut reached);
    }
    reached.last() == Some(&true)
}

/// A `*` may match nothing.
fn pass_stars(pieces: &[Piece<'_>], reached: &mut [bool]) {
    for (number, piece) in pieces.iter().enumerate() {
        if matches!(piece, Piece::Star)
            && reached.get(number) == Some(&true)
            && let Some(cell) = reached.get_mut(number + 1)
        {
            *cell = true;
        }
    }
}

fn skip(text: &str, c: char) -> &str {
    text.get(c.len_utf8()..).unwrap_or_default()
}

/// One element of a pattern.
enum Piece<'p> {
    Star,
    Any,
    Literal(char),
    /// What stands between the brackets, without a leading `^`.
    Class {
        negated: bool,
        ranges: &'p str,
    },
}

impl Piece<'_> {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => c != '/',
            Self::Literal(literal) => *literal == c,
            Self::Class { negated, ranges } => {
                let mut rest = *ranges;
                let mut inside = false;
                while let Some((low, high, after)) = range(rest) {
                    inside |= (low..=high).contains(&c);
                    rest = after;
                }
                inside != *negated
            }
        }
    }
}

/// The next element and what follows it; `None` at the end, or where the pattern is malformed.
fn step(pattern: &str) -> Option<(Piece<'_>, &str)> {
    let first = pattern.chars().next()?;
    let rest = skip(pattern, first);
    match first {
        '*' => Some((Piece::Star, rest)),
        '?' => Some((Piece::Any, rest)),
        '\\' => {
            let literal = rest.chars().next()?;
            Some((Piece::Literal(literal), skip(rest, literal)))
        }
        '[' => {
            let (negated, ranges) = match rest.strip_prefix('^') {
                Some(after) => (true, after),
                None => (false, rest),
            };
            let mut after = ranges;
            let mut held = 0;
            while held == 0 || !after.starts_with(']') {
                (_, _, after) = range(after)?;
                held += 1;
            }
            let inside = ranges.get(..ranges.len() - after.len()).unwrap_or_default();
            Some((Piece::Class { negated, ranges: inside }, after.get(1..)?))
        }
        literal => Some((Piece::Literal(literal), rest)),
    }
}

/// One range of a class: a character, or two with `-` between them.
fn range(text: &str) -> Option<(char, char, &str)> {
    let (low, after) = class_char(text)?;
    match after.strip_prefix('-') {
        Some(after) => {
            let (high, after) = class_char(after)?;
            Some((low, high, after))
        }
        None => Some((low, low, after)),
    }
}

fn class_char(text: &str) -> Option<(char, &str)> {
    let first = text.chars().next()?;
    let rest = skip(text, first);
    match first {
        '-' | ']' => None,
        '\\' => {
            let literal = rest.chars().next()?;
            Some((literal, skip(rest, literal)))
        }
        literal => Some((literal, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_well_formed, matches};

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text) in [
            ("", ""),
            ("a", "a"),
            ("*", ""),
            ("*", "abc"),
            ("a*c", "abbbc"),
            ("a*b*c", "aXbYbZc"),
            ("?", "é"),
            ("/srv/*/x", "/srv/a/x"),
            ("[a-c]x", "bx"),
            ("[^a-c]x", "dx"),
            ("[^a]", "/"),
            ("[/]", "/"),
            ("\\*", "*"),
            ("[\\]]", "]"),
            ("[\\-x]", "-"),
            ("evil.*", "evil.example.org"),
            ("10.0.*", "10.0.3.7"),
            ("**", "abc"),
            ("*é", "aé"),
            ("*[^a]*b", "p/qb"),
            ("*[a-c]", "xxb"),
            ("[x]*", "x"),
            ("a*[/]b", "aXX/b"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a", "b"),
            ("*", "a/b"),
            ("a*c", "ab"),
            ("?", "/"),
            ("?", ""),
            ("/srv/**", "/srv/a/b"),
            ("[c-a]", "b"),
            ("[a", "a"),
            ("[a", "[a"),
            ("a\\", "a\\"),
            ("[]a]", "a"),
            ("[-a]", "-"),
            ("*[a]", "x/a"),
            ("[x]*", "x/"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn malformed_patterns_are_known() {
        for pattern in ["[", "[a", "[]", "[^]", "a\\", "[a-", "[a-]", "[-a]", "[a\\", "x[y"] {
            assert!(!is_well_formed(pattern), "{pattern}");
        }
        for pattern in ["", "a]", "[a]", "[a-z0-9]", "\\[", "*?[^/]", "[\\]]"] {
            assert!(is_well_formed(pattern), "{pattern}");
        }
    }

    #[test]
    fn many_stars_do_not_explode() {
        let pattern = "*a".repeat(500);
        let text = "a".repeat(2_000) + "b";
        assert!(!matches(&pattern, &text));
    }
}
