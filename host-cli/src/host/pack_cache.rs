//! The cache of registry packs (registry contract, section 3): a folder for each manifest, and one pin for each name.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gait_contract::registry::{MANIFEST_FILE, PINS};
use gait_contract::{Code, Fault};

use super::fs::{self, Draft};
use super::paths;

/// Text of pins is shorter than this; of whatever is longer, the beginning is enough to see that it is none.
const PIN_BYTES: u64 = 4_096;

/// Where the cache is: the folder that is named, or the one in the user's home.
pub fn folder(named: Option<&str>) -> Result<String, Fault> {
    match named.map(str::trim).filter(|named| !named.is_empty()) {
        Some(named) => Ok(paths::clean(named)),
        None => in_home().ok_or_else(|| {
            Fault::new(Code::InvalidInput, "there is no home folder, so there is no usual place for the cache")
                .hint("name the cache with `--cache-dir`, or set HOME")
        }),
    }
}

/// The cache in the user's home.
pub fn in_home() -> Option<String> {
    paths::home().map(|home| paths::clean(&format!("{home}/.gait/registry")))
}

/// Path of the pin of a pack.
pub fn pin_path(cache: &str, pack_name: &str) -> String {
    paths::clean(&format!("{cache}/{PINS}/{pack_name}.pin"))
}

/// Path of the manifest in a folder of the cache.
pub fn manifest_path(cache: &str, folder: &str) -> String {
    paths::clean(&format!("{cache}/{folder}/{MANIFEST_FILE}"))
}

/// The cache that a path leads into, if it is where that manifest would be.
pub fn around(path: &str, pack_name: &str, pack_version: &str, digest: &str) -> Option<String> {
    let path = paths::clean(path);
    let mut rest = path.as_str();
    for (part, any_case) in [(MANIFEST_FILE, false), (digest, true), (pack_version, false), (pack_name, false)] {
        let name = rest.rsplit('/').next()?;
        let fits = if any_case { name.eq_ignore_ascii_case(part) } else { name == part };
        if !fits {
            return None;
        }
        rest = match rest.rfind('/') {
            Some(0) => "/",
            Some(end) => &rest[..end],
            None => ".",
        };
    }
    Some(rest.to_owned())
}

/// The text of a pin; `None` when there is none.
pub fn pin(path: &str) -> Result<Option<String>, Fault> {
    let mut text = Vec::new();
    match File::open(path).and_then(|file| file.take(PIN_BYTES).read_to_end(&mut text)) {
        Ok(_) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(fs::unreadable(Path::new(path), &error)),
    }
}

/// The paths where manifests are, sorted; folders of pins and stray files are passed over. A cache that is not there
/// has none.
pub fn manifests(cache: &str) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for name in folders(Path::new(cache)).map_err(|error| fs::unreadable(Path::new(cache), &error))? {
        if name.file_name().is_some_and(|name| name == PINS) {
            continue;
        }
        // What cannot be looked into holds nothing that could be used.
        for version in folders(&name).unwrap_or_default() {
            for digest in folders(&version).unwrap_or_default() {
                let manifest = digest.join(MANIFEST_FILE);
                if manifest.is_file() {
                    found.extend(manifest.to_str().map(str::to_owned));
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The first manifest, by path, that stands in a folder named after a digest. Whether it is what the folder says, only
/// reading it shows.
pub fn pinned(cache: &str, pin: &str) -> Result<Option<String>, Fault> {
    let digest = pin_digest(pin);
    let named = |path: &String| Path::new(path).parent().is_some_and(|folder| folder.ends_with(&digest));
    Ok(manifests(cache)?.into_iter().find(named).filter(|_| !digest.is_empty()))
}

/// The digest that a pin names, in lower case and without its prefix.
pub fn pin_digest(pin: &str) -> String {
    let pin = pin.trim().to_lowercase();
    pin.strip_prefix("sha256:").map_or(pin.clone(), str::to_owned)
}

/// The pins, sorted by path.
pub fn pins(cache: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = match std::fs::read_dir(Path::new(cache).join(PINS)) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?,
        Err(error) if is_missing(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    found.retain(|path| path.extension().is_some_and(|extension| extension == "pin"));
    found.sort();
    Ok(found)
}

/// Folders in a folder; nothing when it is not there.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            Ok(paths.into_iter().filter(|path| path.is_dir()).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Puts a manifest and its pin in place: both, or the cache stays as it was.
pub fn store(manifest_path: &str, manifest: &[u8], pin_path: &str, pin: &[u8]) -> Result<(), Fault> {
    let (manifest_path, pin_path) = (Path::new(manifest_path), Path::new(pin_path));
    let mut entry_folders = fs::make_folder(fs::parent(manifest_path), 0o750)?;
    let mut pin_folders = fs::make_folder(fs::parent(pin_path), 0o750)?;
    let manifest_draft = Draft::holding(manifest_path, manifest)?;
    let pin_draft = Draft::holding(pin_path, pin)?;
    let before = std::fs::read(manifest_path).ok();
    manifest_draft.put(manifest_path)?;
    if let Err(fault) = pin_draft.put(pin_path) {
        // An entry that is not pinned would look installed.
        let _ = match before {
            Some(before) => fs::write(manifest_path, &before),
            None => std::fs::remove_file(manifest_path).map_err(|error| fs::unwritable(manifest_path, &error)),
        };
        return Err(fault);
    }
    entry_folders.keep();
    pin_folders.keep();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_cache_leads_to_it() {
        let around = |path: &str| around(path, "a", "1", "ff");
        assert_eq!(around("./c/a/1/FF/registry_pack.json").as_deref(), Some("c"));
        assert_eq!(around("/c/d/a/1/ff/registry_pack.json").as_deref(), Some("/c/d"));
        assert_eq!(around("a/1/ff/registry_pack.json").as_deref(), Some("."));
        assert_eq!(around("/a/1/ff/registry_pack.json").as_deref(), Some("/"));
        for other in ["registry_pack.json", "c/A/1/ff/registry_pack.json", "c/a/1/fe/registry_pack.json", "c/a/1/ff/x"]
        {
            assert_eq!(around(other), None, "{other}");
        }
    }

    #[test]
    fn both_files_or_none() {
        let root = tempfile::tempdir().expect("a folder");
        let cache = root.path().join("cache");
        let cache = cache.to_str().expect("text");
        let (manifest, pin) = (manifest_path(cache, "a/1/ff"), pin_path(cache, "a"));
        store(&manifest, b"{}", &pin, b"one").expect("stored");
        assert_eq!(super::pin(&pin).expect("read").as_deref(), Some("one"));
        assert_eq!(manifests(cache).expect("listed"), [manifest.as_str()]);
        assert_eq!(pins(cache).expect("listed"), [PathBuf::from(&pin)]);
        // A folder in the pin's place: nothing new, and what was there stays.
        let blocked = pin_path(cache, "b");
        std::fs::create_dir(&blocked).expect("made");
        assert!(store(&manifest_path(cache, "b/1/ff"), b"{}", &blocked, b"two").is_err());
        assert!(store(&manifest, b"other", &blocked, b"two").is_err());
        assert_eq!(std::fs::read(&manifest).expect("read"), b"{}");
        assert!(!Path::new(cache).join("b").exists());
        assert!(super::pin(&blocked).is_err());
        assert_eq!(super::pin(&format!("{cache}/none/x.pin")).expect("nothing"), None);
        assert!(manifests(&pin).is_err() && manifests(&format!("{cache}/none")).expect("nothing").is_empty());
    }
}
