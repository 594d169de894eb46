//! The outside of a wasm module: imports, exports, memory.

/// What a module shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// Number of imports.
    pub imports: u32,
    /// Names of exports.
    pub exports: Vec<String>,
    /// Its memory has a maximum.
    pub memory_limited: bool,
}

impl Module {
    /// Reads the sections that say so; `None` when it is no module.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"\0asm\x01\0\0\0")?;
        let mut module = Self::default();
        while let [id, behind @ ..] = rest {
            let (length, behind) = number(behind)?;
            let (section, behind) = behind.split_at_checked(length as usize)?;
            let (count, items) = number(section).unwrap_or_default();
            match id {
                2 => module.imports = count,
                5 => module.memory_limited = items.first()? & 1 == 1,
                7 => module.exports = exports(count, items)?,
                _ => {}
            }
            rest = behind;
        }
        Some(module)
    }
}

fn exports(count: u32, mut items: &[u8]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for _ in 0..count {
        let (length, behind) = number(items)?;
        let (name, behind) = behind.split_at_checked(length as usize)?;
        names.push(String::from_utf8_lossy(name).into_owned());
        let (_index, behind) = number(behind.get(1..)?)?;
        items = behind;
    }
    Some(names)
}

/// An unsigned LEB128 number and what follows it.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value |= u32::from(byte & 0x7f).checked_shl(7 * u32::try_from(at).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Module;

    #[test]
    fn sections_are_read() {
        let module = b"\0asm\x01\0\0\0\x02\x07\x01\x01a\x01b\x00\x00\x05\x04\x01\x01\x11\x20\x07\x05\x01\x01m\x02\x00";
        let read = Module::read(module);
        assert_eq!(read, Some(Module { imports: 1, exports: vec!["m".into()], memory_limited: true }));
        assert_eq!(Module::read(b"\0asm\x01\0\0\0"), Some(Module::default()));
        assert_eq!(Module::read(b"text"), None);
        assert_eq!(Module::read(b"\0asm\x01\0\0\0\x02\x07"), None);
    }
}
