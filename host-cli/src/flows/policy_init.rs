//! Write a first policy: one of three baselines that say what they do.

use std::path::Path;

use gait_contract::{Code, Fault};
use serde::Serialize;

use super::gate_outputs::unusable;
use crate::host::fs::{self, Draft};
use crate::host::interrupt;

/// Where a policy goes unless told otherwise.
pub const PATH: &str = "gait.policy.yaml";

/// A policy to begin with.
struct Template {
    /// Its name, and the other names it goes by.
    names: [&'static str; 3],
    text: &'static str,
}

const TEMPLATES: [Template; 3] = [
    Template {
        names: ["baseline-lowrisk", "baseline_low_risk", "low"],
        text: include_str!("../../policies/baseline-lowrisk.yaml"),
    },
    Template {
        names: ["baseline-mediumrisk", "baseline_medium_risk", "medium"],
        text: include_str!("../../policies/baseline-mediumrisk.yaml"),
    },
    Template {
        names: ["baseline-highrisk", "baseline_high_risk", "high"],
        text: include_str!("../../policies/baseline-highrisk.yaml"),
    },
];

/// A policy was written.
#[derive(Debug, Serialize)]
pub struct Started {
    /// Always true.
    pub ok: bool,
    /// The baseline.
    pub template: &'static str,
    /// The file.
    pub policy_path: String,
    /// What to run next.
    pub next_commands: Vec<String>,
}

/// Writes a baseline.
pub fn init(template: &str, out: &str, force: bool) -> Result<Started, Fault> {
    let wanted = template.trim().to_lowercase();
    let Some(template) = TEMPLATES.iter().find(|template| template.names.contains(&wanted.as_str())) else {
        return Err(Fault::new(Code::InvalidInput, format!("there is no baseline `{wanted}`"))
            .hint("baselines are low, medium and high"));
    };
    if out.trim().is_empty() {
        return Err(Fault::new(Code::InvalidInput, "`--out` names no file").hint("name the file, or leave `--out` out"));
    }
    interrupt::hold();
    let path = Path::new(out);
    let mut made = fs::make_folder(fs::parent(path), 0o750).map_err(unusable)?;
    if force {
        fs::write(path, template.text.as_bytes()).map_err(unusable)?;
    } else if path.symlink_metadata().is_ok()
        || !Draft::holding(path, template.text.as_bytes()).and_then(|draft| draft.put_new(path)).map_err(unusable)?
    {
        return Err(Fault::new(Code::PolicyExists, format!("`{out}` exists already")).at(out));
    }
    made.keep();
    let shown = word(out);
    Ok(Started {
        ok: true,
        template: template.names[0],
        policy_path: out.to_owned(),
        next_commands: vec![format!("gait policy validate {shown}"), format!("gait policy test {shown} intent.json")],
    })
}

/// A path as one word of a shell's.
fn word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':' | '+' | '@');
    if path.chars().all(plain) && !path.starts_with('-') {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_by_accident() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("a/p.yaml");
        let out = path.display().to_string();
        let started = init(" BASELINE_MEDIUM_RISK ", &out, false).expect("written");
        assert_eq!((started.template, &*started.policy_path), ("baseline-mediumrisk", &*out));
        let code =
            |template, out: &str, force| init(template, out, force).map(|_| ()).map_err(|fault| fault.error_code);
        assert_eq!(code("low", &out, false), Err(Code::PolicyExists));
        assert!(std::fs::read_to_string(&path).expect("read").contains("default_verdict: require_approval"));
        assert_eq!(code("high", &out, true), Ok(()));
        assert!(std::fs::read_to_string(&path).expect("read").contains("default_verdict: block"));
        assert_eq!(code("extreme", &out, true), Err(Code::InvalidInput));
        assert_eq!(code("low", " ", true), Err(Code::InvalidInput));
        let fault = init("low", &format!("{out}/x"), false).expect_err("no folder");
        assert_eq!(gait_contract::ExitCode::from(&fault), gait_contract::ExitCode::InvalidInput);
    }

    #[test]
    fn a_path_is_one_word() {
        for (path, shown) in
            [("a/b.yaml", "a/b.yaml"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$(x)", "'$(x)'"), ("-x", "'-x'")]
        {
            assert_eq!(word(path), shown);
        }
    }
}
