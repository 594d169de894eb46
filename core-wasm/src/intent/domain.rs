//! The domain that a target's value names (gate contract, 2.3, "Domain inference"). A value that is malformed has
//! none; constraints then count it against the sender.

use alloc::string::String;
use alloc::vec::Vec;

use crate::text::lower;

/// The domain of a trimmed value; empty when its kind has none or none can be read.
pub(super) fn of(kind: &str, value: &str) -> String {
    match kind {
        "host" => of_host(value),
        "url" => of_url(value).unwrap_or_default(),
        _ => String::new(),
    }
}

fn of_host(value: &str) -> String {
    let value = value.strip_prefix("http://").unwrap_or(value);
    let value = value.strip_prefix("https://").unwrap_or(value);
    let end = value.find(['/', ':']).unwrap_or(value.len());
    lower(value.get(..end).unwrap_or_default().trim())
}

fn of_url(value: &str) -> Option<String> {
    if value.bytes().any(|byte| byte < 0x20 || byte == 0x7F) {
        return None;
    }
    let (value, fragment) = value.split_once('#').unwrap_or((value, ""));
    let (has_scheme, rest) = after_scheme(value)?;
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    // Three slashes without a scheme are a path.
    if !has_scheme && rest.starts_with("///") {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if !escapes_are_whole(fragment) || !escapes_are_whole(path) || !is_user_info(user) {
        return None;
    }
    let host = decoded(host_and_port(host)?)?;
    Some(lower(without_brackets(without_port(&host)).trim()))
}

/// What follows the scheme, and whether there is one. A colon without a scheme before it makes no URL.
fn after_scheme(value: &str) -> Option<(bool, &str)> {
    let scheme = value.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    let (before, after) = value.split_at_checked(scheme)?;
    match (before.bytes().next(), after.strip_prefix(':')) {
        (None, Some(_)) => None,
        (Some(first), Some(rest)) if first.is_ascii_alphabetic() => Some((true, rest)),
        _ => Some((false, value)),
    }
}

/// Whether every `%` is followed by two hex digits.
fn escapes_are_whole(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        if escape(after).is_none() {
            return false;
        }
        rest = after;
    }
    true
}

/// The byte that the two hex digits behind a `%` stand for.
fn escape(after: &str) -> Option<u8> {
    let [high, low] = after.as_bytes().first_chunk::<2>()?.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}

fn is_user_info(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    text.bytes().all(allowed) && escapes_are_whole(text)
}

/// The host with its port, if an IPv6 literal is closed and the port is a number.
fn host_and_port(host: &str) -> Option<&str> {
    let is_port = if host.starts_with('[') {
        let after = host.rsplit_once(']')?.1;
        after.is_empty() || after.strip_prefix(':').is_some_and(are_digits)
    } else {
        host.rsplit_once(':').is_none_or(|(_, port)| are_digits(port))
    };
    is_port.then_some(host)
}

/// Digits and nothing else; there may be none.
fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A host without its escapes. Only characters outside ASCII may be escaped, and the `%` before an IPv6 zone:
/// an escaped dot or slash is how a name passes for another.
fn decoded(host: &str) -> Option<String> {
    let zone = if host.starts_with('[') { host.find("%25") } else { None };
    let mut bytes = Vec::with_capacity(host.len());
    let mut at = 0;
    while let Some(byte) = host.as_bytes().get(at).copied() {
        match byte {
            b'%' => {
                let escaped = escape(host.get(at + 1..)?)?;
                if escaped < 0x80 && !(escaped == b'%' && zone.is_some_and(|zone| zone <= at)) {
                    return None;
                }
                bytes.push(escaped);
                at += 3;
            }
            0x80.. => {
                bytes.push(byte);
                at += 1;
            }
            _ if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]<>\"".contains(&byte) => {
                bytes.push(byte);
                at += 1;
            }
            _ => return None,
        }
    }
    Some(text_of(&bytes))
}

