//! The development key: a pair of the user's own, made on first use, so that every runpack can be signed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gait_contract::{Category, Code, Fault};

use super::fs::{self, Draft};
use super::keys::{PrivateKey, PublicKey, Source};

/// The development key of this user, and whether it was made just now.
pub struct Development {
    /// The key.
    pub key: PrivateKey,
    /// Its file.
    pub path: PathBuf,
    /// True when it did not exist before.
    pub made: bool,
}

/// Why there is no development key.
pub enum Unavailable {
    /// There is no place for one; signing can be left out.
    NoPlace(String),
    /// There is one, but it is not usable.
    Broken(Fault),
}

/// Finds the development key, or makes it. Of two processes that do so at once, one makes it and both use it.
pub fn obtain() -> Result<Development, Unavailable> {
    let folder = folder().map_err(Unavailable::NoPlace)?;
    let path = folder.join("dev.key");
    match load(&path).map_err(unavailable)? {
        Some(key) => Ok(Development { key, path, made: false }),
        None => make(&folder, path),
    }
}

/// The public half, if there is a development key; nothing is made.
pub fn public() -> Result<Option<(PublicKey, PathBuf)>, Fault> {
    let Ok(path) = folder().map(|folder| folder.join("dev.pub")) else { return Ok(None) };
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => Ok(Some((source(&path).public()?, path))),
    }
}

/// Where the private half is, or would be.
pub fn private_path() -> Result<PathBuf, String> {
    Ok(folder()?.join("dev.key"))
}

fn load(path: &Path) -> Result<Option<PrivateKey>, Fault> {
    let key = match source(path).private() {
        Err(fault) if fault.error_code == Code::FileNotFound => return Ok(None),
        key => key?,
    };
    let public_path = path.with_extension("pub");
    match source(&public_path).public() {
        Ok(public) if public == key.public() => {}
        Ok(_) => {
            // `verify` trusts the public file, so it must not be anybody else's.
            let what = format!("`{}` is not the public half of `{}`", public_path.display(), path.display());
            return Err(Fault::new(Code::KeyInvalid, what));
        }
        Err(fault) if fault.error_code == Code::FileNotFound => put_public(&key, &public_path)?,
        Err(fault) => return Err(fault),
    }
    Ok(Some(key))
}

fn make(folder: &Path, path: PathBuf) -> Result<Development, Unavailable> {
    let made = || -> Result<Option<PrivateKey>, Fault> {
        fs::make_folder(folder, 0o700)?.keep();
        let key = PrivateKey::generate()?;
        let mut draft = Draft::inside(folder, "dev.key")?;
        draft.file().write_all(key.file_text().as_bytes()).map_err(|error| fs::unwritable(&path, &error))?;
        if !draft.put_new(&path)? {
            // Another process was faster; its key counts.
            return Ok(None);
        }
        put_public(&key, &path.with_extension("pub"))?;
        Ok(Some(key))
    };
    match made().map_err(unavailable)? {
        Some(key) => Ok(Development { key, path, made: true }),
        None => match load(&path).map_err(unavailable)? {
            Some(key) => Ok(Development { key, path, made: false }),
            None => Err(Unavailable::NoPlace(format!("`{}` went away while it was read", path.display()))),
        },
    }
}

fn put_public(key: &PrivateKey, path: &Path) -> Result<(), Fault> {
    fs::write(path, format!("{}\n", key.public().text()).as_bytes())
}

fn unavailable(fault: Fault) -> Unavailable {
    if fault.error_category == Category::IoFailure || fault.error_code == Code::FileUnreadable {
        Unavailable::NoPlace(fault.into_envelope().error)
    } else {
        Unavailable::Broken(fault.hint(
            "restore your development key, or remove dev.pub to have it written again, or both dev.key and dev.pub to start with a new key",
        ))
    }
}

fn source(path: &Path) -> Source {
    Source::File(path.to_string_lossy().into_owned())
}

/// `gait/keys` in the user's configuration folder.
fn folder() -> Result<PathBuf, String> {
    // Without a home of its own a process (a service, a container) must not end up in whatever home the user
    // database names.
    let home = std::env::var_os("HOME").is_some_and(|home| !home.is_empty());
    let configuration = std::env::var_os("XDG_CONFIG_HOME").is_some_and(|folder| Path::new(&folder).is_absolute());
    if cfg!(unix) && !home && !configuration {
        return Err("there is no configuration folder for a development key (HOME is not set)".into());
    }
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| "there is no configuration folder for a development key".to_owned())?;
    Ok(etcetera::BaseStrategy::config_dir(&strategy).join("gait").join("keys"))
}
