//! `summary.pdf`: one page of text, laid out so that equal evidence gives equal bytes (guard contract, section 3).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Timestamp;

use super::evidence::Member;

/// Names of members that the page has room for.
const LISTED: usize = 8;

/// What the page says.
pub(super) struct Summary<'a> {
    pub(super) run_id: &'a str,
    pub(super) case_id: &'a str,
    pub(super) template_id: &'a str,
    /// In UTC and whole seconds.
    pub(super) generated: &'a Timestamp,
    /// The evidence, sorted by name.
    pub(super) members: &'a [Member],
}

/// The bytes of the file.
pub(super) fn render(summary: &Summary<'_>) -> Vec<u8> {
    let mut content = String::from("BT\n/F1 10 Tf\n50 760 Td\n");
    for (place, line) in lines(summary).iter().enumerate() {
        if place > 0 {
            content.push_str("0 -14 Td\n");
        }
        content.push_str(&format!("({}) Tj\n", escape(line)));
    }
    content.push_str("ET");
    let stream = format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len());
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        &stream,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = String::new();
    for (number, object) in (1..).zip(objects) {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 6\n0000000000 65535 f \n{places}"));
    file.push_str(&format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    file.into_bytes()
}

fn lines(summary: &Summary<'_>) -> Vec<String> {
    let mut lines = Vec::from([
        String::from("Gait Evidence Pack Summary"),
        format!("Run ID: {}", summary.run_id.trim()),
        format!("Case ID: {}", summary.case_id),
        format!("Template: {}", summary.template_id),
        format!("Generated: {}", summary.generated),
        format!("Evidence Files: {}", summary.members.len()),
    ]);
    lines.extend(summary.members.iter().take(LISTED).map(|member| format!("- {}", member.name)));
    lines
}

/// A text between parentheses. Nothing else needs an escape.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}
