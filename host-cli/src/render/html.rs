//! Text in a page.

use std::fmt::Write as _;

use super::text::hidden;

/// Text that is nothing but text.
pub struct Text<'t>(pub &'t str);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if hidden(c) => write!(f, "<span class=\"escaped\">{}</span>", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