/// Bytes as text; each byte that is no part of a character becomes U+FFFD (1.1).
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((before, port)) if are_digits(port) => before,
        _ => host,
    }
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[track_caller]
    fn urls(expected: &[(&str, &str)]) {
        for (value, domain) in expected {
            assert_eq!(of("url", value), *domain, "{value}");
        }
    }

    #[test]
    fn a_host_ends_at_its_first_slash_or_colon() {
        for (value, domain) in [
            ("Tide.example", "tide.example"),
            ("tide.example:22", "tide.example"),
            ("http://tide.example:80/x", "tide.example"),
            ("https://tide.example/a:b", "tide.example"),
            ("http://https://tide.example", "tide.example"),
            ("https://http://tide.example", "http"),
            ("http://http://tide.example", "http"),
            ("HTTP://tide.example", "http"),
            ("user@tide.example", "user@tide.example"),
            ("[::1]:80", "["),
            ("http:// Tide.example /x", "tide.example"),
            ("/x", ""),
            (":22", ""),
            ("http://", ""),
            ("http:///x", ""),
            ("HTTPS.example", "https.example"),
            ("İ.Σ", "i.σ"),
        ] {
            assert_eq!(of("host", value), domain, "{value}");
        }
    }

    #[test]
    fn only_hosts_and_urls_have_a_domain() {
        for kind in ["path", "repo", "bucket", "table", "queue", "topic", "other"] {
            assert_eq!(of(kind, "https://tide.example/x"), "", "{kind}");
        }
    }

    #[test]
    fn control_characters_and_broken_fragments_leave_no_domain() {
        urls(&[
            ("https://tide.example/\u{1}", ""),
            ("https://tide.example/\u{7f}", ""),
            ("https://tide.example/#\u{1f}", ""),
            ("https://tide.example/\u{80}", "tide.example"),
            ("https://tide.example#a", "tide.example"),
            ("https://tide.example/#%41", "tide.example"),
            ("https://tide.example/#%4", ""),
            ("https://tide.example/#%zz", ""),
            ("https://tide.example/#a#%41", "tide.example"),
            ("https://tide.example/#a#%", ""),
        ]);
    }

    #[test]
    fn a_scheme_is_a_letter_and_more() {
        urls(&[
            ("s3+x-1.0://Bucket/key", "bucket"),
            ("HTTPS://tide.example", "tide.example"),
            ("x:tide.example", ""),
            ("x:/tide.example", ""),
            ("mailto:ops@tide.example", ""),
            ("1x://tide.example", ""),
            ("+x://tide.example", ""),
            ("ht_tp://tide.example", ""),
            ("é://tide.example", ""),
            ("://tide.example", ""),
            (":", ""),
            ("", ""),
            ("https", ""),
            ("https:", ""),
            ("https://tide.example?//evil.example", "tide.example"),
            ("https://tide.example?%zz", "tide.example"),
            ("https://tide.example?", "tide.example"),
            ("?https://tide.example", ""),
            ("https:?//tide.example", ""),
            ("https:#//tide.example", ""),
        ]);
    }

    #[test]
    fn an_authority_stands_behind_two_slashes() {
        urls(&[
            ("//cdn.example/x", "cdn.example"),
            ("///cdn.example/x", ""),
            ("https:///nohost", ""),
            ("https:////host", ""),
            ("https://", ""),
            ("//", ""),
            ("tide.example/plain", ""),
            ("/tide.example", ""),
            ("https://tide.example/%41", "tide.example"),
            ("https://tide.example/%4", ""),
            ("https://tide.example/a%zz", ""),
            ("https://tide.example/%", ""),
            ("https://tide.example/é%C3%A9", "tide.example"),
            ("https://tide.example/a b", "tide.example"),
            ("https:\\\\tide.example", ""),
        ]);
    }

    #[test]
    fn user_information_ends_at_the_last_at_sign() {
        urls(&[
            ("https://ops:pw@Berth.example:8443/a?b#c", "berth.example"),
            ("https://a@b@c.example/", "c.example"),
            ("https://@c.example/", "c.example"),
            ("https://tide.example@evil.example", "evil.example"),
            ("https://evil.example/@tide.example", "evil.example"),
            ("https://a-._~!$&'()*+,;=%41:@c.example", "c.example"),
            ("https://a%4@c.example", ""),
            ("https://a%zz@c.example", ""),
            ("https://a b@c.example", ""),
            ("https://a[b@c.example", ""),
            ("https://a\\b@c.example", ""),
            ("https://é@c.example", ""),
            ("https://a@", ""),
        ]);
    }

    #[test]
    fn a_host_is_spelled_in_few_characters() {
        urls(&[
            ("https://tide.example:8443", "tide.example"),
            ("https://tide.example:", "tide.example"),
            ("https://tide.example:port/", ""),
            ("https://tide.example:8 0/", ""),
            ("https://tide.example:-1", ""),
            ("https://a:b:80", "a:b"),
            ("https://a:80:b", ""),
            ("https://:80", ""),
            ("https://a!$&'()*+,;=[]<>\"~_-.b", "a!$&'()*+,;=[]<>\"~_-.b"),
            ("https://tide example", ""),
            ("https://tide\\example", ""),
            ("https://tide{example", ""),
            ("https://tide|example", ""),
            ("https://tide^example", ""),
            ("https://tide`example", ""),
            ("https://Кит.example", "кит.example"),
            ("https://\u{212a}elvin.example", "kelvin.example"),
            ("https://k\u{130}t", "kit"),
        ]);
    }

    #[test]
    fn an_ipv6_literal_is_closed() {
        urls(&[
            ("https://[2001:DB8::1]:443/", "2001:db8::1"),
            ("https://[::1]", "::1"),
            ("https://[::1]:", "::1"),
            ("https://[::1", ""),
            ("https://[::1]x", ""),
            ("https://[::1]:x", ""),
            ("https://[::1]80", ""),
            ("https://[]", ""),
            ("https://[a]b]", "a]b"),
            ("https://x[::1]", ""),
            ("https://x[a]", "x[a]"),
            ("https://[fe80::1%25eth0]:80", "fe80::1%eth0"),
            ("https://[fe80::1%25%25]", "fe80::1%%"),
            ("https://[fe80::1%25a%41]", ""),
            ("https://[fe80::1%41%25a]", ""),
            ("https://[fe80::1%eth0]", ""),
            ("https://[fe80::1%2]", ""),
        ]);
    }

    #[test]
    fn only_characters_outside_ascii_are_escaped() {
        urls(&[
            ("https://caf%C3%A9.example", "café.example"),
            ("https://caf%c3%89.example", "café.example"),
            ("https://tide%2Eexample", ""),
            ("https://evil.example%2F.tide.example", ""),
            ("https://tide%41.example", ""),
            ("https://tide%25.example", ""),
            ("https://tide%00.example", ""),
            ("https://tide%7F.example", ""),
            ("https://tide%.example", ""),
            ("https://tide%C", ""),
            // Each byte that is no character counts as one.
            ("https://a%FF%80b", "a\u{fffd}\u{fffd}b"),
            ("https://%E2%82", "\u{fffd}\u{fffd}"),
            // White space around the decoded host goes last.
            ("https://%E2%80%83tide.example%C2%A0", "tide.example"),
        ]);
    }
}
