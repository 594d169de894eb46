//! Faults: the error envelope that every host prints, and the stable codes in it.
//!
//! A fault says that something went wrong. A negative answer (`ok: false` without `error`) is no fault.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};
use serde::{Deserialize, Serialize};

use crate::policy::Problem;

/// A fault: its [`Envelope`], behind a pointer. Results are handed on everywhere, faults are rare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fault(Box<Envelope>);

/// The error envelope (schemas contract, C.2). Hosts add `correlation_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename = "Fault")]
pub struct Envelope {
    /// What is wrong, in the user's terms. Wording may improve; nothing may depend on it.
    pub error: String,
    /// Stable token that names the cause.
    pub error_code: Code,
    /// Group of causes; decides the exit code.
    pub error_category: Category,
    /// True when the same call may succeed later without any change.
    pub retryable: bool,
    /// What to do next.
    pub hint: String,
    /// Where: a file, a member, a line and column, as far as they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Every mistake in a policy, in the order of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

impl Deref for Fault {
    type Target = Envelope;

    fn deref(&self) -> &Envelope {
        &self.0
    }
}

impl DerefMut for Fault {
    fn deref_mut(&mut self) -> &mut Envelope {
        &mut self.0
    }
}

impl Fault {
    /// A fault with the category, retryability and hint that belong to its code.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, error: impl Into<String>) -> Self {
        let category = code.category();
        Self(Box::new(Envelope {
            error: error.into(),
            error_code: code,
            error_category: category,
            retryable: category.retryable(),
            hint: code.hint().into(),
            at: None,
            problems: Vec::new(),
        }))
    }

    /// What is behind the pointer.
    pub fn into_envelope(self) -> Envelope {
        *self.0
    }

    /// The same fault with its place. An inner place that is already known stays, after the outer one.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        let mut place = place.into();
        if let Some(inner) = self.at.take() {
            place.push_str(": ");
            place.push_str(&inner);
        }
        self.at = Some(place);
        self
    }

    /// The same fault with a hint that fits better than the code's usual one.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Fault {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Fault".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Envelope::json_schema(generator)
    }
}

/// Groups of causes (schemas contract, C.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Category {
    InvalidInput,
    VerificationFailed,
    PolicyBlocked,
    ApprovalRequired,
    DependencyMissing,
    IoFailure,
    StateContention,
    NetworkTransient,
    NetworkPermanent,
    InternalFailure,
}

impl Category {
    /// True when the same call may succeed later without any change.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::StateContention | Self::NetworkTransient)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $token:literal, $category:ident, $hint:literal;)*) => {
        /// Stable names of causes. A code is for ever; its hint may improve.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[allow(missing_docs, reason = "the tokens and hints in the table are the documentation")]
        pub enum Code { $($(#[$doc])* #[serde(rename = $token)] $name,)* }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The token in `error_code`.
            pub const fn token(self) -> &'static str {
                match self { $(Self::$name => $token,)* }
            }

            /// The category the code belongs to.
            pub const fn category(self) -> Category {
                match self { $(Self::$name => Category::$category,)* }
            }

            /// What a user can usually do about it.
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint,)* }
            }
        }
    };
}

