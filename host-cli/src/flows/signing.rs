//! Who signs a new runpack, and where the signature goes: a development key of the user's own unless told otherwise.

use gait_contract::runpack;
use gait_contract::{Code, Fault};

use crate::host::development::{self, Unavailable};
use crate::host::keys::{PrivateKey, Source};

/// What the caller wants.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Whose key.
    pub mode: Mode,
    /// The key, for production.
    pub private_key: Option<Source>,
    /// No signature at all.
    pub no_sign: bool,
}

/// Whose key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The user's development key.
    #[default]
    Dev,
    /// A key the caller names.
    Prod,
}

impl Mode {
    /// Reads `dev` or `prod`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "dev" | "" => Ok(Self::Dev),
            "prod" => Ok(Self::Prod),
            _ => Err("use dev or prod".into()),
        }
    }
}

/// What comes of it.
pub struct Signing {
    /// Where the core puts the signature.
    pub place: runpack::Signing,
    /// The key.
    pub key: Option<PrivateKey>,
    /// Said once, when a development key was made.
    pub announcement: Option<String>,
    /// Why there is no signature although there could be, and what is odd about the key.
    pub warnings: Vec<String>,
}

impl Signing {
    fn none() -> Self {
        Self { place: runpack::Signing::None, key: None, announcement: None, warnings: Vec::new() }
    }
}

/// Finds the key.
pub fn choose(wish: &Wish) -> Result<Signing, Fault> {
    let usage = |error: &str, hint: &str| Err(Fault::new(Code::KeySource, error).hint(hint));
    match (wish.no_sign, wish.mode, &wish.private_key) {
        (true, Mode::Dev, None) => Ok(Signing::none()),
        (true, ..) => usage("`--no-sign` stands beside a signing key", "leave one of them out"),
        (_, Mode::Dev, Some(_)) => usage(
            "a private key is named, but the key mode is dev",
            "add `--key-mode prod` to sign with it, or leave it out",
        ),
        (_, Mode::Prod, None) => {
            let fault = Fault::new(Code::KeyMissing, "key mode prod needs a private key");
            Err(fault.hint("give `--private-key FILE` or `--private-key-env NAME`; `gait keys init` makes a pair"))
        }
        (_, Mode::Prod, Some(source)) => {
            let mut signing =
                Signing { place: runpack::Signing::Manifest, key: Some(source.private()?), ..Signing::none() };
            if source.is_open_to_others() {
                let path = source.place();
                signing.warnings.push(format!("other users can read the private key `{path}`; run `chmod 600 {path}`"));
            }
            Ok(signing)
        }
        (_, Mode::Dev, None) => development_key(),
    }
}

fn development_key() -> Result<Signing, Fault> {
    let found = match development::obtain() {
        Ok(found) => found,
        Err(Unavailable::Broken(fault)) => return Err(fault),
        Err(Unavailable::NoPlace(reason)) => {
            let warning = format!("the runpack is not signed: {reason}");
            return Ok(Signing { warnings: vec![warning], ..Signing::none() });
        }
    };
    let announcement = found.made.then(|| {
        let key_id = found.key.public().key_id();
        format!("made a development key that signs your runpacks: {} (key id {})", found.path.display(), &key_id[..12])
    });
    Ok(Signing { place: runpack::Signing::Archive, key: Some(found.key), announcement, warnings: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_refused() {
        let source = || Some(Source::File("no/such.key".into()));
        let code = |mode, private_key, no_sign| {
            choose(&Wish { mode, private_key, no_sign }).err().map(|fault| fault.error_code)
        };
        assert_eq!(code(Mode::Dev, source(), false), Some(Code::KeySource));
        assert_eq!(code(Mode::Prod, None, false), Some(Code::KeyMissing));
        assert_eq!(code(Mode::Prod, source(), false), Some(Code::FileNotFound));
        assert_eq!(code(Mode::Prod, source(), true), Some(Code::KeySource));
        assert_eq!(code(Mode::Dev, None, true), None);
    }
}
