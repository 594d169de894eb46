//! Path and domain patterns as the contract describes them (gate contract, 3.5), matched by trying everything.

/// A path pattern matches a value.
pub fn path(pattern: &str, value: &str) -> bool {
    let (pattern, value) = (pattern.trim(), value.trim());
    let below = |folder: &str| value == folder || value.starts_with(&format!("{folder}/"));
    pattern == value || pattern.strip_suffix("/**").is_some_and(below) || glob(pattern, value)
}

/// A domain pattern matches a domain; both are in lower case.
pub fn domain(pattern: &str, domain: &str) -> bool {
    let below = |rest: &str| rest.starts_with('.') && domain.ends_with(rest);
    pattern == domain || pattern.strip_prefix('*').is_some_and(below) || glob(pattern, domain)
}

/// A glob matches the whole text.
pub fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    matches(&pattern, &text)
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => {
            let reach = text.iter().take_while(|c| **c != '/').count();
            (0..=reach).any(|taken| matches(rest, &text[taken..]))
        }
        ['?', rest @ ..] => matches!(text, [c, after @ ..] if *c != '/' && matches(rest, after)),
        ['\\', literal, rest @ ..] => matches!(text, [c, after @ ..] if c == literal && matches(rest, after)),
        ['[', rest @ ..] => match (class(rest), text) {
            (Some((holds, rest)), [c, after @ ..]) => holds(*c) && matches(rest, after),
            _ => false,
        },
        [literal, rest @ ..] => matches!(text, [c, after @ ..] if c == literal && matches(rest, after)),
    }
}

type Class = Box<dyn Fn(char) -> bool>;

/// A class after its `[`, and what follows its `]`.
fn class(mut pattern: &[char]) -> Option<(Class, &[char])> {
    let negated = pattern.first() == Some(&'^');
    if negated {
        pattern = &pattern[1..];
    }
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        if pattern.first() == Some(&']') && !ranges.is_empty() {
            let holds = move |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != negated;
            return Some((Box::new(holds), &pattern[1..]));
        }
        let (low, rest) = one(pattern)?;
        let (high, rest) = if rest.first() == Some(&'-') { one(&rest[1..])? } else { (low, rest) };
        ranges.push((low, high));
        pattern = rest;
    }
}

/// One end of a range.
fn one(pattern: &[char]) -> Option<(char, &[char])> {
    match pattern {
        ['-' | ']', ..] | [] => None,
        ['\\', literal, rest @ ..] => Some((*literal, rest)),
        ['\\'] => None,
        [literal, rest @ ..] => Some((*literal, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::{domain, glob, path};

    #[test]
    fn the_contracts_examples_hold() {
        assert!(path("/srv/**", "/srv") && path("/srv/**", "/srv/a/b") && !path("/srv/**", "/srvx"));
        assert!(path("/srv/*", "/srv/a") && !path("/srv/*", "/srv/a/b"));
        assert!(domain("*.a.b", "x.y.a.b") && !domain("*.a.b", "a.b"));
        assert!(domain("evil.*", "evil.example.com") && domain("10.0.*", "10.0.1.2"));
        assert!(glob("[a-c]x", "bx") && !glob("[^a-c]x", "bx") && glob("[^a]x", "/x") && glob("\\*", "*"));
        assert!(!glob("[a", "a") && !glob("a\\", "a") && !glob("[]", "]"));
    }
}