codes! {
    InvalidInput = "invalid_input", InvalidInput, "check the command's usage with `--help`";
    FileNotFound = "file_not_found", InvalidInput, "check the path, or the run id if you gave one";
    FileUnreadable = "file_unreadable", InvalidInput, "check that the path names a readable file";
    FileUnwritable = "file_unwritable", IoFailure, "check that the folder exists, is writable and has free space";
    FileChanged = "file_changed", IoFailure, "another process changed the file while it was read; run the command again";
    KeyInvalid = "key_invalid", InvalidInput, "keys are base64 text of 32 bytes (public) or 64 bytes (private); `gait keys init` makes a pair";
    KeySource = "key_source", InvalidInput, "name one key source: a file or an environment variable";
    KeyMissing = "key_missing", InvalidInput, "give `--public-key FILE` or `--public-key-env NAME`";
    KeyExists = "key_exists", InvalidInput, "keys are not replaced by accident; choose another folder or name, or add `--force`";
    UnsafeOperation = "unsafe_operation", InternalFailure, "real tools run only with `--real-tools --unsafe-real-tools --allow-tools=…` and the unlocking variable set to 1";
    JsonSyntax = "json_syntax", InvalidInput, "the text is not JSON at the place named; mend it there";
    JsonUtf8 = "json_utf8", InvalidInput, "JSON is UTF-8; store the file again in that encoding";
    JsonBom = "json_bom", InvalidInput, "remove the byte-order mark at the start";
    JsonSurrogate = "json_surrogate", InvalidInput, "a lone surrogate escape stands for no character; write the pair or the character itself";
    JsonNumber = "json_number", InvalidInput, "numbers must fit an IEEE double; write larger ones as strings";
    JsonDepth = "json_depth", InvalidInput, "nest fewer than 1,024 levels";
    JsonDuplicateKey = "json_duplicate_key", InvalidInput, "readers disagree about repeated keys; keep one";
    JsonKeyCase = "json_key_case", InvalidInput, "keys are spelled exactly; other readers would take this one for another";
    JsonTrailing = "json_trailing", InvalidInput, "one document only; remove what follows it";
    JsonType = "json_type", InvalidInput, "give the field the type its schema names";
    JsonTooLarge = "json_too_large", InvalidInput, "split the document; the limits stand in docs/contracts/limits.md";
    ZipNotAnArchive = "zip_not_an_archive", InvalidInput, "give a runpack (.zip); `gait demo` makes one";
    ZipTruncated = "zip_truncated", InvalidInput, "the archive was cut off; copy or download it again";
    ZipTooLarge = "zip_too_large", InvalidInput, "gait reads archives below 4 GiB with at most 4,096 members";
    ZipUnsupported = "zip_unsupported", InvalidInput, "write the archive with plain store or deflate, without encryption, disks or zip64";
    ZipHeaderMismatch = "zip_header_mismatch", InvalidInput, "two headers tell different stories about one member; do not trust the archive";
    ZipOverlap = "zip_overlap", InvalidInput, "members share bytes or leave gaps; do not trust the archive";
    ZipAmbiguous = "zip_ambiguous", InvalidInput, "readers disagree about where the archive ends; ask for the original archive";
    ZipUnsafeName = "zip_unsafe_name", InvalidInput, "a member's name leaves the archive; do not unpack it anywhere";
    ZipDuplicateMember = "zip_duplicate_member", VerificationFailed, "readers disagree about which member counts; ask for the original archive";
    ZipNameClash = "zip_name_clash", VerificationFailed, "two names differ only by case, so readers disagree; ask for the original archive";
    ZipMemberTooLarge = "zip_member_too_large", InvalidInput, "a member may hold 104,857,600 bytes";
    ZipMemberCorrupt = "zip_member_corrupt", InvalidInput, "the member's data is damaged; copy or download the archive again";
    ManifestMissing = "manifest_missing", InvalidInput, "the archive holds no manifest.json, so it is no runpack";
    ManifestInvalid = "manifest_invalid", InvalidInput, "manifest.json is not a runpack manifest; ask for the original archive";
    SchemaUnsupported = "schema_unsupported", InvalidInput, "this artifact has another type or a newer version; `gait version` tells what is installed";
    RunpackIncomplete = "runpack_incomplete", InvalidInput, "`gait verify` lists what is missing";
    RunpackTampered = "runpack_tampered", InvalidInput, "`gait verify` lists what does not match; use the original archive";
    RecordTooLarge = "record_too_large", InvalidInput, "one record may hold 10,485,760 bytes";
    RunIdInvalid = "run_id_invalid", InvalidInput, "use letters, digits, `_` and `-`; the run id becomes a file name";
    RecordingEmpty = "recording_empty", InvalidInput, "a replay needs arguments and results; record the conversation with `gait mcp gateway --capture raw`";
    ReplayAmbiguous = "replay_ambiguous", InvalidInput, "an intent id stands twice, so a replay has no single answer";
    ReduceNothing = "reduce_nothing", InvalidInput, "nothing fails in that way; the predicates are missing_result and non_ok_status";
    OutputIsInput = "output_is_input", InvalidInput, "choose another file with `--out`";
    ConfigInvalid = "config_invalid", InvalidInput, "`gait regress init --from <run>` writes a configuration that works";
    FixtureInvalid = "fixture_invalid", InvalidInput, "mend the fixture's fixture.json, or make it again with `gait regress init`";
    FixtureName = "fixture_name", InvalidInput, "names start with a-z or 0-9 and go on with a-z 0-9 . _ -";
    PolicyInvalid = "policy_invalid", InvalidInput, "mend the places named; `gait policy validate FILE` checks again";
    PolicyUnformatted = "policy_unformatted", InvalidInput, "`gait policy fmt --write FILE` formats it";
    PolicyMissing = "policy_missing", InvalidInput, "load a policy first, or name one in the request";
    PolicyExists = "policy_exists", InvalidInput, "policies are not replaced by accident; choose another file with `--out`, or add `--force`";
    IntentInvalid = "intent_invalid", InvalidInput, "mend the intent; its fields stand in docs/contracts/gate.md";
    CallInvalid = "call_invalid", InvalidInput, "mend the call; what each adapter reads stands in docs/contracts/mcp.md";
    ProfileUnmet = "profile_unmet", InvalidInput, "profile oss-prod has conditions; docs/contracts/gate.md lists them";
    ApprovalRequestInvalid = "approval_request_invalid", InvalidInput, "`gait approve --help` shows a call that works";
    TimeMissing = "time_missing", InvalidInput, "the request must say what time it is";
    BrokerInvalid = "broker_invalid", InvalidInput, "brokers are off, stub, env and command; `gait gate eval --help` tells what each needs";
    RateLimitStateInvalid = "rate_limit_state_invalid", InvalidInput, "restore the state file, or remove it to count from zero";
    RateLimitLockTimeout = "rate_limit_lock_timeout", StateContention, "another process holds the lock; try again, or remove the lock file if that process is gone";
    RateLimitLockAcquireFailed = "rate_limit_lock_acquire_failed", IoFailure, "check that the folder of the state file is writable";
    RateLimitLockWriteFailed = "rate_limit_lock_write_failed", IoFailure, "check that the disk has free space";
    ClockBackwards = "clock_backwards", StateContention, "the clock stands before a call that was counted already; set it right, or remove the state file";
    RegistryManifestInvalid = "registry_manifest_invalid", InvalidInput, "a manifest names itself, its version and, for a skill, publisher and source; docs/registry.md shows one";
    RegistryNameUnsafe = "registry_name_unsafe", InvalidInput, "pack name and version become folders of the cache; the pack's publisher has to choose others";
    RegistryPublisherRefused = "registry_publisher_refused", VerificationFailed, "add the publisher to `--publisher-allowlist` if you trust it";
    RegistryPinMismatch = "registry_pin_mismatch", VerificationFailed, "the manifest is not the one that was pinned; ask its publisher before you change the pin";
    RegistrySignatureInvalid = "registry_signature_invalid", VerificationFailed, "check that the key is the publisher's, and fetch the manifest again";
    RegistrySourceRefused = "registry_source_refused", VerificationFailed, "remote sources are https, and `--allow-host` names every host on the way";
    RegistryTooLarge = "registry_too_large", VerificationFailed, "a manifest may have 5,242,880 bytes";
    NetworkUnreachable = "network_unreachable", NetworkTransient, "check network and host, then run the command again";
    NetworkAnswer = "network_answer", NetworkPermanent, "check the address; the host was reached and does not have the manifest there";
    McpMessageInvalid = "mcp_message_invalid", InvalidInput, "send JSON-RPC 2.0: an object with `jsonrpc`, and `method` or a result";
    McpIdInvalid = "mcp_id_invalid", InvalidInput, "an id is a text or a whole number, and not null";
    McpKeyAmbiguous = "mcp_key_ambiguous", InvalidInput, "some readers take the two keys for one; spell keys as the protocol does";
    McpMethodRefused = "mcp_method_refused", InvalidInput, "`--pass METHOD` lets a method through, `--judge METHOD` has it judged";
    McpParamsInvalid = "mcp_params_invalid", InvalidInput, "give the parameters the form that the method asks for";
    McpBatchRefused = "mcp_batch_refused", InvalidInput, "only protocol version 2025-03-26 has batches; send one message after the other";
    McpHeaderMismatch = "mcp_header_mismatch", InvalidInput, "the headers of a request must repeat what its body says";
    McpVersionUnsupported = "mcp_version_unsupported", InvalidInput, "use a protocol version that both sides know";
    AdoptionLogInvalid = "adoption_log_invalid", InvalidInput, "mend or remove the line; a log with one bad line is not counted at all";
    AttestationInvalid = "attestation_invalid", InvalidInput, "`gait guard pack --format in-toto` writes attestations that gait reads back";
    EnvelopeInvalid = "envelope_invalid", InvalidInput, "give a file that `gait guard encrypt` wrote";
    DecryptionFailed = "decryption_failed", InvalidInput, "check that it is the key the file was encrypted with, and copy the file again";
    VerificationFailed = "verification_failed", VerificationFailed, "check the artifact and verify it again";
    SigningFailed = "signing_failed", IoFailure, "check the signing key, or record without a signature with `--no-sign`";
    CoreTrap = "core_trap", InternalFailure, "nothing was decided and nothing was written; please report the input that caused this";
    CoreLimit = "core_limit", InternalFailure, "the input needs more memory or work than gait allows; nothing was decided";
    InternalFailure = "internal_failure", InternalFailure, "check the environment and run the command again";
    UnknownOp = "unknown_op", InternalFailure, "host and core are of different versions; install gait again";
}
