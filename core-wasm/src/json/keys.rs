//! The keys of the objects that are being read, so that one that stands twice is noticed.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// The keys of all open objects, those of the innermost one last. One list for all costs no memory of its own for
/// every object.
#[derive(Default)]
pub(super) struct OpenKeys<'a> {
    in_order: Vec<Cow<'a, str>>,
    others: Vec<BTreeSet<Cow<'a, str>>>,
}

/// The keys of one object among those of the others. Keys mostly arrive in order, so that a comparison with the last
/// one is enough.
pub(crate) struct SeenKeys {
    first: usize,
    in_order: bool,
}

impl<'a> OpenKeys<'a> {
    /// An object begins.
    pub(super) fn begin(&self) -> SeenKeys {
        SeenKeys { first: self.in_order.len(), in_order: true }
    }

    /// Adds a key of the innermost object; false if it was seen before.
    #[inline(never)]
    pub(super) fn insert(&mut self, seen: &mut SeenKeys, key: Cow<'a, str>) -> bool {
        if seen.in_order {
            let own = self.in_order.get(seen.first..).unwrap_or_default();
            if own.last().is_none_or(|last| *last < key) {
                self.in_order.push(key);
                return true;
            }
            let mut set = BTreeSet::new();
            for earlier in self.in_order.drain(seen.first..) {
                set.insert(earlier);
            }
            self.others.push(set);
            seen.in_order = false;
        }
        self.others.last_mut().is_none_or(|others| others.insert(key))
    }

    /// The innermost object is over.
    #[inline(never)]
    pub(super) fn end(&mut self, seen: &SeenKeys) {
        if seen.in_order {
            self.in_order.truncate(seen.first);
        } else {
            self.others.pop();
        }
    }
}
