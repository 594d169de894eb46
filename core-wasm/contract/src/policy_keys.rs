//! Every key of a policy: where it stands, what it takes, what it means without it. The reader of policies knows the
//! keys from here, suggests the nearest one from here, and the policy reference is written from here.
//!
//! Reading values and judging calls stay out.

/// One key of a policy (gate contract, 3.2 and 3.4; `match.args` is gait's own).
///
/// What only the reference page needs is there only with the feature `schema`, so that it costs the core nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyKey {
    /// Where the key stands: names joined by `.`, `[]` after a list, `<pointer>` for any JSON pointer.
    pub path: &'static str,
    /// The words the key takes; empty when it takes any value of its kind.
    pub values: &'static [&'static str],
    /// What kind of value it takes.
    #[cfg(feature = "schema")]
    pub kind: &'static str,
    /// The value it has when it is absent or null.
    #[cfg(feature = "schema")]
    pub default: &'static str,
    /// What it says, and how its value is normalized.
    #[cfg(feature = "schema")]
    pub meaning: &'static str,
    /// What is refused besides values of another kind; empty when nothing is.
    #[cfg(feature = "schema")]
    pub refused: &'static str,
}

impl PolicyKey {
    /// The key itself, without the path to it: `window` of `rules[].rate_limit.window`.
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }
}

/// The keys that stand directly in the mapping at `parent`, in the order of the table.
///
/// `parent` is a path as in [`PolicyKey::path`], with `[]` for an element of a list; empty for the policy itself.
pub fn keys_below(parent: &str) -> impl Iterator<Item = &'static PolicyKey> {
    POLICY_KEYS.iter().filter(move |key| key.path.rsplit_once('.').map_or("", |(above, _)| above) == parent)
}

/// Verdicts, as `default_verdict` and `effect` take them.
const VERDICTS: &[&str] = &["allow", "dry_run", "require_approval", "block"];
/// Verdicts that a constraint can turn a call's verdict into.
const ACTIONS: &[&str] = &["block", "require_approval"];
/// Endpoint classes (gate contract, 2.3).
const CLASSES: &[&str] = &[
    "fs.read",
    "fs.write",
    "fs.delete",
    "proc.exec",
    "net.http",
    "net.dns",
    "ui.click",
    "ui.type",
    "ui.navigate",
    "other",
];
/// Endpoint classes that leave the machine.
const EGRESS_CLASSES: &[&str] = &["net.http", "net.dns"];
/// JSON types, as `type` takes them.
const TYPES: &[&str] = &["string", "number", "boolean", "null", "array", "object"];
/// Any value of the kind.
const ANY: &[&str] = &[];

macro_rules! keys {
    ($($path:literal, $kind:literal, $values:expr, default $default:literal, $meaning:literal, refused $refused:literal;)*) => {
        /// All keys, in the order in which a policy is best written. Keys of the policy itself that begin with `x-` are
        /// free and not listed.
        pub const POLICY_KEYS: &[PolicyKey] = &[$(PolicyKey {
            path: $path,
            values: $values,
            #[cfg(feature = "schema")]
            kind: $kind,
            #[cfg(feature = "schema")]
            default: $default,
            #[cfg(feature = "schema")]
            meaning: $meaning,
            #[cfg(feature = "schema")]
            refused: $refused,
        },)*];
    };
}

