//! ZIP archives, read strictly and written deterministically; the bytes come and go through the host.
//!
//! - [`records`]: local header, data descriptor, directory entry and end record as bytes
//! - [`names`]: which member names are refused
//! - [`window`]: the part of the archive that is at hand
//! - [`structure`]: the rules that make all readers see the same members, checked when an archive is opened
//! - [`read`]: [`Archive`], with its [`Member`]s
//! - [`member`]: [`MemberReader`]; the content of one member, piece by piece
//! - [`write`]: [`MemberWriter`] and [`write_archive`]

mod member;
mod names;
mod read;
mod records;
mod structure;
#[cfg(test)]
mod tests;
mod window;
mod write;

use alloc::string::String;

use gait_contract::{Code, Fault};

pub(crate) use member::MemberReader;
pub(crate) use read::Archive;
pub(crate) use structure::Member;
pub(crate) use write::{FinishedMember, MemberWriter, WrittenArchive, write_archive};

/// Why an archive is refused, before it is known which file it came from.
#[derive(Debug)]
struct Refusal {
    code: Code,
    text: String,
    /// The member it is about, as it may be shown.
    member: Option<String>,
}

impl Refusal {
    fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), member: None }
    }

    /// The same refusal, about one member.
    fn of(mut self, name: &str) -> Self {
        self.member = Some(names::shown(name));
        self
    }

    /// The refusal as a fault of the archive `source`.
    fn at(self, source: &str) -> Fault {
        let fault = Fault::new(self.code, self.text);
        match self.member {
            Some(member) => fault.at(member).at(source),
            None => fault.at(source),
        }
    }
}
