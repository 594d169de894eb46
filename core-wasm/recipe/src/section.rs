//! A WebAssembly module as a list of sections: leaving one out, and making sure the module needs nothing.

use crate::Problem;

const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const MEMORY: u8 = 5;
/// Magic number and version 1.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

struct Section<'m> {
    id: u8,
    content: &'m [u8],
    /// With id and length.
    whole: &'m [u8],
}

/// The module without the custom sections of this name.
pub(crate) fn without(module: &[u8], name: &str) -> Result<Vec<u8>, Problem> {
    let mut kept = HEADER.to_vec();
    for section in sections(module)? {
        let mut content = section.content;
        let named = section.id == CUSTOM
            && take(&mut content).is_some_and(|length| content.get(..length) == Some(name.as_bytes()));
        if !named {
            kept.extend_from_slice(section.whole);
        }
    }
    Ok(kept)
}

/// Refuses a module that imports anything or whose memory may grow without end.
pub(crate) fn ensure_self_contained(module: &[u8]) -> Result<(), Problem> {
    let sections = sections(module)?;
    let find = |id| sections.iter().find(|section| section.id == id).map(|section| section.content);
    if let Some(mut imports) = find(IMPORT)
        && take(&mut imports) != Some(0)
    {
        return Err(format!("the module imports something: {}", String::from_utf8_lossy(imports)));
    }
    match find(MEMORY) {
        Some([1, flags, ..]) if flags & 1 == 1 => Ok(()),
        _ => Err("the module's memory has no maximum".into()),
    }
}

fn sections(module: &[u8]) -> Result<Vec<Section<'_>>, Problem> {
    let mut rest = module.strip_prefix(HEADER).ok_or("this is no WebAssembly module")?;
    let mut sections = Vec::new();
    while let Some((id, mut content)) = rest.split_first() {
        let (body, after) = take(&mut content)
            .and_then(|length| content.split_at_checked(length))
            .ok_or("the WebAssembly module is cut off")?;
        sections.push(Section { id: *id, content: body, whole: &rest[..rest.len() - after.len()] });
        rest = after;
    }
    Ok(sections)
}

/// Takes an unsigned LEB128 number off the front.
fn take(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{HEADER, ensure_self_contained, without};

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [&[HEADER], sections].concat().concat()
    }

    #[test]
    fn only_the_named_section_goes() {
        let (named, other, code) = (&b"\0\x04\x02abx"[..], &b"\0\x03\x02ac"[..], &b"\x0a\x01\0"[..]);
        assert_eq!(without(&module(&[named, other, code]), "ab"), Ok(module(&[other, code])));
        assert!(without(b"\0asm\x01\0\0\0\0\x09x", "ab").is_err());
        assert!(without(b"text", "ab").is_err());
    }

    #[test]
    fn imports_and_endless_memory_are_refused() {
        let (bounded, endless) = (&b"\x05\x04\x01\x01\x01\x02"[..], &b"\x05\x03\x01\0\x01"[..]);
        assert_eq!(ensure_self_contained(&module(&[bounded])), Ok(()));
        assert_eq!(ensure_self_contained(&module(&[b"\x02\x01\0", bounded])), Ok(()));
        assert!(ensure_self_contained(&module(&[endless])).is_err());
        assert!(ensure_self_contained(&module(&[b"\x02\x07\x01\x01a\x01b\0\0", bounded])).is_err());
        assert!(ensure_self_contained(&module(&[])).is_err());
    }
}
