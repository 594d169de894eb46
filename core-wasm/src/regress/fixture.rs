//! The files of a regression: configuration and fixtures, read and checked (regress contract, section 1).

use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::limits::FIXTURES;
use gait_contract::regress::{CONFIG_SCHEMA, Config, ConfigFixture, Fixture};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault};
use serde::de::DeserializeOwned;

use crate::order;
use crate::task::Host;
use crate::{document, json};

/// Name of the set when the configuration gives none.
pub(super) const DEFAULT_SET: &str = "default";

/// Reads a source that is one small document.
pub(super) async fn document<T: DeserializeOwned>(host: &Host, source: &str) -> Result<T, Fault> {
    json::read(&document::read(host, source).await?).map_err(|fault| fault.at(source))
}

/// A configuration that can be run: at least one fixture, sorted by name.
pub(super) async fn config(host: &Host, source: &str) -> Result<Config, Fault> {
    let text = document::read(host, source).await?;
    // JSON is YAML, but not the other way round; say so rather than where the text stops being JSON.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(Fault::new(Code::ConfigInvalid, "the configuration is no JSON object").at(source).hint(
            "gait reads the JSON form of YAML only; `gait regress init --from <run>` writes a configuration that works",
        ));
    }
    let config: Config = json::read(&text).map_err(|fault| fault.at(source))?;
    let invalid = |text: String| Err(Fault::new(Code::ConfigInvalid, text).at(source));
    if !matches!(config.schema_id.as_str(), "" | CONFIG_SCHEMA) {
        return invalid(format!("`schema_id` is `{}`, not `{CONFIG_SCHEMA}`", config.schema_id));
    }
    if !matches!(config.schema_version.as_str(), "" | SCHEMA_VERSION) {
        return invalid(format!("`schema_version` is `{}`, not `{SCHEMA_VERSION}`", config.schema_version));
    }
    if config.fixtures.is_empty() {
        return invalid("the configuration lists no fixtures".into());
    }
    if config.fixtures.len() > FIXTURES {
        return invalid(format!("the configuration lists more than {FIXTURES} fixtures"));
    }
    for (at, fixture) in config.fixtures.iter().enumerate() {
        if fixture.name.trim().is_empty() {
            return invalid(format!("`fixtures[{at}]` has no name"));
        }
        if fixture.runpack.trim().is_empty() {
            return invalid(format!("fixture `{}` has no `runpack`", fixture.name));
        }
    }
    let Config { schema_id, schema_version, fixture_set, mut fixtures } = config;
    order::by_text(&mut fixtures, |fixture| &fixture.name);
    let fixture_set = if fixture_set.is_empty() { DEFAULT_SET.to_string() } else { fixture_set };
    Ok(Config { schema_id, schema_version, fixture_set, fixtures })
}

/// A fixture's metadata as rules want it.
pub(super) async fn fixture(host: &Host, source: &str) -> Result<Fixture, Fault> {
    let mut fixture: Fixture = document(host, source).await?;
    let required = [("name", &fixture.name), ("run_id", &fixture.run_id), ("runpack", &fixture.runpack)];
    if let Some((field, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(Fault::new(Code::FixtureInvalid, format!("`{field}` is missing")).at(source));
    }
    if fixture.expected_replay_exit_code < 0 {
        return Err(Fault::new(Code::FixtureInvalid, "`expected_replay_exit_code` is negative").at(source));
    }
    fixture.candidate_runpack = fixture.candidate_runpack.trim().to_string();
    fixture.diff_allow_changed_files =
        order::set(fixture.diff_allow_changed_files.iter().map(|path| path.trim().to_string()).collect());
    Ok(fixture)
}

/// The fixture of one configuration entry, checked against it.
pub(super) async fn fixture_of(host: &Host, entry: &ConfigFixture) -> Result<Fixture, Fault> {
    let source = beside(&entry.runpack, "fixture.json");
    let fixture = fixture(host, &source).await?;
    if fixture.name != entry.name {
        let text = format!("the fixture is named `{}`, the configuration says `{}`", fixture.name, entry.name);
        return Err(Fault::new(Code::FixtureInvalid, text).at(source));
    }
    if !entry.run_id.is_empty() && entry.run_id != fixture.run_id {
        let text = format!("the fixture is of run `{}`, the configuration says `{}`", fixture.run_id, entry.run_id);
        return Err(Fault::new(Code::FixtureInvalid, text).at(source));
    }
    Ok(fixture)
}

/// A path relative to the folder that holds `file`; absolute paths stay.
pub(super) fn beside(file: &str, path: &str) -> String {
    let folder = file.rfind('/').map_or("", |slash| file.get(..=slash).unwrap_or_default());
    if path.starts_with('/') || folder.is_empty() { path.to_string() } else { format!("{folder}{path}") }
}

/// True for names that `regress init` may give (regress contract, section 1).
pub(super) fn is_fixture_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(letter) && name.chars().all(|c| letter(c) || matches!(c, '.' | '_' | '-'))
}
