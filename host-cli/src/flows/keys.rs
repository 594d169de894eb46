//! Key pairs: make, show and check them. The core has no part in this.

use std::io::Write;
use std::path::{Path, PathBuf};

use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::host::development;
use crate::host::fs::{self, Draft};
use crate::host::keys::{PrivateKey, Source};
use crate::host::paths;

/// A pair was made.
#[derive(Debug, Serialize)]
pub struct Pair {
    /// Always true.
    pub ok: bool,
    /// File of the private key.
    pub private_key_path: String,
    /// File of the public key.
    pub public_key_path: String,
    /// The public key, base64.
    pub public_key: String,
    /// Its name in signatures.
    pub key_id: String,
}

/// Makes a pair.
pub fn init(out_dir: &str, prefix: &str, force: bool) -> Result<Pair, Fault> {
    if prefix.contains(['/', '\\']) || prefix.chars().any(char::is_control) || matches!(prefix, "." | "..") {
        return Err(Fault::new(Code::InvalidInput, format!("`{prefix}` is no file name"))
            .hint("name the folder with `--out-dir`"));
    }
    let private_key_path = paths::shown(out_dir, &format!("{prefix}.key"));
    let public_key_path = paths::shown(out_dir, &format!("{prefix}.pub"));
    let (private, public) = (PathBuf::from(&private_key_path), PathBuf::from(&public_key_path));
    if !force {
        // Looked at again when the names are given; this only keeps gait from working in vain.
        for path in [&private, &public] {
            if path.symlink_metadata().is_ok() {
                return Err(exists(path));
            }
        }
    }
    let mut made = fs::make_folder(Path::new(out_dir), 0o700)?;
    let key = PrivateKey::generate()?;
    let private_draft = Draft::holding(&private, key.file_text().as_bytes())?;
    let mut public_draft = Draft::holding(&public, format!("{}\n", key.public().text()).as_bytes())?;
    public_draft.file().flush().map_err(|error| fs::unwritable(&public, &error))?;
    // The one file of the two that is made to be handed around.
    public_draft.mode(0o644)?;
    if force {
        private_draft.put(&private)?;
        public_draft.put(&public)?;
    } else {
        if !private_draft.put_new(&private)? {
            return Err(exists(&private));
        }
        if !public_draft.put_new(&public)? {
            let _ = std::fs::remove_file(&private);
            return Err(exists(&public));
        }
    }
    made.keep();
    Ok(Pair {
        ok: true,
        private_key_path,
        public_key_path,
        public_key: key.public().text(),
        key_id: key.public().key_id(),
    })
}

fn exists(path: &Path) -> Fault {
    Fault::new(Code::KeyExists, format!("`{}` exists already", path.display())).at(path.display().to_string())
}

/// A public key.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Always true.
    pub ok: bool,
    /// `development` or `given`.
    pub kind: &'static str,
    /// Where it comes from.
    pub path: String,
    /// The key, base64.
    pub public_key: String,
    /// Its name in signatures.
    pub key_id: String,
}

/// Shows a public key: the one that is named, or the user's development key.
pub fn show(public: Option<Source>, private: Option<Source>) -> Result<Shown, Fault> {
    let (kind, path, key) = match (public, private) {
        (Some(source), _) => ("given", source.place(), source.public()?),
        (None, Some(source)) => ("given", source.place(), source.private()?.public()),
        (None, None) => {
            let (key, path) = development::public()?.ok_or_else(no_development_key)?;
            ("development", path.display().to_string(), key)
        }
    };
    Ok(Shown { ok: true, kind, path, public_key: key.text(), key_id: key.key_id() })
}

fn no_development_key() -> Fault {
    Fault::new(Code::FileNotFound, "there is no development key yet")
        .hint("`gait demo` and `gait run record` make one on first use; `gait keys init` makes a pair for production")
}

/// Whether a pair is in order.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Nothing is wrong.
    pub ok: bool,
    /// Where the private key comes from.
    pub private_key_path: String,
    /// Where the public key comes from.
    pub public_key_path: String,
    /// The public key's name in signatures.
    pub key_id: String,
    /// The keys belong together.
    pub pair: bool,
    /// Nobody but its owner can read the private key.
    pub private: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Checks that two keys belong together and that the private one is private; the development pair unless others are
/// named.
pub fn verify(public: Option<Source>, private: Option<Source>) -> Result<Checked, Fault> {
    let (public, private) = match (public, private) {
        (Some(public), Some(private)) => (public, private),
        (None, None) => {
            let (_, public) = development::public()?.ok_or_else(no_development_key)?;
            let private = development::private_path().map_err(|reason| Fault::new(Code::FileNotFound, reason))?;
            let file = |path: PathBuf| Source::File(path.to_string_lossy().into_owned());
            (file(public), file(private))
        }
        _ => {
            return Err(Fault::new(Code::KeyMissing, "a pair has two keys")
                .hint("give `--private-key` and `--public-key`, or neither for the development pair"));
        }
    };
    let (key, pair_of) = (public.public()?, private.private()?.public());
    let mut problems = Vec::new();
    if key != pair_of {
        problems.push(format!("`{}` is not the public half of `{}`", public.place(), private.place()));
    }
    if private.is_open_to_others() {
        problems.push(format!("other users can read `{0}`; run `chmod 600 {0}`", private.place()));
    }
    Ok(Checked {
        ok: problems.is_empty(),
        private_key_path: private.place(),
        public_key_path: public.place(),
        key_id: key.key_id(),
        pair: key == pair_of,
        private: !private.is_open_to_others(),
        problems,
    })
}
