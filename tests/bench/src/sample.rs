//! Run records to measure with: the tool calls of a support agent, the same on every machine.

use std::fmt::Write;

/// A generator of numbers that are the same everywhere (a linear congruence; nothing here is secret).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

const TOOLS: [&str; 6] = ["crm.lookup", "orders.search", "refund.quote", "mail.draft", "kb.fetch", "ticket.update"];
const WORDS: [&str; 40] = [
    "order",
    "refund",
    "customer",
    "invoice",
    "shipment",
    "delayed",
    "parcel",
    "account",
    "address",
    "confirmed",
    "the",
    "a",
    "was",
    "has",
    "been",
    "not",
    "yet",
    "please",
    "check",
    "and",
    "again",
    "before",
    "after",
    "monday",
    "item",
    "damaged",
    "replacement",
    "warehouse",
    "north",
    "south",
    "priority",
    "standard",
    "express",
    "policy",
    "limit",
    "above",
    "below",
    "amount",
    "currency",
    "note",
];

/// A record of about `bytes` bytes. `changed` alters one argument in every hundredth call.
pub(crate) fn record(run_id: &str, bytes: usize, changed: bool) -> String {
    let mut numbers = Numbers(7);
    let mut intents = String::with_capacity(bytes);
    let mut results = String::with_capacity(bytes);
    let mut call = 0;
    while intents.len() + results.len() < bytes {
        let tool = TOOLS[numbers.below(6) as usize];
        let customer = numbers.below(90_000) + 10_000;
        let limit = if changed && call % 100 == 0 { 51 } else { 50 };
        let note = text(&mut numbers, 60);
        write!(
            intents,
            r#"{}{{"intent_id":"call-{call:07}","tool_name":"{tool}","args":{{"customer":{customer},"limit":{limit},"note":"{note}","page":{{"size":20,"cursor":"c{:08x}"}}}},"args_digest":"{:064x}"}}"#,
            if call == 0 { "" } else { "," },
            numbers.below(1 << 31),
            customer * 7_919 + call,
        )
        .expect("strings can be written to");
        let body = text(&mut numbers, 80);
        write!(
            results,
            r#"{}{{"intent_id":"call-{call:07}","status":"ok","result":{{"items":[{{"id":{},"state":"open","total":{}.{:02}}}],"text":"{body}"}},"result_digest":"{:064x}"}}"#,
            if call == 0 { "" } else { "," },
            numbers.below(1_000_000),
            numbers.below(900),
            numbers.below(100),
            customer * 104_729 + call,
        )
        .expect("strings can be written to");
        call += 1;
    }
    format!(
        r#"{{"run":{{"run_id":"{run_id}","created_at":"2026-03-11T09:15:00Z","producer_version":"bench","env":{{"os":"linux","arch":"any","runtime":"bench"}},"timeline":[]}},"intents":[{intents}],"results":[{results}],"refs":{{"receipts":[]}},"capture_mode":"raw"}}"#
    )
}

fn text(numbers: &mut Numbers, words: usize) -> String {
    let mut text = String::new();
    for at in 0..words {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(WORDS[numbers.below(40) as usize]);
    }
    text
}
