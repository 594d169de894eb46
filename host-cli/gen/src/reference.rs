//! Reference pages that follow from tables in the code.

use std::fmt::Write;

use gait_contract::{Code, ExitCode, Fault};
use serde::Serialize;

/// `docs/contracts/codes.md`: every code of the error envelope.
pub fn codes() -> String {
    let mut page = String::from(
        "<!-- Written by `make gen` from core-wasm/contract/src/fault.rs. -->\n\
         # Error codes\n\n\
         When something goes wrong, the error envelope names the cause in `error_code`. A code is for ever; the hint and\n\
         the wording of `error` may improve, so nothing should depend on them. A negative answer, such as a runpack that\n\
         does not verify or a regression that fails, is no error: it has `ok: false` and no `error_code`. What a program\n\
         can tell from the number alone stands under [exit codes](exit_codes.md).\n\n\
         | Code | Category | Exit | Retry | Hint |\n|---|---|---|---|---|\n",
    );
    for &code in Code::ALL {
        let fault = Fault::new(code, "");
        let retry = if fault.retryable { "yes" } else { "no" };
        let exit = ExitCode::from(&fault) as u8;
        let hint = fault.hint.replace('|', "\\|");
        let category = token(&fault.error_category);
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{}` | `{category}` | {exit} | {retry} | {hint} |", code.token());
    }
    page
}

/// The word that stands for a unit variant in JSON.
pub(crate) fn token(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_code_has_its_line() {
        let page = super::codes();
        for code in gait_contract::Code::ALL {
            assert!(page.contains(&format!("\n| `{}` | `", code.token())), "{}", code.token());
        }
        assert!(page.contains("| `zip_duplicate_member` | `verification_failed` | 2 | no |"));
        assert!(page.contains("| `unsafe_operation` | `internal_failure` | 8 | no |"));
    }
}
