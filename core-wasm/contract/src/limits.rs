//! Sizes, depths and counts past which input is refused. Every parser of the core reads these.

/// Uncompressed bytes of one archive member (runpack contract, section 8).
pub const MEMBER_BYTES: u64 = 104_857_600;
/// Bytes of one line of a `.jsonl` member (runpack contract, section 9).
pub const LINE_BYTES: usize = 10_485_760;
/// Bytes of one JSON document that is read as a whole (manifest, configuration, fixture).
pub const DOCUMENT_BYTES: usize = 16 * 1_048_576;
/// Nesting of JSON arrays and objects.
pub const JSON_DEPTH: usize = 1_024;
/// Members of one archive.
pub const ZIP_MEMBERS: usize = 4_096;
/// Bytes of the central directory of one archive.
pub const ZIP_DIRECTORY_BYTES: u64 = 4 * 1_048_576;
/// Bytes of an archive that gait opens at all; beyond it zip needs 64-bit records, which gait refuses.
pub const ARCHIVE_BYTES: u64 = 0xFFFF_FFFE;
/// Records (lines) of one `.jsonl` member that comparing commands keep track of.
pub const RECORDS: usize = 1_000_000;
/// Bytes of the outline of one runpack that one instance hands to another.
pub const OUTLINE_BYTES: usize = 256 * 1_048_576;
/// Bytes moved across the boundary in one step. Larger calls keep JavaScript engines in their slow tier.
pub const CHUNK_BYTES: usize = 1_048_576;
/// Receipts, timeline events and files together may not make one document larger than this.
pub const RECORD_DOCUMENT_BYTES: usize = 104_857_600;
/// Fixtures in one regress configuration.
pub const FIXTURES: usize = 10_000;
/// Signature entries looked at in one artifact.
pub const SIGNATURES: usize = 64;
/// Bytes of one policy: 10,000 rules of the usual length have about 3,000,000.
pub const POLICY_BYTES: usize = 8 * 1_048_576;
/// Bytes of one snapshot of what is known about MCP servers.
pub const TRUST_BYTES: usize = 4 * 1_048_576;
/// Nesting of lists and mappings in a policy, what its aliases stand for included.
pub const POLICY_DEPTH: usize = 64;
/// Scalars, lists and mappings of one policy as it is written.
pub const POLICY_NODES: usize = 1_000_000;
/// Scalars, lists and mappings that the aliases of one policy stand for.
pub const POLICY_ALIAS_NODES: usize = 10_000;
/// Bytes of one key of a policy.
pub const POLICY_KEY_BYTES: usize = 250;
/// Problems of one policy that are reported.
pub const POLICY_PROBLEMS: usize = 100;
/// Bytes of one line of an adoption log.
pub const EVENT_BYTES: usize = 1_048_576;
/// Bytes of a registry manifest that is fetched over the network.
pub const REGISTRY_BYTES: usize = 5 * 1_048_576;
/// Bytes of one message of an MCP conversation.
pub const MCP_MESSAGE_BYTES: usize = DOCUMENT_BYTES;
/// Messages in one batch.
pub const MCP_BATCH: usize = 100;
/// Servers behind one gateway.
pub const MCP_SERVERS: usize = 32;
/// Bytes of an id of a message.
pub const MCP_ID_BYTES: usize = 1_024;
