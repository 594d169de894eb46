//! Public keys and Ed25519 signatures (runpack contract, section 7; schemas contract, A.6 and A.7).
//!
//! Signing itself happens in the host; the core only says what is to be signed and checks what was.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ed25519_dalek::VerifyingKey;
use gait_contract::runpack::Signature;
use gait_contract::{Code, Fault};

use crate::digest::{sha256_hex, unhex};

/// A usable public key and its name.
#[derive(Clone)]
pub(crate) struct PublicKey {
    key: VerifyingKey,
    pub(crate) id: String,
}

impl PublicKey {
    /// Reads base64 text of 32 bytes; white space around it is ignored.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let bytes = base64(text.trim()).ok_or_else(|| Fault::new(Code::KeyInvalid, "the public key is not base64"))?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|bytes: Vec<u8>| {
            Fault::new(Code::KeyInvalid, format!("the public key has {} bytes, not 32", bytes.len()))
        })?;
        let key = VerifyingKey::from_bytes(&bytes)
            .map_err(|_| Fault::new(Code::KeyInvalid, "the public key is no point on the curve"))?;
        Ok(Self { key, id: sha256_hex(&bytes) })
    }
}

/// Checks one signature entry over a payload's digest (lower-case hex), in the contract's order.
/// The error is the text that reports list.
pub(crate) fn check(entry: &Signature, digest: &str, key: &PublicKey) -> Result<(), String> {
    if entry.signed_digest.is_empty() {
        return Err("missing signed_digest".into());
    }
    if entry.signed_digest != digest {
        return Err("signed_digest mismatch".into());
    }
    if entry.alg != "ed25519" {
        return Err(format!("unsupported alg: {}", entry.alg));
    }
    if !entry.key_id.is_empty() && entry.key_id != key.id {
        return Err("key id mismatch".into());
    }
    let digest: [u8; 32] = unhex(digest).ok_or("signed_digest mismatch")?;
    check_bytes(&entry.sig, &digest, key)
}

/// Checks a signature (standard base64) over some bytes. The error is the text that reports list.
pub(crate) fn check_bytes(sig: &str, message: &[u8], key: &PublicKey) -> Result<(), String> {
    let sig = base64(sig).ok_or("decode sig: not base64")?;
    let sig: [u8; 64] = sig.try_into().map_err(|sig: Vec<u8>| format!("invalid signature length: {}", sig.len()))?;
    // Strict: neither the key nor the commitment may be of small order, so no two keys accept one signature.
    key.key
        .verify_strict(message, &ed25519_dalek::Signature::from_bytes(&sig))
        .map_err(|_| "signature verification failed".into())
}

/// Standard base64 with padding; CR and LF anywhere are ignored, everything else is an error.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let (groups, rest) = symbols.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for (at, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|symbol| **symbol == b'=').count();
        if padding > 2 || (padding > 0 && at + 1 != groups.len()) {
            return None;
        }
        let mut value = 0_u32;
        for symbol in group.iter().take(4 - padding) {
            value = value << 6 | sextet(*symbol)?;
        }
        value <<= 6 * padding;
        let [_, triple @ ..] = value.to_be_bytes();
        // Bits that the padding says are unused must be zero, or one key would have several spellings.
        if triple.iter().skip(3 - padding).any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend(triple.iter().take(3 - padding));
    }
    Some(bytes)
}

fn sextet(symbol: u8) -> Option<u32> {
    Some(u32::from(match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, base64, check};
    use gait_contract::Code;
    use gait_contract::runpack::Signature;

    const PUBLIC: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    const DIGEST: &str = "cf80c58317bfd2dcb627987947458243d8a095db2f9503931946f0708303bac5";

    fn entry() -> Signature {
        Signature {
            alg: "ed25519".into(),
            key_id: "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c".into(),
            sig: "7kG7ud0qrkvW/0upKI9CPnZxkUsLpOExKD7SqrWKFcuhluJuviZFu2s7ZTaq910x8H6NBtQUPALm3f5V2UapDw==".into(),
            signed_digest: DIGEST.into(),
        }
    }

    fn refused(entry: &Signature) -> Option<alloc::string::String> {
        PublicKey::parse(PUBLIC).ok().and_then(|key| check(entry, DIGEST, &key).err())
    }

    #[test]
    fn the_contracts_vector_verifies() {
        assert_eq!(refused(&entry()), None);
        assert_eq!(refused(&Signature { key_id: "".into(), ..entry() }), None);
    }

    #[test]
    fn each_defect_has_its_text() {
        let text = |entry: Signature| refused(&entry).unwrap_or_default();
        assert_eq!(text(Signature { signed_digest: "".into(), ..entry() }), "missing signed_digest");
        assert_eq!(text(Signature { signed_digest: DIGEST.to_uppercase(), ..entry() }), "signed_digest mismatch");
        assert_eq!(text(Signature { alg: "rsa".into(), ..entry() }), "unsupported alg: rsa");
        assert_eq!(text(Signature { key_id: "00".into(), ..entry() }), "key id mismatch");
        assert_eq!(text(Signature { sig: "?".into(), ..entry() }), "decode sig: not base64");
        assert_eq!(text(Signature { sig: "AAAA".into(), ..entry() }), "invalid signature length: 3");
        let other = entry().sig.replace("7kG7", "8kG7");
        assert_eq!(text(Signature { sig: other, ..entry() }), "signature verification failed");
    }

    #[test]
    fn keys_are_thirty_two_bytes_of_base64() {
        let code = |text: &str| PublicKey::parse(text).err().map(|fault| fault.error_code);
        assert_eq!(code(PUBLIC), None);
        assert_eq!(code(" A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\r\n"), None);
        for bad in [
            "",
            "AAAA",
            "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
            "A6EH v/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        ] {
            assert_eq!(code(bad), Some(Code::KeyInvalid), "{bad}");
        }
    }

    #[test]
    fn base64_is_standard_and_padded() {
        assert_eq!(base64("").as_deref(), Some(&b""[..]));
        assert_eq!(base64("YQ==").as_deref(), Some(&b"a"[..]));
        assert_eq!(base64("Y\nWI=\r\n").as_deref(), Some(&b"ab"[..]));
        for bad in ["Y", "YQ", "YQ=", "YR==", "====", "YQ==YQ==", "Y Q=", "YWJ=", "-_-_"] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
