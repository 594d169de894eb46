//! `mcp_trust`: what a policy wants to know about the MCP server of a call (mcp contract, section 8). Reading it only;
//! the check itself is `trust`'s.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::policy::{ProblemCode, Verdict};

use super::problems::Reader;
use super::read::{action, is_blank, places, set};
use crate::duration;
use crate::yaml::{Node, Value};

/// The keys, in the order in which they are read.
const MCP_TRUST: [&str; 8] = [
    "enabled",
    "snapshot",
    "action",
    "required_risk_classes",
    "min_score",
    "max_age",
    "publisher_allowlist",
    "require_registry",
];

/// What a policy wants of servers.
pub(crate) struct Trust {
    /// Source of the snapshot.
    pub(crate) snapshot: String,
    /// The verdict when the check fails: `block` or `require_approval`.
    pub(crate) action: Verdict,
    pub(crate) required_risk_classes: Vec<String>,
    /// From 0 to 1; 0 is no wish.
    pub(crate) min_score: f64,
    /// Nanoseconds.
    pub(crate) max_age: Option<u64>,
    pub(crate) publisher_allowlist: Vec<String>,
    pub(crate) require_registry: bool,
}

impl Trust {
    /// Whether calls of this risk class need a trusted server.
    pub(crate) fn is_required(&self, risk_class: &str) -> bool {
        self.required_risk_classes.iter().any(|class| class == risk_class)
    }

    /// The verdict about a call whose server is not trusted, by the verdict without that. Never a milder one; and since an
    /// approval can turn `require_approval` into `allow`, a rehearsal stays one.
    pub(crate) fn tightened(&self, verdict: Verdict) -> Verdict {
        match (verdict, self.action) {
            (Verdict::DryRun, Verdict::RequireApproval) => Verdict::DryRun,
            (verdict, action) => verdict.max(action),
        }
    }
}

/// Reads the mapping. Any key but `enabled` switches it on; who writes half of it learns what is missing.
pub(super) fn read<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<Trust> {
    let fields = reader.fields(node, "mcp_trust", &MCP_TRUST, None)?;
    let [enabled, snapshot, action_, classes, min_score, max_age, publishers, registry] = places(&fields);
    let is_enabled = reader.boolean(enabled, "enabled");
    let others = [snapshot, action_, classes, min_score, max_age, publishers, registry];
    let is_filled = others.into_iter().flatten().any(|node| !matches!(node.value, Value::Null));
    let path = reader.text(snapshot, "snapshot");
    let action = action(reader, action_, "action").unwrap_or(Verdict::Block);
    let mut required_risk_classes = set(reader, classes, "required_risk_classes", true);
    if required_risk_classes.is_empty() {
        required_risk_classes = ["critical", "high"].map(ToString::to_string).to_vec();
    }
    let trust = Trust {
        snapshot: path,
        action,
        required_risk_classes,
        min_score: score(reader, min_score).unwrap_or_default(),
        max_age: age(reader, max_age),
        publisher_allowlist: set(reader, publishers, "publisher_allowlist", true),
        require_registry: reader.boolean(registry, "require_registry").unwrap_or_default(),
    };
    let node = node?;
    if is_enabled != Some(true) && !is_filled {
        return None;
    }
    if is_enabled == Some(false) {
        let message = "`mcp_trust` says `enabled: false`, and its other keys switch it on all the same";
        reader.warn(node.at, message, "remove the other keys to switch it off, or `enabled: false` to say what holds");
    }
    if is_blank(snapshot) {
        let help = "add `snapshot: FILE`; it lists what is known about servers";
        reader.problem(ProblemCode::MissingValue, node.at, "`mcp_trust` has no `snapshot`", help);
    }
    Some(trust)
}

fn score<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<f64> {
    let node = node.filter(|node| !matches!(node.value, Value::Null))?;
    match node.number() {
        Ok(value) if (0.0..=1.0).contains(&value) => return Some(value),
        Ok(_) => reader.problem(ProblemCode::OutOfRange, node.at, "`min_score` is not from 0 to 1", "scores end at 1"),
        Err(mistake) => {
            reader.problem(mistake.code, node.at, ["`min_score`: ", &mistake.message].concat(), mistake.help);
        }
    }
    None
}

