//! Signing keys: base64 text in files and environment variables (schemas contract, A.7). Private keys stay in here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer as _, SigningKey};
use gait_contract::step::SourceErrorKind;
use gait_contract::{Code, Fault, SourceError};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::fs;

/// Text of keys is shorter than this; whatever is longer is no key.
const TEXT_BYTES: u64 = 4_096;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    bytes: [u8; 32],
}

impl PublicKey {
    /// Reads base64 text; `place` is named when it is none.
    pub fn parse(text: &str, place: &str) -> Result<Self, Fault> {
        let bytes = decode(text, place, "public", 32)?;
        let mut key = Self { bytes: [0; 32] };
        key.bytes.copy_from_slice(&bytes);
        Ok(key)
    }

    /// Standard base64.
    pub fn text(&self) -> String {
        Base64::encode_string(&self.bytes)
    }

    /// SHA-256 of the raw key, lower-case hex.
    pub fn key_id(&self) -> String {
        hex(&Sha256::digest(self.bytes))
    }
}

/// A private key that can sign. It is wiped from memory when it goes.
#[derive(Clone)]
pub struct PrivateKey {
    key: SigningKey,
}

impl PrivateKey {
    /// Makes a new one.
    pub fn generate() -> Result<Self, Fault> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())
            .map_err(|error| Fault::new(Code::InternalFailure, format!("the system gives no randomness: {error}")))?;
        Ok(Self { key: SigningKey::from_bytes(&seed) })
    }

    /// Reads base64 text of seed and public half; `place` is named when it is none.
    pub fn parse(text: &str, place: &str) -> Result<Self, Fault> {
        let bytes = decode(text, place, "private", 64)?;
        let mut pair = Zeroizing::new([0; 64]);
        pair.copy_from_slice(&bytes);
        // A public half of somebody else would put a false name under every signature.
        let key = SigningKey::from_keypair_bytes(&pair)
            .map_err(|_| invalid(place, "holds a seed and a public key that do not belong together"))?;
        Ok(Self { key })
    }

    /// Standard base64 of seed and public half, with a line feed, as key files hold it.
    pub fn file_text(&self) -> Zeroizing<String> {
        let pair = Zeroizing::new(self.key.to_keypair_bytes());
        let mut text = Zeroizing::new(Base64::encode_string(pair.as_ref()));
        text.push('\n');
        text
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey { bytes: self.key.verifying_key().to_bytes() }
    }

    /// Signs a message; base64.
    pub fn sign_bytes(&self, message: &[u8]) -> String {
        Base64::encode_string(&self.key.sign(message).to_bytes())
    }

    /// Signs the 32 bytes that a digest (64 hex digits) stands for; base64.
    pub fn sign(&self, digest: &str) -> Result<String, SourceError> {
        let bytes = unhex(digest).ok_or_else(|| SourceError {
            kind: SourceErrorKind::Signing,
            message: "what is to be signed is no SHA-256 digest".into(),
        })?;
        Ok(Base64::encode_string(&self.key.sign(&bytes).to_bytes()))
    }
}

/// A key that encrypts and decrypts: base64 of 32 bytes. What was read never enters a message.
pub fn symmetric(text: &str, place: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    decode(text, place, "secret", 32).map_err(|fault| {
        fault.hint("the key is standard base64 of 32 random bytes, as `openssl rand -base64 32` prints it")
    })
}

/// The same, from a file.
pub fn symmetric_file(path: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    symmetric(&read_text(Path::new(path))?, path)
}

/// Bytes of standard base64 with padding; CR and LF anywhere do not count.
pub fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let breaks = ['\r', '\n'];
    match text.contains(breaks) {
        true => Base64::decode_vec(&text.replace(breaks, "")),
        false => Base64::decode_vec(text),
    }
    .ok()
    .map(Zeroizing::new)
}

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(String),
    /// An environment variable.
    Variable(String),
}

impl Source {
    /// At most one of a file and a variable.
    pub fn of(file: Option<String>, variable: Option<String>, flag: &str) -> Result<Option<Self>, Fault> {
        // Whoever puts the key itself here must not find it in a log as a file that does not exist.
        if file.iter().chain(&variable).any(|name| is_private_key(name)) {
            return Err(Fault::new(
                Code::KeySource,
                format!("`--{flag}` was given a private key instead of its place"),
            )
            .hint("keep the key in a file and name that; this one is in the shell's history by now, so replace it"));
        }
        match (file, variable) {
            (Some(_), Some(_)) => {
                Err(Fault::new(Code::KeySource, format!("`--{flag}` and `--{flag}-env` both name a key")))
            }
            (Some(file), None) => Ok(Some(Self::File(file))),
            (None, Some(variable)) => Ok(Some(Self::Variable(variable))),
            (None, None) => Ok(None),
        }
    }

    /// How the source is called in messages.
    pub fn place(&self) -> String {
        match self {
            Self::File(path) => path.clone(),
            Self::Variable(name) => format!("${name}"),
        }
    }

    /// Reads a public key.
    pub fn public(&self) -> Result<PublicKey, Fault> {
        PublicKey::parse(&self.text()?, &self.place())
    }

    /// Reads a private key.
    pub fn private(&self) -> Result<PrivateKey, Fault> {
        PrivateKey::parse(&self.text()?, &self.place())
    }

    /// True for a file that others than its owner may read.
    pub fn is_open_to_others(&self) -> bool {
        matches!(self, Self::File(path) if is_open_to_others(Path::new(path)))
    }