keys! {
    "schema_id", "text", &["gait.gate.policy"], default "`gait.gate.policy`",
        "Names the format.", refused "any other text";
    "schema_version", "text", &["1.0.0"], default "`1.0.0`",
        "Names the version of the format.", refused "any other text";
    "default_verdict", "word", VERDICTS, default "`require_approval`",
        "The verdict where no rule matches.", refused "any other word";
    "fail_closed", "mapping", ANY, default "off",
        "Blocks calls that say too little about themselves, before any rule is looked at.", refused "";
    "fail_closed.enabled", "boolean", ANY, default "`false`",
        "Switches it on.", refused "";
    "fail_closed.risk_classes", "list of words", ANY, default "`[critical, high]` when on, otherwise `[]`",
        "The risk classes it holds for.", refused "";
    "fail_closed.required_fields", "list of words", &["targets", "arg_provenance", "endpoint_class"], default "`[]`",
        "What such a call must say. A target of class `other` blocks whatever is listed here.", refused "any other word, also while it is off";
    "mcp_trust", "mapping", ANY, default "off; any key but `enabled` switches it on",
        "Wants the MCP server of a call to be one that a local snapshot vouches for. A check that fails makes the verdict more severe, never milder.", refused "";
    "mcp_trust.enabled", "boolean", ANY, default "`false`; any other key switches it on",
        "Switches it on, which still takes a `snapshot`.", refused "";
    "mcp_trust.snapshot", "text", ANY, default "",
        "The file of the snapshot (`gait.mcp.trust_snapshot`), from the folder gait runs in.", refused "a missing or blank path, when it is on";
    "mcp_trust.action", "word", ACTIONS, default "`block`",
        "The verdict when the check fails, unless the rules' is more severe.", refused "any other word";
    "mcp_trust.required_risk_classes", "list of words", ANY, default "`[critical, high]`",
        "The risk classes of calls that need a trusted server. Others only learn the reasons.", refused "";
    "mcp_trust.min_score", "number", ANY, default "`0`: any score",
        "The score that the server must have. One beyond 0 to 1 is of another scale and meets none.", refused "numbers below 0 or above 1";
    "mcp_trust.max_age", "duration", ANY, default "none: any age",
        "How old what is known about the server may be: `720h`, `90m`. An entry that lies as far in the future is as little worth.", refused "what is no duration, or not longer than nothing";
    "mcp_trust.publisher_allowlist", "list of words", ANY, default "`[]`: every publisher",
        "Who may publish the server.", refused "";
    "mcp_trust.require_registry", "boolean", ANY, default "`false`",
        "The server's registry pack must be verified: signature, publisher, and the pin if there is one.", refused "";
    "rules", "list of mappings", ANY, default "`[]`",
        "Looked at by priority; the best priority with a matching rule decides. Their order in the file means nothing.", refused "";
    "rules[].name", "text", ANY, default "",
        "Names the rule in reports, and in the reason of a rule without reason codes.", refused "a missing or blank name";
    "rules[].priority", "whole number", ANY, default "`0`",
        "Smaller comes first. Among matching rules of one priority the most severe verdict wins.", refused "numbers beyond 64 bits";
    "rules[].effect", "word", VERDICTS, default "",
        "The verdict of the rule.", refused "a missing effect or any other word";
    "rules[].match", "mapping", ANY, default "matches every call",
        "What a call must be for the rule to match: every selector given must hold, any one of its values is enough.", refused "";
    "rules[].match.tool_names", "list of words", ANY, default "`[]`",
        "The tool is one of these.", refused "";
    "rules[].match.risk_classes", "list of words", ANY, default "`[]`",
        "The call's risk class is one of these.", refused "";
    "rules[].match.identities", "list of texts", ANY, default "`[]`",
        "Who asks is one of these, in this case of letters.", refused "";
    "rules[].match.workspace_prefixes", "list of texts", ANY, default "`[]`",
        "The workspace begins with one of these. `/srv/app` also begins `/srv/apple`: end a prefix with `/`.", refused "";
    "rules[].match.target_kinds", "list of words", ANY, default "`[]`",
        "A target is of one of these kinds: `path`, `url`, `host`, `repo`, `bucket`, `table`, `queue`, `topic`, `other`. Other words match nothing, which is warned about.", refused "";
    "rules[].match.target_values", "list of texts", ANY, default "`[]`",
        "A target has exactly one of these values.", refused "";
    "rules[].match.endpoint_classes", "list of words", CLASSES, default "`[]`",
        "A target is of one of these classes.", refused "any other word";
    "rules[].match.data_classes", "list of words", ANY, default "`[]`",
        "A target's sensitivity is one of these.", refused "";
    "rules[].match.destination_kinds", "list of words", ANY, default "`[]`",
        "As `target_kinds`.", refused "";
    "rules[].match.destination_values", "list of texts", ANY, default "`[]`",
        "As `target_values`.", refused "";
    "rules[].match.destination_operations", "list of words", ANY, default "`[]`",
        "A target's operation is one of these.", refused "";
    "rules[].match.provenance_sources", "list of words", ANY, default "`[]`",
        "An argument comes from one of these: `user`, `tool_output`, `external`, `system`. Other words match nothing, which is warned about.", refused "";
    "rules[].match.skill_publishers", "list of words", ANY, default "`[]`",
        "The skill that asks was published by one of these; case is ignored on both sides.", refused "";
    "rules[].match.skill_sources", "list of words", ANY, default "`[]`",
        "The skill that asks was taken from one of these.", refused "";
    "rules[].match.args", "mapping of JSON pointers", ANY, default "none",
        "What argument values must be: a pointer (RFC 6901) into the normalized args, and a scalar it must equal or a mapping of conditions that must all hold.", refused "a pointer that is none, a list as a condition, and a mapping without conditions";
    "rules[].match.args.<pointer>.equals", "scalar", ANY, default "",
        "The value is this one. `1` and `1.0` are one number; `1` and `\"1\"` differ.", refused "lists and mappings";
    "rules[].match.args.<pointer>.one_of", "list of scalars", ANY, default "",
        "The value is one of these.", refused "an empty list";
    "rules[].match.args.<pointer>.prefix", "text", ANY, default "",
        "The value is a string that begins with this.", refused "";
    "rules[].match.args.<pointer>.glob", "text", ANY, default "",
        "The value is a string that this pattern matches whole: `*` any run without `/`, `?` one character but `/`, `[a-z]` and `[^a-z]` classes, `\\` before a character that stands for itself.", refused "an unclosed `[`, a trailing `\\`";
    "rules[].match.args.<pointer>.gt", "number", ANY, default "",
        "The value is a number above this one.", refused "";
    "rules[].match.args.<pointer>.gte", "number", ANY, default "",
        "The value is this number or above.", refused "";
    "rules[].match.args.<pointer>.lt", "number", ANY, default "",
        "The value is a number below this one.", refused "";
    "rules[].match.args.<pointer>.lte", "number", ANY, default "",
        "The value is this number or below.", refused "";
    "rules[].match.args.<pointer>.exists", "boolean", ANY, default "",
        "The pointer leads to a value (`null` counts), or with `false` leads nowhere. Every other condition fails where the pointer leads nowhere.", refused "`false` beside other conditions";
    "rules[].match.args.<pointer>.type", "word", TYPES, default "",
        "The value is of this JSON type.", refused "any other word";
    "rules[].match.args_absent", "list of JSON pointers", ANY, default "`[]`",
        "None of these leads to a value.", refused "a pointer that is none";
    "rules[].reason_codes", "list of texts", ANY, default "`matched_rule_<name>`",
        "Why, for people and programs. Without any, the rule's name makes one.", refused "";
    "rules[].violations", "list of texts", ANY, default "`[]`",
        "What a call violates when the rule decides.", refused "";
    "rules[].min_approvals", "whole number", ANY, default "`0`, `1` under `require_approval`",
        "How many approval tokens the call needs.", refused "negative numbers";
    "rules[].require_distinct_approvers", "boolean", ANY, default "`false`, `true` when `min_approvals` is above 1",
        "The tokens must come from different people. More than one approval always asks for it.", refused "";
    "rules[].require_broker_credential", "boolean", ANY, default "`false`",
        "An allowed call also needs a credential from a broker.", refused "";
    "rules[].broker_reference", "text", ANY, default "empty: the tool's name",
        "What the broker is asked for.", refused "";
    "rules[].broker_scopes", "list of words", ANY, default "`[]`",
        "The scopes the broker is asked for.", refused "";
    "rules[].rate_limit", "mapping", ANY, default "off",
        "How many matching calls a window of time may see.", refused "";
    "rules[].rate_limit.requests", "whole number", ANY, default "`0`: no limit",
        "How many calls. Calls are counted whatever their verdict.", refused "negative numbers";
    "rules[].rate_limit.window", "word", &["minute", "hour"], default "`minute`",
        "The window, cut by the clock in UTC.", refused "any other word, when there is a limit";
    "rules[].rate_limit.scope", "word", &["tool", "identity", "tool_identity"], default "`tool_identity`",
        "What is counted together. Rules with the same window and scope share their counters.", refused "any other word, when there is a limit";
    "rules[].dataflow", "mapping", ANY, default "off",
        "Makes the verdict more severe when tainted arguments flow to a destination.", refused "";
    "rules[].dataflow.enabled", "boolean", ANY, default "`false`; any list below switches it on",
        "Switches it on with its defaults.", refused "";
    "rules[].dataflow.tainted_sources", "list of words", ANY, default "`[external, tool_output]`",
        "Arguments from these sources are tainted.", refused "";
    "rules[].dataflow.destination_kinds", "list of words", ANY, default "`[]`",
        "Targets of these kinds are destinations. A target must be on every list given; with no list, targets of kind `host`, `url`, `bucket`, `queue` and `topic` are destinations.", refused "";
    "rules[].dataflow.destination_values", "list of texts", ANY, default "`[]`",
        "Targets with these values are destinations.", refused "";
    "rules[].dataflow.destination_operations", "list of words", ANY, default "`[]`",
        "Targets with these operations are destinations.", refused "";
    "rules[].dataflow.action", "word", ACTIONS, default "`require_approval`",
        "The verdict, unless the rule's is more severe.", refused "any other word, when it is on";
    "rules[].dataflow.reason_code", "text", ANY, default "`dataflow_tainted_destination`",
        "The reason it adds.", refused "";
    "rules[].dataflow.violation", "text", ANY, default "`tainted_dataflow`",
        "The violation it adds.", refused "";
    "rules[].endpoint", "mapping", ANY, default "off",
        "Makes the verdict more severe when a target leaves its bounds.", refused "";
    "rules[].endpoint.enabled", "boolean", ANY, default "`false`; any list below or `destructive_action` switches it on",
        "Switches it on. Alone it never fires.", refused "";
    "rules[].endpoint.path_allowlist", "list of patterns", ANY, default "`[]`: every path",
        "Paths that targets may name: equal, `folder/**` with all below, or a pattern as for `glob`. A path with a `..` segment violates the list.", refused "an unclosed `[`, a trailing `\\`";
    "rules[].endpoint.path_denylist", "list of patterns", ANY, default "`[]`",
        "Paths that targets may not name, in the same language. A path with a `..` segment violates the list.", refused "an unclosed `[`, a trailing `\\`";
    "rules[].endpoint.domain_allowlist", "list of patterns", ANY, default "`[]`: every domain",
        "Domains that targets may name: equal, `*.example.com` for all below, or a pattern. A url or host whose domain cannot be read is not on it.", refused "an unclosed `[`, a trailing `\\`";
    "rules[].endpoint.domain_denylist", "list of patterns", ANY, default "`[]`",
        "Domains that targets may not name. Without an allow list, a url or host whose domain cannot be read is on it.", refused "an unclosed `[`, a trailing `\\`";
    "rules[].endpoint.egress_classes", "list of words", EGRESS_CLASSES, default "`[]`: every class",
        "The ways off the machine that targets may take.", refused "any other word";
    "rules[].endpoint.action", "word", ACTIONS, default "`block`",
        "The verdict, unless the rule's is more severe.", refused "any other word, when it is on";
    "rules[].endpoint.destructive_action", "word", ACTIONS, default "none",
        "The verdict when a target is destructive, unless `action` or the rule's effect is more severe.", refused "any other word";
    "rules[].endpoint.reason_code", "text", ANY, default "`endpoint_constraint_violation`",
        "The reason it adds to the more precise ones.", refused "";
    "rules[].endpoint.violation", "text", ANY, default "`endpoint_constraint_violation`",
        "The violation it adds.", refused "";
}

