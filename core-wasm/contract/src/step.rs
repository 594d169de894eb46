//! How a host and a running operation talk: the core asks, the host answers, until there is a reply.
//!
//! The core does no I/O. An operation that needs bytes of an archive, or a place to put bytes, says so in a
//! [`Step`]; the host does it and continues the operation. `docs/architecture.md` draws the conversation.

use alloc::string::String;
use serde::{Deserialize, Serialize};

/// What a running operation wants next. `Write` carries bytes after the JSON of its frame ([`crate::frame`]); `R` is the operation's reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Step"))]
#[serde(rename_all = "snake_case")]
pub enum Step<R> {
    /// Find a source. Answer: [`Answer::Size`] or [`Answer::Failed`].
    Open {
        /// The source's name: a path as the request or a configuration spelled it.
        source: String,
    },
    /// Hand over `length` bytes from `offset`. Answer: exactly these bytes, or [`Answer::Failed`].
    Read {
        /// A source that was opened, or a stream that was written.
        source: String,
        /// First byte.
        offset: u64,
        /// Number of bytes, at most [`crate::limits::CHUNK_BYTES`]; none when the core only ends a long step.
        length: u64,
    },
    /// Append the frame's bytes to a stream. Answer: no bytes, or [`Answer::Failed`].
    Write {
        /// `archive` for the result; names that start with `scratch/` are read back and then forgotten.
        stream: String,
    },
    /// Sign a digest with the caller's key. Answer: [`Answer::Signature`], or [`Answer::Failed`].
    Sign {
        /// Lower-case hex of the 32 bytes to sign.
        digest: String,
    },
    /// The operation is done.
    Reply(R),
    /// The operation failed; nothing was decided.
    Fault(crate::Fault),
}

/// What the host answers, as JSON, to steps that do not want raw bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The source exists and has this many bytes.
    Size(u64),
    /// A signature over the digest.
    Signature {
        /// SHA-256 of the raw public key, lower-case hex.
        key_id: String,
        /// Standard base64 of the 64-byte Ed25519 signature.
        sig: String,
    },
    /// It could not be done.
    Failed(SourceError),
}

/// Why a host could not do what a step asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceError {
    /// What kind of failure it was.
    pub kind: SourceErrorKind,
    /// The operating system's words.
    pub message: String,
}

/// Kinds of failure a host can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceErrorKind {
    /// Nothing has that name.
    NotFound,
    /// There is something, but its bytes cannot be had (a folder, no permission, a read error).
    Unreadable,
    /// Fewer bytes than announced: the source changed while it was read.
    Changed,
    /// The bytes could not be stored.
    Unwritable,
    /// The signing key could not be used.
    Signing,
}
