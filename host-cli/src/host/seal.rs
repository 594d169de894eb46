//! AES-256-GCM: closing and opening sealed bytes, and the keys for it. Keys stay in here.

use std::time::Duration;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use gait_contract::retention::KeySource;
use gait_contract::{Code, Fault};
use zeroize::Zeroizing;

use super::keys;
use super::program::{self, Limits};

/// Bytes of a nonce.
pub const NONCE: usize = 12;
/// Bytes behind what was encrypted, which authenticate it.
const TAG: usize = 16;
/// How long a command may take that prints a key, and how much it may say.
const LIMITS: Limits = Limits { patience: Duration::from_secs(30), bytes: 4_096 };

/// A key, and where it came from.
pub struct Key {
    cipher: Aes256Gcm,
    /// What an envelope says about it.
    pub source: KeySource,
}

impl Key {
    /// The key that a variable holds.
    pub fn of_variable(name: &str) -> Result<Self, Fault> {
        let place = format!("${name}");
        let unset = || {
            Fault::new(Code::KeyInvalid, format!("environment variable `{name}` holds no key"))
                .hint("set the variable to standard base64 of 32 random bytes, as `openssl rand -base64 32` prints it")
        };
        // A name with these is refused by the system with a panic.
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(unset());
        }
        let text = Zeroizing::new(std::env::var(name).unwrap_or_default());
        if text.trim().is_empty() {
            return Err(unset());
        }
        let source = KeySource { mode: "env".into(), reference: name.into(), ..KeySource::default() };
        Self::read(text.trim(), &place, source)
    }

    /// The key that a file holds.
    pub fn of_file(path: &str) -> Result<Self, Fault> {
        let source = KeySource { mode: "file".into(), reference: path.into(), ..KeySource::default() };
        Self::of(&keys::symmetric_file(path)?, path, source)
    }

    /// The key that a command prints.
    pub fn of_command(command: &str, arguments: &[String]) -> Result<Self, Fault> {
        let printed = program::ask(command, arguments, "", LIMITS).ok_or_else(|| {
            Fault::new(Code::KeyInvalid, format!("the key command `{command}` gave no key"))
                .hint("it has to end with 0 within 30 seconds and print nothing but the key; it is run without a shell")
        })?;
        let text = std::str::from_utf8(&printed).unwrap_or_default();
        let source = KeySource { mode: "command".into(), command: command.into(), ..KeySource::default() };
        Self::read(text.trim(), command, source)
    }

    fn read(text: &str, place: &str, source: KeySource) -> Result<Self, Fault> {
        Self::of(&keys::symmetric(text, place)?, place, source)
    }

    fn of(bytes: &[u8], place: &str, source: KeySource) -> Result<Self, Fault> {
        let cipher = Aes256Gcm::new_from_slice(bytes)
            .map_err(|_| Fault::new(Code::KeyInvalid, format!("key `{place}` does not fit")))?;
        Ok(Self { cipher, source })
    }

    /// Encrypts in place, and appends what authenticates it. Each call makes a nonce of its own.
    pub fn close(&self, bytes: &mut Vec<u8>) -> Result<[u8; NONCE], Fault> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)
            .map_err(|error| Fault::new(Code::InternalFailure, format!("the system gives no randomness: {error}")))?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce.into(), b"", bytes.as_mut_slice().into())
            .map_err(|_| Fault::new(Code::InternalFailure, "there is more to encrypt than one key may"))?;
        bytes.extend_from_slice(&tag);
        Ok(nonce)
    }

    /// Decrypts in place, if nothing was changed and this is the key.
    pub fn open(&self, nonce: [u8; NONCE], bytes: &mut Vec<u8>) -> Option<()> {
        let start = bytes.len().checked_sub(TAG)?;
        let tag: [u8; TAG] = bytes.get(start..)?.try_into().ok()?;
        bytes.truncate(start);
        self.cipher.decrypt_inout_detached(&nonce.into(), b"", bytes.as_mut_slice().into(), &tag.into()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> Key {
        let mut bytes = [7; 32];
        bytes[0] = first;
        let cipher = Aes256Gcm::new_from_slice(&bytes).expect("32 bytes");
        Key { cipher, source: KeySource::default() }
    }

    #[test]
    fn only_the_key_opens_only_what_was_closed() {
        let plain = b"evidence".to_vec();
        let mut sealed = plain.clone();
        let nonce = key(1).close(&mut sealed).expect("closed");
        assert_eq!(sealed.len(), plain.len() + TAG);
        let open =
            |first: u8, nonce: [u8; NONCE], mut bytes: Vec<u8>| key(first).open(nonce, &mut bytes).map(|()| bytes);
        assert_eq!(open(1, nonce, sealed.clone()), Some(plain));
        assert_eq!(open(2, nonce, sealed.clone()), None);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(1, nonce, changed), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(open(1, nonce, sealed[..length].to_vec()), None, "{length} bytes");
        }
        let mut other = nonce;
        other[0] ^= 1;
        assert_eq!(open(1, other, sealed), None);
    }

    #[test]
    fn nonces_are_never_the_same() {
        let nonces: Vec<_> = (0..64).map(|_| key(1).close(&mut Vec::new()).expect("closed")).collect();
        assert!((1..64).all(|at| !nonces[..at].contains(&nonces[at])));
    }
}
