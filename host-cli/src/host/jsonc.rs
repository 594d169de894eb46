//! JSON with comments, the way editors keep their settings: where its values stand, so that one of them can be changed
//! and everything else, comments and layout included, stays as it is.
//!
//! Settings of other programs only. Evidence is read by the core, which is stricter.

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;

/// A text and the places of its values.
pub struct Settings {
    source: String,
    /// The text as plain JSON: comments and commas at the end of lists are blanks, everything else is where it was.
    plain: String,
}

/// A member of an object.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub key: Range<usize>,
    /// Where its value stands.
    pub value: Range<usize>,
}

impl Settings {
    /// Reads a text; what is wrong and where, if it is not JSON even without its comments.
    pub fn read(source: String) -> Result<Self, String> {
        let plain = without_comments(&source);
        serde_json::from_str::<IgnoredAny>(&plain).map_err(|error| error.to_string())?;
        Ok(Self { source, plain })
    }

    /// The text as it came.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where the outermost value stands.
    pub fn root(&self) -> Range<usize> {
        let start = self.skip_blanks(0);
        start..self.end(start)
    }

    /// The value at a place.
    pub fn value(&self, place: &Range<usize>) -> Value {
        self.plain.get(place.clone()).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The members of the object at a place, in order; none when no object stands there.
    pub fn members(&self, place: &Range<usize>) -> Vec<Member> {
        let mut members = Vec::new();
        for key in self.parts(place, b'{') {
            let value = self.skip_blanks(self.skip_blanks(key.end) + 1);
            let Value::String(name) = self.value(&key) else { break };
            members.push(Member { name, key, value: value..self.end(value) });
        }
        members
    }

    /// The places of the elements of the list at a place; none when no list stands there.
    pub fn elements(&self, place: &Range<usize>) -> Vec<Range<usize>> {
        self.parts(place, b'[')
    }

    /// What stands between the beginning of the line and a place, if that is nothing but blanks.
    pub fn indentation(&self, place: usize) -> Option<&str> {
        let before = self.source.get(..place)?;
        let line = &before[before.rfind('\n')? + 1..];
        line.chars().all(|c| matches!(c, ' ' | '\t')).then_some(line)
    }

    /// The text with other texts at some places, which are given in order.
    pub fn changed(&self, changes: &[(Range<usize>, String)]) -> String {
        let mut text = self.source.clone();
        for (place, new) in changes.iter().rev() {
            text.replace_range(place.clone(), new);
        }
        text
    }

    /// First values between the brackets at a place: elements of a list, names of an object's members.
    fn parts(&self, place: &Range<usize>, open: u8) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        if self.byte(place.start) != Some(open) {
            return parts;
        }
        let mut at = self.skip_blanks(place.start + 1);
        while at < place.end && !matches!(self.byte(at), None | Some(b'}' | b']')) {
            let part = at..self.end(at);
            at = self.skip_blanks(part.end);
            if self.byte(at) == Some(b':') {
                at = self.skip_blanks(self.end(self.skip_blanks(at + 1)));
            }
            if self.byte(at) == Some(b',') {
                at = self.skip_blanks(at + 1);
            }
            parts.push(part);
        }
        parts
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.plain.as_bytes().get(at).copied()
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| byte.is_ascii_whitespace()) {
            at += 1;
        }
        at
    }

    /// Where the value that begins here ends. The text is known to be JSON, so counting brackets is enough.
    fn end(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'"' => at = string_end(self.plain.as_bytes(), at) - 1,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return at,
                b'}' | b']' => depth -= 1,
                _ if depth > 0 => {}
                b',' | b':' => return at,
                _ if byte.is_ascii_whitespace() => return at,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 1;
            if depth == 0 {
                return at;
            }
        }
        at
    }
}

