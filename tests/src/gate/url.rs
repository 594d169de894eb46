//! The domain of a url or a host (gate contract, 2.3), step by step.

use super::intent::lower;

/// The domain of a host: everything from the first `/` or `:` on is cut off.
pub fn host(value: &str) -> String {
    let value = value.strip_prefix("http://").unwrap_or(value);
    let value = value.strip_prefix("https://").unwrap_or(value);
    let value = value.split('/').next().unwrap_or_default();
    lower(value.split(':').next().unwrap_or_default().trim())
}

/// The domain of a url; empty when there is none to be read.
pub fn domain(value: &str) -> String {
    read(value).map(|host| lower(host.trim())).unwrap_or_default()
}

fn read(value: &str) -> Option<String> {
    if value.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return None;
    }
    let (rest, fragment) = value.split_once('#').unwrap_or((value, ""));
    unescaped(fragment, |_| true)?;
    let (scheme, rest) = scheme(rest)?;
    let (rest, _query) = rest.split_once('?').unwrap_or((rest, ""));
    if scheme.is_none() && rest.starts_with("///") {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    unescaped(path, |_| true)?;
    let place = match authority.rsplit_once('@') {
        None => authority,
        Some((user, place)) => {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:!$&'()*+,;=%@".contains(c);
            if !user.chars().all(allowed) {
                return None;
            }
            unescaped(user, |_| true)?;
            place
        }
    };
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(inside) = place.strip_prefix('[') {
        let (inside, behind) = inside.rsplit_once(']')?;
        if !behind.is_empty() && !behind.strip_prefix(':').is_some_and(digits) {
            return None;
        }
        let (address, zone) = inside.split_once("%25").map_or((inside, None), |(address, zone)| (address, Some(zone)));
        let mut read = host_text(address)?;
        if let Some(zone) = zone {
            read.push('%');
            read.push_str(&unescaped(zone, |byte| byte == b'%' || byte >= 0x80)?);
        }
        return Some(read);
    }
    let (name, port) = place.rsplit_once(':').unwrap_or((place, ""));
    if !digits(port) { None } else { host_text(name) }
}

/// The scheme, if there is one, and what follows its colon; `None` when the text begins with a colon.
fn scheme(text: &str) -> Option<(Option<&str>, &str)> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return None,
            ':' => return Some((Some(&text[..at]), &text[at + 1..])),
            _ => break,
        }
    }
    Some((None, text))
}

/// A host with its escapes resolved; only bytes from 0x80 on may be escaped.
fn host_text(host: &str) -> Option<String> {
    let odd = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-._~!$&'()*+,;=:[]<>\"%".contains(c);
    if host.chars().any(odd) { None } else { unescaped(host, |byte| byte >= 0x80) }
}

/// The text with its percent escapes resolved; `None` when one is malformed or stands for a byte that may not be.
fn unescaped(text: &str, allowed: impl Fn(u8) -> bool) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let hex = std::str::from_utf8(after.get(..2)?).ok()?;
        let byte = hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u8::from_str_radix(hex, 16).ok())??;
        if !allowed(byte) {
            return None;
        }
        bytes.push(byte);
        rest = &after[2..];
    }
    // Bytes that are no text become what stands for such.
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{domain, host};

    #[test]
    fn the_contracts_examples_hold() {
        assert_eq!(host("user@h"), "user@h");
        assert_eq!(host("[::1]:80"), "[");
        assert_eq!(host("HTTP://h"), "http");
        assert_eq!(host("https://Tide.example:8/x"), "tide.example");
        assert_eq!(domain("https://Tide.example/x"), "tide.example");
        assert_eq!(domain("HTTPS://u:p@Tide.example:443?q#f"), "tide.example");
        assert_eq!(domain("//tide.example"), "tide.example");
        assert_eq!(domain("http://[FE80::1%25en0]:80/"), "fe80::1%en0");
        for none in
            ["tide.example", "https:/x", "///x", "http://h/%zz", "http://h:x/", "http://a b/", ":x", "http://%41/"]
        {
            assert_eq!(domain(none), "", "{none}");
        }
    }
}
