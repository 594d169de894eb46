//! An open archive: its members, its comment, and the way to their content.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::limits::{ARCHIVE_BYTES, CHUNK_BYTES, MEMBER_BYTES};
use gait_contract::{Code, Fault};
use sha2::{Digest, Sha256};

use super::Refusal;
use super::member::MemberReader;
use super::structure::{self, Member};
use super::window::Window;
use crate::digest::hex;
use crate::order;
use crate::task::{Host, source_fault};

/// An archive whose structure has been checked.
pub(crate) struct Archive {
    pub(super) source: String,
    pub(super) size: u64,
    members: Vec<Member>,
    /// Positions in `members`, sorted by name.
    by_name: Vec<usize>,
    comment: Vec<u8>,
    /// The bytes of an archive that came in one piece.
    pub(super) whole: Option<Vec<u8>>,
}

impl Archive {
    /// Opens `source`, reads its directory, and checks it against all local headers.
    /// An archive of at most [`CHUNK_BYTES`] costs one open and one read.
    pub(crate) async fn open(host: &Host, source: &str) -> Result<Self, Fault> {
        let size = host.open(source).await.map_err(|error| source_fault(source, &error))?;
        if size > ARCHIVE_BYTES {
            return Err(Refusal::new(Code::ZipTooLarge, format!("the file has {size} bytes")).at(source));
        }
        Self::read(Window::new(host, source, size)).await
    }

    /// Opens an archive that is a member of another one, from its content.
    pub(crate) async fn within(host: &Host, outer: &Self, content: Vec<u8>) -> Result<Self, Fault> {
        Self::read(Window::holding(host, &outer.source, content)).await
    }

    async fn read(mut window: Window<'_>) -> Result<Self, Fault> {
        let (source, size) = (window.source.to_string(), window.size);
        let (members, comment) = structure::read(&mut window).await?;
        let name = |at: usize| members.get(at).map_or("", |member: &Member| &member.name);
        let by_name = order::numbers(members.len(), &mut |one, other| name(one).cmp(name(other)));
        let whole = window.into_whole();
        Ok(Self { source, size, members, by_name, comment, whole })
    }

    /// All members, in the order of the directory.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with exactly this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Member> {
        let named = |at: &usize| self.members.get(*at).map(|member| member.name.as_str()).cmp(&Some(name));
        let at = self.by_name.binary_search_by(named).ok()?;
        self.members.get(*self.by_name.get(at)?)
    }

    /// The comment behind the end record.
    pub(crate) fn comment(&self) -> &[u8] {
        &self.comment
    }

    /// Reads one member piece by piece.
    pub(crate) fn reader<'a>(&'a self, host: &'a Host, member: &'a Member) -> MemberReader<'a> {
        MemberReader::new(self, host, member)
    }

    /// Reads one member as a whole, when it has at most `limit` bytes.
    pub(crate) async fn read_all(&self, host: &Host, member: &Member, limit: usize) -> Result<Vec<u8>, Fault> {
        if member.uncompressed > limit as u64 && member.uncompressed <= MEMBER_BYTES {
            let text = format!("the document has {} bytes, at most {limit} are read", member.uncompressed);
            return Err(Refusal::new(Code::JsonTooLarge, text).of(&member.name).at(&self.source));
        }
        self.reader(host, member).read_all().await
    }

    /// SHA-256 of the archive's bytes, lower-case hex, and their number.
    pub(crate) async fn digest(&self, host: &Host) -> Result<(String, u64), Fault> {
        let mut sha256 = Sha256::new();
        if let Some(whole) = &self.whole {
            sha256.update(whole);
        } else {
            let mut offset = 0;
            while offset < self.size {
                let length = usize::try_from(self.size - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
                sha256.update(host.read(&self.source, offset, length).await?);
                offset += length as u64;
            }
        }
        Ok((hex(&sha256.finalize()), self.size))
    }
}
