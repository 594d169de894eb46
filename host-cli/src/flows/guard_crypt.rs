//! Encrypt a file for keeping, and get it back (guard contract, section 11).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Encoding};
use gait_contract::retention::{ENCRYPTED_SCHEMA, EncryptedArtifact};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::core::Core;
use crate::host::seal::{Key, NONCE};
use crate::host::{clock, fs, interrupt, keys, paths};

/// What files of this kind are called.
const ENDING: &str = ".gaitenc";
/// Most bytes of a file that is encrypted.
const PLAIN_BYTES: u64 = 1 << 30;
/// Most bytes of an envelope: base64 makes four of three.
const ENVELOPE_BYTES: u64 = PLAIN_BYTES / 3 * 4 + (1 << 20);

/// What to encrypt or decrypt, and with which key.
pub struct Wanted {
    /// The file.
    pub input: String,
    /// Where the result goes; blank for the usual name.
    pub out: String,
    /// Environment variable with the key.
    pub key_env: String,
    /// File with the key.
    pub key_file: String,
    /// Command that prints the key.
    pub key_command: String,
    /// Its arguments.
    pub key_command_args: Vec<String>,
}

impl Wanted {
    fn key(&self) -> Result<Key, Fault> {
        match (self.key_env.trim(), self.key_file.trim(), self.key_command.trim()) {
            ("", "", "") => Err(Fault::new(Code::KeyMissing, "there is no key to encrypt or decrypt with")
                .hint("give `--key-env NAME`, `--key-file FILE` or `--key-command PROGRAM`")),
            ("", "", command) => Key::of_command(command, &self.key_command_args),
            ("", file, _) => Key::of_file(file),
            // With several, the variable is enough, and no command is run for nothing.
            (name, ..) => Key::of_variable(name),
        }
    }

    fn out(&self, usual: impl FnOnce(&str) -> String) -> Result<String, Fault> {
        let out = if self.out.trim().is_empty() { usual(&self.input) } else { self.out.trim().to_owned() };
        if paths::same_place(&self.input, &out) {
            return Err(Fault::new(Code::OutputIsInput, format!("`{out}` would be overwritten")));
        }
        Ok(out)
    }
}

/// A file was encrypted.
#[derive(Debug, Serialize)]
pub struct Encrypted {
    /// Always true.
    pub ok: bool,
    /// The envelope's file.
    pub path: String,
    /// How.
    pub algorithm: String,
    /// What was encrypted.
    pub plain_sha256: String,
    /// Its size.
    #[serde(skip_serializing_if = "is_zero")]
    pub plain_size: u64,
    /// `env`, `file` or `command`.
    pub key_mode: String,
    /// The variable or the file with the key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_ref: String,
}

/// A file was decrypted.
#[derive(Debug, Serialize)]
pub struct Decrypted {
    /// Always true.
    pub ok: bool,
    /// The file.
    pub path: String,
    /// What it is.
    pub plain_sha256: String,
    /// Its size.
    #[serde(skip_serializing_if = "is_zero")]
    pub plain_size: u64,
}

fn is_zero(size: &u64) -> bool {
    *size == 0
}

/// Encrypts a file.
pub fn encrypt(wanted: &Wanted) -> Result<Encrypted, Fault> {
    let path = wanted.out(|input| format!("{input}{ENDING}"))?;
    let key = wanted.key()?;
    let mut bytes = read(&wanted.input, PLAIN_BYTES)?;
    interrupt::hold();
    let (plain_sha256, plain_size) = (sha256(&bytes), bytes.len() as u64);
    let nonce = key.close(&mut bytes)?;
    let envelope = EncryptedArtifact {
        schema_id: ENCRYPTED_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: clock::now(),
        producer_version: Core::producer_version(),
        algorithm: "aes-256-gcm".into(),
        key_source: key.source,
        nonce: Base64::encode_string(&nonce),
        ciphertext: Base64::encode_string(&bytes),
        plain_sha256,
        plain_size,
    };
    let text = serde_json::to_vec(&envelope)
        .map_err(|error| Fault::new(Code::InternalFailure, format!("the envelope cannot be written: {error}")))?;
    fs::write_with_folders(Path::new(&path), &text)?;
    Ok(Encrypted {
        ok: true,
        path,
        algorithm: envelope.algorithm,
        plain_sha256: envelope.plain_sha256,
        plain_size,
        key_mode: envelope.key_source.mode,
        key_ref: envelope.key_source.reference,
    })
}

/// Decrypts a file. Nothing is written unless all of it is right.
pub fn decrypt(wanted: &Wanted) -> Result<Decrypted, Fault> {
    let path = wanted.out(|input| input.strip_suffix(ENDING).map_or(format!("{input}.plain"), str::to_owned))?;
    let key = wanted.key()?;
    let envelope = Envelope::read(&wanted.input)?;
    interrupt::hold();
    let mut bytes = envelope.ciphertext;
    // What is wrong is not told in more detail: whoever tries keys or changes bytes should learn nothing from it.
    let refused = || {
        Fault::new(Code::DecryptionFailed, "the file does not open: the key is another one, or the file was changed")
            .at(wanted.input.clone())
    };
    key.open(envelope.nonce, &mut bytes).ok_or_else(refused)?;
    let plain_sha256 = sha256(&bytes);
    if !envelope.plain_sha256.is_empty() && !envelope.plain_sha256.eq_ignore_ascii_case(&plain_sha256) {
        return Err(Fault::new(Code::DecryptionFailed, "the content is not the one that the envelope names")
            .at(wanted.input.clone()));
    }
    fs::write_with_folders(Path::new(&path), &bytes)?;
    Ok(Decrypted { ok: true, path, plain_sha256, plain_size: bytes.len() as u64 })
}

/// What is used of an envelope. Everything else may be missing or odd.
struct Envelope {
    nonce: [u8; NONCE],
    ciphertext: Zeroizing<Vec<u8>>,
    plain_sha256: String,
}

impl Envelope {
    fn read(path: &str) -> Result<Self, Fault> {
        #[derive(serde::Deserialize)]
        struct Used {
            nonce: String,
            ciphertext: String,
            plain_sha256: Option<String>,
        }
        let wrong = |what: &str| Fault::new(Code::EnvelopeInvalid, format!("the envelope {what}")).at(path);
        let text = read(path, ENVELOPE_BYTES)?;
        let used: Used = serde_json::from_slice(&text).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        let nonce = keys::base64(&used.nonce).and_then(|nonce| nonce.as_slice().try_into().ok());
        let nonce = nonce.ok_or_else(|| wrong("has no nonce of 12 bytes"))?;
        let ciphertext = keys::base64(&used.ciphertext).ok_or_else(|| wrong("holds something that is not base64"))?;
        Ok(Self { nonce, ciphertext, plain_sha256: used.plain_sha256.unwrap_or_default() })
    }
}

/// The bytes of a file, at most so many.
fn read(path: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let refused = |error| fs::unreadable(Path::new(path), &error);
    let file = File::open(path).map_err(refused)?;
    let size = file.metadata().map_or(0, |known| known.len()).min(most);
    // Room for all of it from the start: what grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 64));
    file.take(most + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > most {
        return Err(Fault::new(Code::FileUnreadable, format!("`{path}` is too large: at most 1 GiB is encrypted"))
            .hint("encrypt larger files in parts, or with a tool that streams"));
    }
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    keys::hex(&Sha256::digest(bytes))
}
