//! The world of the fuzz targets: one source with the fuzzer's bytes, whatever its name.

use gait_contract::frame;
use gait_core::Core;

/// Runs an operation with `bytes` as every source it asks for; the JSON of its last step.
pub fn run(op: &str, request: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut core = Core::default();
    let mut reply = core.call(op, request.to_vec());
    loop {
        let (json, _) = frame::read(&reply).expect("a frame is as long as it says");
        if json.starts_with(b"{\"reply\"") || json.starts_with(b"{\"fault\"") {
            return json.to_vec();
        }
        reply = if json.starts_with(b"{\"open\"") {
            core.call("answer", format!("{{\"size\":{}}}", bytes.len()).into_bytes())
        } else if json.starts_with(b"{\"read\"") {
            let (from, to) = (number(json, "\"offset\":"), number(json, "\"length\":"));
            core.call("continue", bytes.get(from..from + to).unwrap_or_default().to_vec())
        } else {
            core.call("continue", Vec::new())
        };
    }
}

fn number(json: &[u8], key: &str) -> usize {
    let text = String::from_utf8_lossy(json);
    let digits = text.split(key).nth(1).unwrap_or_default();
    digits.chars().take_while(char::is_ascii_digit).fold(0, |value, digit| value * 10 + (digit as usize - '0' as usize))
}
