//! Turning a runpack into a fixture (regress contract, section 2). Everything is checked before the host writes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::regress::{
    CONFIG_SCHEMA, Config, ConfigFixture, FIXTURE_SCHEMA, Fixture, FixtureFolder, RegressInit, RegressInitRequest,
};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::verify::VerifyRequest;
use gait_contract::{Code, Fault};

use super::fixture::{DEFAULT_SET, document, fixture, is_fixture_name};
use crate::task::Host;
use crate::{order, runpack, text};

/// File name of a fixture's archive.
const RUNPACK: &str = "runpack.zip";

/// Answers op `regress.init`.
pub(crate) async fn init(host: &Host, request: RegressInitRequest) -> Result<RegressInit, Fault> {
    let run_id = verified_run_id(host, &request.archive).await?;
    let name = if request.name.is_empty() { sanitized(&run_id) } else { request.name.clone() };
    if !is_fixture_name(&name) {
        return Err(Fault::new(Code::FixtureName, format!("`{name}` cannot name a fixture")));
    }
    let new = Fixture {
        schema_id: FIXTURE_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        name: name.clone(),
        run_id: run_id.clone(),
        runpack: RUNPACK.into(),
        ..Fixture::default()
    };
    let mut warnings = Vec::new();
    let mut entries = Vec::from([entry(&new)]);
    let mut folders: Vec<&FixtureFolder> =
        request.folders.iter().filter(|folder| is_fixture_name(&folder.name)).collect();
    order::by_text(&mut folders, |folder| &folder.name);
    for folder in folders {
        if folder.name == name {
            warnings.extend(replaced(host, folder, &new).await);
        } else if let Some(fixture) = present(host, folder).await? {
            entries.push(entry(&fixture));
        }
    }
    order::by_text(&mut entries, |entry| &entry.name);
    let config = Config {
        schema_id: CONFIG_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        fixture_set: fixture_set(host, request.config.as_deref(), &mut warnings).await,
        fixtures: entries,
    };
    Ok(RegressInit {
        run_id,
        fixture_name: name,
        fixture_text: text::indented(&new),
        config_text: text::indented(&config),
        warnings,
    })
}

async fn verified_run_id(host: &Host, archive: &str) -> Result<String, Fault> {
    let request = VerifyRequest { archive: archive.into(), ..VerifyRequest::default() };
    let report = runpack::verify(host, request).await?;
    if let Some(missing) = report.missing_files.first() {
        return Err(Fault::new(Code::RunpackIncomplete, format!("`{missing}` is missing")).at(archive));
    }
    if let Some(mismatch) = report.hash_mismatches.first() {
        let text = format!("`{}` is not what the manifest says", mismatch.path);
        return Err(Fault::new(Code::RunpackTampered, text).at(archive));
    }
    Ok(report.run_id)
}

/// A fixture name made from a run id: runs of other characters become one dash, outer punctuation goes.
fn sanitized(run_id: &str) -> String {
    let mut name = String::new();
    let mut replacing = false;
    for c in text::lower(run_id).chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-') {
            name.push(c);
            replacing = false;
        } else if !replacing {
            name.push('-');
            replacing = true;
        }
    }
    let name = name.trim_matches(['-', '.', '_']);
    if name.is_empty() { "fixture".into() } else { name.to_string() }
}

fn entry(fixture: &Fixture) -> ConfigFixture {
    ConfigFixture {
        name: fixture.name.clone(),
        run_id: fixture.run_id.clone(),
        runpack: format!("fixtures/{}/{}", fixture.name, fixture.runpack),
    }
}

/// The fixture in a folder; `None` for folders that are somebody else's.
async fn present(host: &Host, folder: &FixtureFolder) -> Result<Option<Fixture>, Fault> {
    let source = metadata(folder);
    let invalid = |text: String| Err(Fault::new(Code::FixtureInvalid, text).at(source.clone()));
    if !folder.has_fixture {
        return match folder.files.iter().any(|file| file == RUNPACK) {
            true => invalid(format!("the folder holds `{RUNPACK}` but no fixture.json")),
            false => Ok(None),
        };
    }
    let fixture = fixture(host, &source).await?;
    if fixture.name != folder.name {
        return invalid(format!("the fixture is named `{}`, its folder `{}`", fixture.name, folder.name));
    }
    if !folder.files.contains(&fixture.runpack) {
        return invalid(format!("`{}` is no file in the fixture's folder", fixture.runpack));
    }
    Ok(Some(fixture))
}

fn metadata(folder: &FixtureFolder) -> String {
    format!("fixtures/{}/fixture.json", folder.name)
}

/// What is lost when the new fixture takes the folder.
async fn replaced(host: &Host, folder: &FixtureFolder, new: &Fixture) -> Option<String> {
    if !folder.has_fixture {
        return None;
    }
    let name = &new.name;
    match fixture(host, &metadata(folder)).await {
        Err(_) => Some(format!("fixture `{name}` replaces one whose fixture.json could not be read")),
        Ok(old) if old.run_id != new.run_id => {
            Some(format!("fixture `{name}` replaces one of another run, `{}`; `--name` keeps both", old.run_id))
        }
        Ok(old) if old != *new => {
            Some(format!("fixture `{name}` is replaced: its expected exit code, candidate and allowed files are reset"))
        }
        Ok(_) => None,
    }
}

/// The set's name: the present configuration's, if there is one that can be read.
async fn fixture_set(host: &Host, config: Option<&str>, warnings: &mut Vec<String>) -> String {
    let Some(source) = config else { return DEFAULT_SET.into() };
    match document::<Config>(host, source).await {
        Ok(config) if !config.fixture_set.is_empty() => config.fixture_set,
        Ok(_) => DEFAULT_SET.into(),
        Err(_) => {
            warnings.push(format!("`{source}` could not be read and is replaced"));
            DEFAULT_SET.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sanitized;

    #[test]
    fn names_follow_from_run_ids() {
        for (run_id, name) in [
            ("run_demo", "run_demo"),
            ("Parcel №7 (Tuesday)", "parcel-7-tuesday"),
            ("x - y", "x---y"),
            ("潮汐", "fixture"),
            ("___", "fixture"),
            ("..a/b..", "a-b"),
            ("ÀB", "b"),
        ] {
            assert_eq!(sanitized(run_id), name, "{run_id}");
        }
    }
}
