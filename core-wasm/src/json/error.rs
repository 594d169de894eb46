//! What is wrong with a JSON text.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use gait_contract::{Code, Fault};

/// What is wrong with a text, and at which byte. A pointer: results are handed on everywhere, errors are rare.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonError(Box<Wrong>);

#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    code: Code,
    message: String,
    /// Offset in the text; `None` until somebody knows it.
    offset: Option<usize>,
}

impl JsonError {
    #[cold]
    #[inline(never)]
    pub(crate) fn at(code: Code, message: impl Into<String>, offset: usize) -> Self {
        Self(Box::new(Wrong { code, message: message.into(), offset: Some(offset) }))
    }

    /// An error whose place its reader knows.
    #[cold]
    #[inline(never)]
    pub(crate) fn somewhere(code: Code, message: String) -> Self {
        Self(Box::new(Wrong { code, message, offset: None }))
    }

    /// The same error at `offset`, unless its place is known.
    #[cold]
    #[inline(never)]
    pub(crate) fn or_at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// The cause.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The offset in the text, as far as it is known.
    pub(crate) fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// The fault, still without a place.
    pub(crate) fn without_place(self) -> Fault {
        Fault::new(self.0.code, self.0.message)
    }

    /// The fault, with line and column in `text`.
    #[cold]
    #[inline(never)]
    pub(crate) fn fault(self, text: &[u8]) -> Fault {
        let before = self.offset().and_then(|offset| text.get(..offset)).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // Columns count characters; a text that is no UTF-8 is counted in bytes.
        let column = before
            .get(start..)
            .map_or(1, |line| core::str::from_utf8(line).map_or(line.len(), |line| line.chars().count()) + 1);
        self.without_place().at(format!("{line}:{column}"))
    }
}
