//! Putting things in order. What is sorted are the numbers of things, by a comparison behind a pointer: one compiled
//! function serves every type, where the standard library's sort would be compiled for each.
//!
//! Sorting is stable: what is equal stays in the order it was in.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Texts that are collected one by one. Sets of other types would each be compiled anew.
pub(crate) type Texts<'a> = BTreeSet<Cow<'a, str>>;

/// Sorts by a comparison.
pub(crate) fn sort<T>(items: &mut [T], compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let exchanges = exchanges(items.len(), &mut |one, other| match (items.get(one), items.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    for (here, there) in exchanges {
        items.swap(here, there);
    }
}

/// Sorts by a text.
pub(crate) fn by_text<T>(items: &mut [T], text: fn(&T) -> &str) {
    sort(items, &mut |one, other| text(one).cmp(text(other)));
}

/// The texts as a set: sorted, each once, none empty.
pub(crate) fn set(mut texts: Vec<String>) -> Vec<String> {
    texts.retain(|text| !text.is_empty());
    by_text(&mut texts, |text| text);
    texts.dedup();
    texts
}

/// The place of a text in a set.
pub(crate) fn place(set: &[String], text: &str) -> Option<usize> {
    set.binary_search_by(|one| one.as_str().cmp(text)).ok()
}

/// The numbers from 0 to `count` in the order of what they stand for.
pub(crate) fn numbers(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    if are_in_order(count, compare) {
        return order;
    }
    let mut spare = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        for pair in order.chunks(2 * run) {
            let (left, right) = pair.split_at_checked(run).unwrap_or((pair, &[]));
            merge(left, right, &mut spare, compare);
        }
        core::mem::swap(&mut order, &mut spare);
        spare.clear();
        run *= 2;
    }
    order
}

fn are_in_order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> bool {
    (1..count).all(|at| compare(at - 1, at) != Ordering::Greater)
}

/// Appends two sorted runs as one.
fn merge(
    mut left: &[usize],
    mut right: &[usize],
    out: &mut Vec<usize>,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
) {
    while let ([one, rest_left @ ..], [other, rest_right @ ..]) = (left, right) {
        if compare(*one, *other) == Ordering::Greater {
            out.push(*other);
            right = rest_right;
        } else {
            out.push(*one);
            left = rest_left;
        }
    }
    out.extend_from_slice(left);
    out.extend_from_slice(right);
}

/// Pairs of places that change their things, one after the other, until all of them are in order.
fn exchanges(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut exchanges = Vec::new();
    if are_in_order(count, compare) {
        return exchanges;
    }
    let mut order = numbers(count, compare);
    for start in 0..count {
        // Follows the circle of things that take each other's places; a place that is done leads to itself.
        let mut here = start;
        while let Some(next) = order.get_mut(here) {
            let there = core::mem::replace(next, here);
            if there == start || there == here {
                break;
            }
            exchanges.push((here, there));
            here = there;
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    /// Numbers that look like chance, the same every time.
    fn scattered(count: u32, below: u32) -> Vec<(u32, u32)> {
        let mut state = 1_u32;
        (0..count)
            .map(|place| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 8) % below, place)
            })
            .collect()
    }

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for count in (0..40).chain([255, 256, 257, 1_000]) {
            for below in [1, 2, 10, 1_000_000] {
                let mut sorted = scattered(count, below);
                let mut expected = sorted.clone();
                super::sort(&mut sorted, &mut |a, b| a.0.cmp(&b.0));
                expected.sort_by_key(|pair| pair.0);
                assert_eq!(sorted, expected, "{count} below {below}");
                sorted.reverse();
                expected.reverse();
                super::sort(&mut sorted, &mut |a, b| a.0.cmp(&b.0));
                expected.sort_by_key(|pair| pair.0);
                assert_eq!(sorted, expected, "{count} below {below}, turned around");
            }
        }
    }

    #[test]
    fn a_set_holds_each_text_once() {
        let texts = |texts: &[&str]| -> Vec<String> { texts.iter().map(ToString::to_string).collect() };
        assert_eq!(super::set(texts(&["b", "", "a", "b", "é", "B"])), texts(&["B", "a", "b", "é"]));
        assert_eq!(super::set(texts(&["", ""])), texts(&[]));
        let set = texts(&["a", "c"]);
        assert_eq!((super::place(&set, "c"), super::place(&set, "b")), (Some(1), None));
    }
}