/// The place behind a text that begins here.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The text with blanks where comments and commas at the end of lists were, byte by byte.
fn without_comments(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    // The last two bytes that mean something, and where the last one stands.
    let (mut before, mut last, mut last_at) = (0, 0, 0);
    while at < bytes.len() {
        let end = match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => string_end(&bytes, at),
            (b'/', Some(b'/')) => {
                bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end)
            }
            (b'/', Some(b'*')) => {
                let close = bytes[at + 2..].windows(2).position(|pair| pair == b"*/");
                // One without an end stays, and so is no JSON.
                close.map_or(at + 1, |close| at + close + 4)
            }
            _ => at + 1,
        };
        if bytes[at] == b'/' && end > at + 1 {
            let comment = &mut bytes[at..end];
            comment.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        } else if !bytes[at].is_ascii_whitespace() {
            if matches!(bytes[at], b'}' | b']') && last == b',' && !matches!(before, b'[' | b'{' | b',' | b':') {
                bytes[last_at] = b' ';
            }
            (before, last, last_at) = (last, bytes[at], at);
        }
        at = end.min(bytes.len());
    }
    // Only whole characters were replaced, by ASCII.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"// the team's servers, "quoted" {
{
  /* "a": [ */ "servers": {
    "files": { "command": "np\"x}", "args": [ "-y", /* ß */ "]x", ], "n": -1.5e3, },
    "ünï": {"url": "http://x//y"}, // end
  },
}
"#;

    fn read(text: &str) -> Settings {
        Settings::read(text.to_owned()).expect("settings")
    }

    fn member(settings: &Settings, place: &Range<usize>, name: &str) -> Range<usize> {
        settings.members(place).into_iter().find(|member| member.name == name).expect("a member").value
    }

    #[test]
    fn values_stand_where_they_are() {
        let settings = read(TEXT);
        let servers = member(&settings, &settings.root(), "servers");
        let names: Vec<_> = settings.members(&servers).into_iter().map(|member| member.name).collect();
        assert_eq!(names, ["files", "ünï"]);
        let files = member(&settings, &servers, "files");
        let args = member(&settings, &files, "args");
        let shown: Vec<_> = settings.elements(&args).into_iter().map(|place| &TEXT[place]).collect();
        assert_eq!(shown, ["\"-y\"", "\"]x\""]);
        assert_eq!(settings.value(&files)["command"], "np\"x}");
        assert_eq!(settings.value(&member(&settings, &files, "n")), -1500.0);
        assert_eq!(settings.value(&member(&settings, &servers, "ünï"))["url"], "http://x//y");
        assert!(settings.elements(&files).is_empty() && settings.members(&args).is_empty());
        let key = settings.members(&servers).remove(0).key;
        assert_eq!(settings.indentation(key.start), Some("    "));
        assert_eq!(settings.indentation(args.start), None);
    }

    #[test]
    fn one_place_changes_and_nothing_else() {
        let settings = read(TEXT);
        let files = member(&settings, &member(&settings, &settings.root(), "servers"), "files");
        let command = member(&settings, &files, "command");
        let at = settings.elements(&member(&settings, &files, "args"))[0].start;
        let changed = settings.changed(&[(command, "\"gait\"".into()), (at..at, "\"--\", ".into())]);
        assert_eq!(changed, TEXT.replace(r#""np\"x}""#, "\"gait\"").replace("[ \"-y\"", "[ \"--\", \"-y\""));
        assert_eq!(settings.changed(&[]), settings.source());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in
            ["", "{", "{\"a\":}", "[,]", "[1,,]", "{,}", "/* {}", "{} {}", "{'a': 1}", "\u{feff}{}", "[1 2]", "\"\\"]
        {
            assert!(Settings::read(text.to_owned()).is_err(), "{text:?}");
        }
        for text in ["{}", "[]", " 7 ", "\"x\"", "[1,]", "{\"a\":[],}", "[[],]//x", "//\r\n{}"] {
            let settings = read(text);
            let root = settings.root();
            assert_eq!(
                settings.members(&root).len() + settings.elements(&root).len(),
                usize::from(text.contains(',') || text.contains("[[")),
                "{text}"
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let deep = read(&deep);
        assert_eq!(deep.elements(&deep.root()).len(), 1);
        assert_eq!(deep.value(&deep.root()), Value::Null, "too deep to be looked at");
    }
}
