//! Visiting an object member by member and a list element by element, for readers that need no type of their own
//! in between. `null` counts as absent and unknown members are checked and passed over, as `de` does it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use gait_contract::{Code, FreeObject, Timestamp};

use super::JsonError;
use super::canonical::{Canonical, RepeatedKey};
use super::scan::{Kind, Scanner};

impl<'a> Scanner<'a> {
    /// Visits the members with a known name (at most 32) of the object that comes next; the visitor is told which
    /// one it is and reads its value. A name that stands twice is refused, whether it is known or not.
    pub(crate) fn members(
        &mut self,
        known: &[&str],
        visit: &mut dyn FnMut(&mut Self, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        if self.null()? {
            return Ok(());
        }
        self.of_kind(Kind::Object)?;
        self.want(b'{', "an object")?;
        self.enter()?;
        let mut visited = 0_u32;
        let mut unknown = self.begin_keys();
        let mut over = self.eat(b'}');
        while !over {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let origin = self.offset();
            let name = self.string()?;
            let which = known.iter().position(|known| **known == *name);
            if which.is_none() && self.is_lookalike(&name, known) {
                let text = format!("`{}` differs from a known key only by case", name.escape_debug());
                return Err(JsonError::at(Code::JsonKeyCase, text, origin));
            }
            let is_new = match which {
                Some(which) => {
                    let bit = 1_u32.wrapping_shl(u32::try_from(which).unwrap_or_default());
                    let before = visited;
                    visited |= bit;
                    before != visited
                }
                None => self.insert_key(&mut unknown, name),
            };
            if !is_new {
                return Err(Self::repeated(RepeatedKey(origin)));
            }
            self.want(b':', "`:`")?;
            match which {
                Some(which) => visit(self, which)?,
                None => self.skip()?,
            }
            if !self.eat(b',') {
                self.want(b'}', "`,` or `}`")?;
                over = true;
            }
        }
        self.end_keys(&unknown);
        self.leave();
        Ok(())
    }

    /// Visits every member of the object that comes next; the visitor is told its key and reads its value.
    pub(crate) fn each_member(
        &mut self,
        visit: &mut dyn FnMut(&mut Self, &str) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.of_kind(Kind::Object)?;
        self.step();
        self.enter()?;
        let mut seen = self.begin_keys();
        let mut over = self.eat(b'}');
        while !over {
            let key = self.key(&mut seen)?;
            visit(self, &key)?;
            if !self.eat(b',') {
                self.want(b'}', "`,` or `}`")?;
                over = true;
            }
        }
        self.end_keys(&seen);
        self.leave();
        Ok(())
    }

    /// Visits the elements of the list that comes next; the visitor reads each.
    pub(crate) fn elements(
        &mut self,
        visit: &mut dyn FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        if self.null()? {
            return Ok(());
        }
        self.of_kind(Kind::Array)?;
        self.want(b'[', "a list")?;
        self.enter()?;
        let mut over = self.eat(b']');
        while !over {
            visit(self)?;
            if !self.eat(b',') {
                self.want(b']', "`,` or `]`")?;
                over = true;
            }
        }
        self.leave();
        Ok(())
    }

    /// The string that comes next; `null` is the empty one.
    #[inline(never)]
    pub(crate) fn text_or_null(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if self.null()? {
            return Ok(Cow::Borrowed(""));
        }
        self.of_kind(Kind::String)?;
        self.string()
    }

    /// The truth value that comes next; `null` is false.
    pub(crate) fn truth(&mut self) -> Result<bool, JsonError> {
        if self.null()? {
            return Ok(false);
        }
        self.of_kind(Kind::Bool)?;
        Ok(self.literal()? == "true")
    }

    /// The time that comes next; `null` is the zero time.
    pub(crate) fn time(&mut self) -> Result<Timestamp, JsonError> {
        if self.null()? {
            return Ok(Timestamp::default());
        }
        self.of_kind(Kind::String)?;
        let start = self.offset();
        let text = self.string()?;
        Timestamp::parse(&text)
            .map_err(|_| JsonError::at(Code::JsonType, format!("`{text}` is not an RFC 3339 time"), start))
    }

    /// The object that comes next in canonical form, its strings and keys trimmed ([`Scanner::canonical_trimmed`]);
    /// `null` is none.
    pub(crate) fn trimmed_object(&mut self) -> Result<Option<FreeObject>, JsonError> {
        if self.null()? {
            return Ok(None);
        }
        self.of_kind(Kind::Object)?;
        let mut form = Canonical::with_capacity(128);
        self.canonical_trimmed(&mut form)?;
        let text = String::from_utf8(form.into_bytes()).unwrap_or_default();
        Ok(Some(FreeObject::from_canonical(text)))
    }
}
