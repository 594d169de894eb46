//! A server that answers every request with the same result, to be measured with gait in front of it and without.

use std::io::{BufRead, Write};

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let message: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if !message["id"].is_null() {
            let answer = format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"ok\"}}]}}}}\n",
                message["id"]
            );
            let _ = out.write_all(answer.as_bytes()).and_then(|()| out.flush());
        }
    }
}
