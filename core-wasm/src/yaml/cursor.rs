//! Places in characters, as the parser has them, as places in bytes.

/// Turns the parser's places, which count characters, into bytes. Places come nearly in order, so each is found from
/// the one before.
pub(super) struct Cursor<'t> {
    text: &'t str,
    /// Characters that the parser has seen before those of the text.
    before: usize,
    characters: usize,
    bytes: usize,
    is_ascii: bool,
}

impl<'t> Cursor<'t> {
    /// A cursor for a parser that sees `before` characters and then the text from this byte on.
    pub(super) fn new(text: &'t str, before: usize, bytes: usize) -> Self {
        Self { text, before, characters: before, bytes, is_ascii: text.is_ascii() }
    }

    /// The byte at which a character begins; the parser counts characters from 0.
    pub(super) fn to(&mut self, characters: usize) -> usize {
        let characters = characters.max(self.before);
        let is_start = |byte: &&u8| **byte & 0xC0 != 0x80;
        let (before, after) = self.text.as_bytes().split_at_checked(self.bytes).unwrap_or_default();
        if characters >= self.characters {
            let count = characters - self.characters;
            let bytes = if self.is_ascii {
                count
            } else {
                // The start of the character behind the ones to pass.
                after.iter().enumerate().filter(|(_, byte)| is_start(byte)).nth(count).map_or(after.len(), |(at, _)| at)
            };
            self.bytes = (self.bytes + bytes).min(self.text.len());
        } else {
            let count = self.characters - characters;
            let bytes = if self.is_ascii {
                count
            } else {
                before
                    .iter()
                    .rev()
                    .enumerate()
                    .filter(|(_, byte)| is_start(byte))
                    .nth(count - 1)
                    .map_or(before.len(), |(at, _)| at + 1)
            };
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        self.characters = characters;
        self.bytes
    }
}
