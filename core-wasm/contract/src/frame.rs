//! Frames: one JSON document and the bytes that belong to it, as they cross the boundary.
//!
//! Layout: length of the JSON as 32-bit little-endian, the JSON, then the bytes until the end.

use alloc::vec::Vec;

/// Bytes before the JSON.
pub const LENGTH_BYTES: usize = 4;

/// Puts JSON and bytes into one frame.
pub fn write(json: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(LENGTH_BYTES + json.len() + bytes.len());
    frame.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(json);
    frame.extend_from_slice(bytes);
    frame
}

/// Takes a frame apart; `None` when it is shorter than it says.
pub fn read(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = frame.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_frame_comes_back_as_it_went_in() {
        let frame = super::write(b"{}", b"bytes");
        assert_eq!(super::read(&frame), Some((&b"{}"[..], &b"bytes"[..])));
        assert_eq!(super::read(&frame[..5]), None);
        assert_eq!(super::read(&[1]), None);
    }
}
