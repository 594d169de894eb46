//! The keys of the gate: who signs traces and approvals, and whose approvals count (gate contract, 4.4 and 4.7).

use gait_contract::{Code, Fault};

use super::signing::Mode;
use crate::host::development::{self, Unavailable};
use crate::host::keys::{PrivateKey, PublicKey, Source};

/// A key that signs, and what is to be said about it.
pub struct Signer {
    /// The key.
    pub key: PrivateKey,
    /// For the answer: exactly one with development keys, none with others.
    pub warnings: Vec<String>,
    /// Said once, when a development key was made.
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    pub remark: Option<String>,
}

/// Finds the key that signs.
pub fn signer(mode: &str, file: &str, variable: &str) -> Result<Signer, Fault> {
    let mode = Mode::parse(mode)
        .map_err(|_| Fault::new(Code::KeySource, format!("key mode `{mode}` is not known")).hint("use dev or prod"))?;
    match (mode, source(file, variable, "private-key")?) {
        (Mode::Dev, None) => development_key(),
        (Mode::Dev, Some(_)) => Err(Fault::new(Code::KeySource, "a private key is named, but the key mode is dev")
            .hint("add `--key-mode prod` to sign with it, or leave it out")),
        (Mode::Prod, None) => Err(Fault::new(Code::KeyMissing, "key mode prod needs a private key")
            .hint("give `--private-key FILE` or `--private-key-env NAME`; `gait keys init` makes a pair")),
        (Mode::Prod, Some(source)) => {
            let key = source.private()?;
            let remark = source.is_open_to_others().then(|| {
                let path = source.place();
                format!("other users can read the private key `{path}`; run `chmod 600 {path}`")
            });
            Ok(Signer { key, warnings: Vec::new(), announcement: None, remark })
        }
    }
}

/// The key that is held against approvals, if one is configured. A public one is preferred, and then the private one
/// is not even read.
pub fn approvers(public: (&str, &str), private: (&str, &str)) -> Result<Option<PublicKey>, Fault> {
    let public = source(public.0, public.1, "approval-public-key")?;
    let private = source(private.0, private.1, "approval-private-key")?;
    match (public, private) {
        (Some(source), _) => source.public().map(Some),
        (None, Some(source)) => Ok(Some(source.private()?.public())),
        (None, None) => Ok(None),
    }
}

/// At most one of a file and a variable; blank is none.
fn source(file: &str, variable: &str, flag: &str) -> Result<Option<Source>, Fault> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    Source::of(given(file), given(variable).map(|name| name.trim().to_owned()), flag)
}

/// A key that lasts is better than one that is gone when somebody wants to check the trace; without a place for one,
/// a key that nobody keeps still says which bytes were signed.
fn development_key() -> Result<Signer, Fault> {
    let (key, announcement, whose) = match development::obtain() {
        Ok(found) => {
            let key_id = found.key.public().key_id();
            let path = found.path.display();
            let made = format!("made a development key: {path} (key id {})", &key_id[..12]);
            (found.key, found.made.then_some(made), "your development key, which proves nothing to others")
        }
        Err(Unavailable::NoPlace(_)) => {
            (PrivateKey::generate()?, None, "a key that is not kept, so that nobody can check the signature")
        }
        Err(Unavailable::Broken(fault)) => return Err(fault),
    };
    let warning = format!("signed with {whose}; use `--key-mode prod` and a key of your own in production");
    Ok(Signer { key, warnings: vec![warning], announcement, remark: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mode: &str, file: &str, variable: &str) -> Option<Code> {
        signer(mode, file, variable).err().map(|fault| fault.error_code)
    }

    #[test]
    fn a_mode_and_its_sources_have_to_fit() {
        assert_eq!(refusal("test", "", ""), Some(Code::KeySource));
        assert_eq!(refusal(" DEV ", "x.key", ""), Some(Code::KeySource));
        assert_eq!(refusal("", "", "NAME"), Some(Code::KeySource));
        assert_eq!(refusal("prod", " ", ""), Some(Code::KeyMissing));
        assert_eq!(refusal("prod", "x.key", "NAME"), Some(Code::KeySource));
        assert_eq!(refusal("prod", "no/such.key", ""), Some(Code::FileNotFound));
        assert_eq!(refusal("prod", "", "GAIT_TEST_VARIABLE_THAT_IS_UNSET"), Some(Code::KeyInvalid));
    }

    #[test]
    fn one_key_is_held_against_approvals() {
        let code =
            |public, private| approvers(public, private).map(|key| key.is_some()).map_err(|fault| fault.error_code);
        assert_eq!(code(("", " "), ("", "")), Ok(false));
        assert_eq!(code(("a", "B"), ("", "")), Err(Code::KeySource));
        assert_eq!(code(("", ""), ("a", "B")), Err(Code::KeySource));
        assert_eq!(code(("no/such.pub", ""), ("no/such.key", "")), Err(Code::FileNotFound));
    }
}
