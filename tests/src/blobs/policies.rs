//! Policies that no editor writes: too long for a vector, or in another encoding. The others stand beside their vectors.

use super::{Blobs, blob};

const PLAIN: &str = "default_verdict: block\n";

pub(super) fn blobs() -> Blobs {
    let policy = |name: &str, bytes: Vec<u8>| blob(&format!("policy_{name}.yaml"), bytes);
    let rule =
        |number: usize| format!("- {{name: r{number:04}, effect: block, match: {{tool_names: [t{number:04}]}}}}\n");
    let tools: Vec<String> = (0..132_000).map(|number| format!("t{number:06}")).collect();
    let long = format!("rules:\n- name: r\n  effect: block\n  match: {{tool_names: [{}]}}\n", tools.join(","));
    assert!(long.len() > 1 << 20);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        policy("rules_10000", (0..10_000).fold("rules:\n".to_owned(), |text, number| text + &rule(number)).into()),
        policy("one_megabyte", long.into()),
        policy("bom", format!("\u{feff}{PLAIN}").into()),
        policy("utf16", utf16(&format!("\u{feff}{PLAIN}"))),
        policy("utf16_no_mark", utf16(PLAIN)),
        policy("latin1", [PLAIN.as_bytes(), b"# caf\xe9s\n"].concat()),
        policy("control", b"# \x1b[2J\ndefault_verdict: block\n".to_vec()),
        policy("overlong", b"# \xc0\xaf\ndefault_verdict: block\n".to_vec()),
    ]
}