#[cfg(test)]
mod tests {
    use super::{POLICY_KEYS, keys_below};

    #[test]
    fn every_key_stands_once_and_after_the_mapping_it_is_in() {
        for (index, key) in POLICY_KEYS.iter().enumerate() {
            let (before, _) = POLICY_KEYS.split_at(index);
            assert!(before.iter().all(|other| other.path != key.path), "{}", key.path);
            if let Some((above, _)) = key.path.rsplit_once('.') {
                let above = above.trim_end_matches(".<pointer>").trim_end_matches("[]");
                assert!(before.iter().any(|other| other.path == above), "{}", key.path);
            }
        }
    }

    #[test]
    fn a_mapping_has_its_own_keys_only() {
        let names = |parent| keys_below(parent).map(super::PolicyKey::name).collect::<alloc::vec::Vec<_>>();
        assert_eq!(names(""), ["schema_id", "schema_version", "default_verdict", "fail_closed", "mcp_trust", "rules"]);
        assert_eq!(names("fail_closed"), ["enabled", "risk_classes", "required_fields"]);
        assert_eq!(names("rules[].rate_limit"), ["requests", "window", "scope"]);
        assert_eq!(
            names("rules[].match.args.<pointer>"),
            ["equals", "one_of", "prefix", "glob", "gt", "gte", "lt", "lte", "exists", "type"]
        );
        assert_eq!(names("rules"), [""; 0]);
    }
}