fn age<'d, 't>(reader: &mut Reader<'d, 't>, node: Option<&'d Node<'t>>) -> Option<u64> {
    if is_blank(node) {
        return None;
    }
    let node = node?;
    let text = reader.text(Some(node), "max_age");
    let age = duration::lasting(&text);
    // Of what is no text, the reader has told.
    if age.is_none() && !text.is_empty() {
        let message = ["`max_age`: `", &text, "` is no duration longer than nothing"].concat();
        reader.problem(ProblemCode::UnknownValue, node.at, message, "write it like `720h`, `90m` or `1h30m`");
    }
    age
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use gait_contract::policy::{ProblemCode, Verdict};

    use crate::policy::Policy;

    const NOTHING: &str = "07a528a879e4f0e0cd5a0e2ca801924746b47dac624862207ef21d4ec266f8f9";

    fn read(trust: &str) -> Policy {
        let text = format!("mcp_trust: {trust}\n");
        Policy::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{trust}: {problems:#?}"))
    }

    #[track_caller]
    fn refused(trust: &str, codes: &[ProblemCode]) {
        let text = format!("mcp_trust: {trust}\n");
        let problems = Policy::read(text.as_bytes()).err().unwrap_or_default();
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), codes, "{trust}: {problems:#?}");
    }

    #[test]
    fn what_is_off_leaves_the_digest_alone() {
        for off in ["", "~", "{}", "{enabled: false}", "{snapshot: ~, min_score:}"] {
            let policy = read(off);
            assert!(policy.trust().is_none(), "{off}");
            assert_eq!(policy.digest, NOTHING, "{off}");
        }
    }

    #[test]
    fn defaults_are_in_place_and_spelling_is_no_matter() {
        let policy = read("{snapshot: ' s.json '}");
        let trust = policy.trust().unwrap();
        assert_eq!((trust.snapshot.as_str(), trust.action), ("s.json", Verdict::Block));
        assert_eq!(trust.required_risk_classes, ["critical", "high"]);
        assert!(trust.min_score == 0.0 && trust.max_age.is_none() && !trust.require_registry);
        for same in [
            "{snapshot: s.json, action: Block, required_risk_classes: [HIGH, critical, high], min_score: 0.0}",
            "{enabled: true, snapshot: s.json, required_risk_classes: [], max_age: '', require_registry: false}",
        ] {
            assert_eq!(read(same).digest, policy.digest, "{same}");
        }
        assert_ne!(policy.digest, NOTHING);
        let aged = read("{snapshot: s.json, max_age: 90m}");
        assert_eq!(aged.digest, read("{snapshot: s.json, max_age: ' 1h30m '}").digest);
        assert_eq!(aged.trust().unwrap().max_age, Some(5_400_000_000_000));
    }

    #[test]
    fn every_key_counts_in_the_digest() {
        let all = [
            "{snapshot: s.json}",
            "{snapshot: other.json}",
            "{snapshot: s.json, action: require_approval}",
            "{snapshot: s.json, required_risk_classes: [low]}",
            "{snapshot: s.json, min_score: 0.5}",
            "{snapshot: s.json, max_age: 1s}",
            "{snapshot: s.json, publisher_allowlist: [acme]}",
            "{snapshot: s.json, require_registry: true}",
        ];
        let mut digests: Vec<_> = all.iter().map(|trust| read(trust).digest).collect();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), all.len());
    }

    #[test]
    fn half_a_setting_is_refused() {
        use ProblemCode::{MissingValue, OutOfRange, UnknownKey, UnknownValue, WrongType};
        for (trust, codes) in [
            ("{enabled: true}", &[MissingValue][..]),
            ("{snapshot: ' '}", &[MissingValue]),
            ("{action: block}", &[MissingValue]),
            ("{min_score: 0}", &[MissingValue]),
            ("{require_registry: false}", &[MissingValue]),
            ("{snapshot: [s.json]}", &[WrongType]),
            ("{snapshot: s, action: allow}", &[UnknownValue]),
            ("{snapshot: s, min_score: 1.1}", &[OutOfRange]),
            ("{snapshot: s, min_score: -0.1}", &[OutOfRange]),
            ("{snapshot: s, min_score: high}", &[WrongType]),
            ("{snapshot: s, min_score: .nan}", &[WrongType]),
            ("{snapshot: s, max_age: 0s}", &[UnknownValue]),
            ("{snapshot: s, max_age: 30d}", &[UnknownValue]),
            ("{snapshot: s, max_age: -1h}", &[UnknownValue]),
            ("{snapshot: s, max_age: [1h]}", &[WrongType]),
            ("{snapshot: s, publisher_allowlist: acme}", &[WrongType]),
            ("{snapshot: s, require_registry: 1}", &[WrongType]),
            ("{snapshots: s}", &[UnknownKey]),
            ("[s.json]", &[WrongType]),
            // All at once.
            ("{action: allow, min_score: 2, max_age: soon}", &[MissingValue, UnknownValue, OutOfRange, UnknownValue]),
        ] {
            refused(trust, codes);
        }
    }

    #[test]
    fn who_switches_it_off_beside_its_keys_is_warned() {
        let policy = read("{enabled: false, snapshot: s.json}");
        assert!(policy.trust().is_some());
        assert_eq!(policy.warnings.len(), 1);
    }

    #[test]
    fn no_verdict_becomes_milder() {
        for action in ["block", "require_approval"] {
            let policy = read(&format!("{{snapshot: s, action: {action}}}"));
            for verdict in Verdict::ALL {
                let after = policy.trust().unwrap().tightened(verdict);
                assert!(after >= verdict, "{action} {verdict:?} {after:?}");
                // An approval turns what waits into what runs, and a rehearsal must not become that.
                assert!(verdict != Verdict::DryRun || after != Verdict::RequireApproval);
            }
        }
    }
}
