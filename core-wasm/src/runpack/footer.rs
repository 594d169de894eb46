//! The ticket footer: one line that names a run and its digest (runpack contract, "Ticket footer").

use alloc::format;
use alloc::string::String;

use gait_contract::verify::{Footer, ReceiptRequest, VerifyRequest};
use gait_contract::{Code, Fault};

use super::verify::verify;
use crate::task::Host;

/// The line for any run id.
pub(crate) fn ticket_footer(run_id: &str, manifest_digest: &str) -> String {
    format!("GAIT run_id={run_id} manifest=sha256:{manifest_digest} verify=\"gait verify {run_id}\"")
}

/// Answers op `run.receipt`: the footer of an archive that verifies, if readers of footers can parse it.
pub(crate) async fn receipt(host: &Host, request: ReceiptRequest) -> Result<Footer, Fault> {
    let report = verify(host, VerifyRequest { archive: request.archive.clone(), ..VerifyRequest::default() }).await?;
    if !report.ok {
        return Err(Fault::new(Code::VerificationFailed, "the runpack does not verify")
            .at(request.archive)
            .hint("`gait verify` lists what does not match; use the original archive"));
    }
    let in_grammar = |text: &str, allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(allowed);
    if !in_grammar(&report.run_id, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return Err(Fault::new(Code::RunIdInvalid, format!("the run id `{}` cannot stand in a footer", report.run_id))
            .at(request.archive)
            .hint("footers hold letters, digits, `_` and `-`; record the run again with `--run-id`"));
    }
    // Verification compares the digest without regard to case; a footer is lower-case.
    let manifest_digest = report.manifest_digest.to_ascii_lowercase();
    Ok(Footer {
        ticket_footer: ticket_footer(&report.run_id, &manifest_digest),
        run_id: report.run_id,
        manifest_digest: report.manifest_digest,
    })
}
