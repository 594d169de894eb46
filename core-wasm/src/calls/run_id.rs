//! Names of runs (mcp contract, section 4): whatever comes in, what goes out can name a file.

use alloc::format;
use alloc::string::String;

/// What every name begins with.
const PREFIX: &str = "run_";

/// The first name that has anything left when it is clean, else one made of the intent's digest.
pub(super) fn choose(wanted: [&str; 2], intent_digest: &str) -> String {
    wanted.into_iter().find_map(clean).unwrap_or_else(|| {
        let short = intent_digest.get(..12).unwrap_or(intent_digest);
        format!("{PREFIX}mcp_{short}")
    })
}

/// Runs of odd characters become one `_`, none stands at either end, and the prefix comes first.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    let mut odd = false;
    for c in text.trim().chars() {
        let plain = c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if plain {
            name.push(c);
        } else if !odd {
            name.push('_');
        }
        odd = !plain;
    }
    let name = name.trim_matches('_');
    match name {
        "" => None,
        name if name.starts_with(PREFIX) => Some(name.into()),
        name => Some(format!("{PREFIX}{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{choose, clean};

    #[test]
    fn names_are_clean() {
        for (given, expected) in [
            (" run_x-1 ", "run_x-1"),
            ("__a__b__", "run_a__b"),
            ("Deploy #4", "run_Deploy_4"),
            ("RUN_A", "run_RUN_A"),
            ("run_", "run_run"),
            ("../../etc/passwd", "run_etc_passwd"),
            ("ß§é night", "run_night"),
            ("a\u{0}b", "run_a_b"),
        ] {
            assert_eq!(clean(given).as_deref(), Some(expected), "{given}");
        }
        for nothing in ["", "  ", "!!!", "___", "é"] {
            assert_eq!(clean(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_first_name_with_anything_in_it_counts() {
        assert_eq!(choose(["!", "b"], "0123456789abcdef"), "run_b");
        assert_eq!(choose(["", " "], "0123456789abcdef"), "run_mcp_0123456789ab");
    }
}
