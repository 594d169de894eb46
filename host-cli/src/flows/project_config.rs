//! The project configuration: values for flags that were not given (gate contract, 4.6).

use std::io;
use std::path::Path;

use gait_contract::config::{ConfigReadRequest, GateDefaults};
use gait_contract::{Code, Fault};

use crate::core::Session;
use crate::host::documents::Documents;
use crate::host::paths;

/// Where the configuration is unless told otherwise.
pub const PATH: &str = ".gait/config.yaml";

/// Reads what a project sets for `gait gate eval`. Only the usual file may be missing.
pub fn gate(session: &mut Session, path: &str) -> Result<GateDefaults, Fault> {
    let path = path.trim();
    if path.is_empty() {
        return Err(Fault::new(Code::ConfigInvalid, "`--config` names no file")
            .hint("name the file, or add `--no-config` to do without one"));
    }
    if paths::clean(path) == PATH && is_missing(Path::new(path)) {
        return Ok(GateDefaults::default());
    }
    let request = ConfigReadRequest { config: path.to_owned() };
    session.call(&request, &mut Documents::new()).map(|config| config.gate)
}

/// True when nothing is there. What is there and cannot be read must not be taken for that.
fn is_missing(path: &Path) -> bool {
    let missing = |error: io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    path.symlink_metadata().err().is_some_and(missing)
}

/// Files of all approval tokens, each once.
pub fn tokens(one: &str, chain: &str) -> Vec<String> {
    let mut tokens = list(chain);
    tokens.extend(Some(one.trim().to_owned()).filter(|token| !token.is_empty()));
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The parts of a list separated by commas.
pub fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_is_missing() {
        assert!(is_missing(Path::new("no/such/config.yaml")) && is_missing(Path::new("Cargo.toml/config.yaml")));
        assert!(!is_missing(Path::new("Cargo.toml")) && !is_missing(Path::new("src")));
    }

    #[test]
    fn lists_are_separated_by_commas() {
        assert_eq!(list(" a ,, b c,"), ["a", "b c"]);
        assert!(list(" , ").is_empty());
    }
}