    fn text(&self) -> Result<Zeroizing<String>, Fault> {
        match self {
            Self::File(path) => read_text(Path::new(path)),
            Self::Variable(name) => {
                let text = Zeroizing::new(std::env::var(name).unwrap_or_default());
                if text.trim().is_empty() {
                    return Err(Fault::new(Code::KeyInvalid, format!("environment variable `{name}` holds no key"))
                        .hint("set the variable to the key's base64 text"));
                }
                Ok(Zeroizing::new(text.trim().to_owned()))
            }
        }
    }
}

/// The text of a key file, without the white space around it.
fn read_text(path: &Path) -> Result<Zeroizing<String>, Fault> {
    let mut text = Zeroizing::new(Vec::new());
    File::open(path)
        .and_then(|file| file.take(TEXT_BYTES + 1).read_to_end(&mut text))
        .map_err(|error| fs::unreadable(path, &error))?;
    let place = path.display().to_string();
    if text.len() as u64 > TEXT_BYTES {
        return Err(invalid(&place, "is too long for a key"));
    }
    let Ok(text) = std::str::from_utf8(&text) else {
        return Err(invalid(&place, "is not text"));
    };
    Ok(Zeroizing::new(text.trim_matches([' ', '\t', '\r', '\n']).to_owned()))
}

/// True for a file whose permission bits let others than its owner at it.
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Decodes standard base64 with padding; CR and LF anywhere do not count. What was read never enters a message.
fn decode(text: &str, place: &str, kind: &str, length: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
    if text.is_empty() {
        return Err(invalid(place, "is empty"));
    }
    if text.contains("-----BEGIN") {
        return Err(invalid(place, "is a PEM file, not base64 text of raw key bytes"));
    }
    let joined = Zeroizing::new(text.replace(['\r', '\n'], ""));
    let Ok(bytes) = Base64::decode_vec(&joined).map(Zeroizing::new) else {
        return Err(invalid(place, "is not standard base64 with padding"));
    };
    if bytes.len() != length {
        let other = match (kind, bytes.len()) {
            ("public", 64) => "; it looks like a private key",
            ("private", 32) => "; it looks like a public key or a bare seed",
            _ => "",
        };
        let what = format!("holds {} bytes, and a {kind} key has {length}{other}", bytes.len());
        return Err(invalid(place, &what));
    }
    Ok(bytes)
}

fn is_private_key(text: &str) -> bool {
    Base64::decode_vec(text.trim()).map(Zeroizing::new).is_ok_and(|bytes| bytes.len() == 64)
}

fn invalid(place: &str, what: &str) -> Fault {
    Fault::new(Code::KeyInvalid, format!("key `{place}` {what}")).at(place)
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        hex.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    hex
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The contract's test vector: seed 00 01 … 1f.
    const PRIVATE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
    const PUBLIC: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

    #[test]
    fn the_vector_of_the_contract_holds() {
        let key = PrivateKey::parse(PRIVATE, "x").expect("a key");
        assert_eq!(key.public(), PublicKey::parse(PUBLIC, "y").expect("a key"));
        assert_eq!(key.public().text(), PUBLIC);
        assert_eq!(key.public().key_id(), "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c");
        assert_eq!(
            key.sign("cf80c58317bfd2dcb627987947458243d8a095db2f9503931946f0708303bac5").as_deref(),
            Ok("7kG7ud0qrkvW/0upKI9CPnZxkUsLpOExKD7SqrWKFcuhluJuviZFu2s7ZTaq910x8H6NBtQUPALm3f5V2UapDw==")
        );
        assert_eq!(key.file_text().trim(), PRIVATE);
        assert!(key.sign("cf80").is_err() && key.sign(&"g".repeat(64)).is_err());
    }

    #[test]
    fn line_breaks_inside_do_not_count() {
        let broken = format!("{}\r\n{}", &PRIVATE[..64], &PRIVATE[64..]);
        assert!(PrivateKey::parse(&broken, "x").is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let halves = format!("{}{}", &PRIVATE[..40], "A".repeat(46) + "==");
        for text in [
            "",
            "AAAA",
            "not base64!",
            "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
            "-----BEGIN PRIVATE KEY-----",
            PUBLIC,
            &halves,
            &PRIVATE.replace('/', "_"),
            &format!("{} {}", &PRIVATE[..8], &PRIVATE[8..]),
        ] {
            let fault = PrivateKey::parse(text, "x.key").err().expect("refused");
            assert_eq!(fault.error_code, Code::KeyInvalid, "{text}");
            assert!(text.is_empty() || !fault.error.contains(text), "{}", fault.error);
        }
        assert!(PublicKey::parse(PRIVATE, "x").is_err_and(|fault| fault.error.contains("looks like a private key")));
    }

    #[test]
    fn a_key_has_one_source() {
        let both = Source::of(Some("a".into()), Some("B".into()), "public-key");
        assert_eq!(both.map_err(|fault| fault.error_code), Err(Code::KeySource));
        assert_eq!(Source::of(None, None, "public-key"), Ok(None));
        for (file, variable) in [(Some(PRIVATE.to_owned()), None), (None, Some(format!(" {PRIVATE}\n")))] {
            let fault = Source::of(file, variable, "private-key").expect_err("a key is no place");
            assert_eq!(fault.error_code, Code::KeySource);
            assert!(!format!("{fault:?}").contains(&PRIVATE[..20]));
        }
        let unset = Source::Variable("GAIT_TEST_VARIABLE_THAT_IS_UNSET".into()).public();
        assert_eq!(unset.map_err(|fault| fault.error_code), Err(Code::KeyInvalid));
        let absent = Source::File("no/such.key".into()).private().err().map(|fault| fault.error_code);
        assert_eq!(absent, Some(Code::FileNotFound));
    }
}
