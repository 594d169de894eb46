//! Finding the rules that can match an intent without looking at the others.
//!
//! Every rule that has an exact selector is filed under one of them: the one whose values occur in the fewest rules.
//! An intent then meets the rules filed under its own facts, and the few that have no exact selector at all.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::rule::Rule;
use super::selectors::{Fact, Facts, SELECTORS};
use crate::order;

/// Rules by facts.
pub(crate) struct Index {
    /// Sorted by fact and value.
    keys: Vec<Key>,
    /// Numbers of rules, each key's in ascending order.
    filed: Vec<u32>,
    /// Rules without an exact selector, in ascending order.
    everywhere: Vec<u32>,
}

struct Key {
    fact: Fact,
    value: alloc::boxed::Box<str>,
    start: u32,
    end: u32,
}

/// One value of one selector of one rule.
#[derive(Clone, Copy)]
struct Mention<'r> {
    fact: Fact,
    value: &'r str,
    rule: u32,
    /// Which of the rule's selectors.
    selector: u8,
}

impl Index {
    /// Over rules that are in their final order.
    pub(crate) fn of(rules: &[Rule]) -> Self {
        let mut mentions = Vec::new();
        for (number, rule) in (0_u32..).zip(rules) {
            for ((place, selector), values) in (0_u8..).zip(&SELECTORS).zip(&rule.matcher.selectors) {
                for value in values {
                    mentions.push(Mention { fact: selector.fact, value, rule: number, selector: place });
                }
            }
        }
        order::sort(&mut mentions, &mut by_value);
        let chosen = choose(rules.len(), &mentions);
        let mut index = Self { keys: Vec::new(), filed: Vec::new(), everywhere: Vec::new() };
        for run in mentions.chunk_by(|a, b| a.fact == b.fact && a.value == b.value) {
            let start = index.filed.len();
            for mention in run {
                let is_chosen = chosen.get(mention.rule as usize).is_some_and(|(_, place)| *place == mention.selector);
                // Two selectors look at the same fact, so a rule can stand here twice.
                if is_chosen && index.filed.get(start..).and_then(<[u32]>::last) != Some(&mention.rule) {
                    index.filed.push(mention.rule);
                }
            }
            if let Some(first) = run.first().filter(|_| index.filed.len() > start) {
                let (start, end) = (start as u32, index.filed.len() as u32);
                index.keys.push(Key { fact: first.fact, value: first.value.into(), start, end });
            }
        }
        index.everywhere =
            (0_u32..).zip(&chosen).filter(|(_, (cost, _))| *cost == u64::MAX).map(|(rule, _)| rule).collect();
        index
    }

    /// The numbers of the rules that can match, ascending, each once.
    pub(crate) fn candidates<'a>(&'a self, facts: &Facts) -> Candidates<'a> {
        let mut lists = vec![self.everywhere.as_slice()];
        for fact in Fact::ALL {
            for value in facts.values(fact) {
                let found = self.keys.binary_search_by(|key| key.fact.cmp(&fact).then_with(|| (*key.value).cmp(value)));
                if let Some(key) = found.ok().and_then(|at| self.keys.get(at)) {
                    lists.push(self.filed.get(key.start as usize..key.end as usize).unwrap_or_default());
                }
            }
        }
        // Merging looks at the head of every list for every rule; many lists are cheaper to sort.
        if lists.len() > MERGED_LISTS {
            let mut all = lists.concat();
            order::sort(&mut all, &mut Ord::cmp);
            all.dedup();
            return Candidates { lists: Vec::new(), sorted: all.into_iter() };
        }
        Candidates { lists, sorted: Vec::new().into_iter() }
    }
}

/// Lists that are merged as they are.
const MERGED_LISTS: usize = 16;

fn by_value(a: &Mention, b: &Mention) -> Ordering {
    a.fact.cmp(&b.fact).then_with(|| a.value.cmp(b.value))
}

/// For every rule, the selector whose values are mentioned least, and how often they are. `u64::MAX`: it has none.
fn choose(rules: usize, mentions: &[Mention]) -> Vec<(u64, u8)> {
    let mut costs = vec![[0_u64; SELECTORS.len()]; rules];
    for run in mentions.chunk_by(|a, b| a.fact == b.fact && a.value == b.value) {
        for mention in run {
            let cost = costs.get_mut(mention.rule as usize).and_then(|costs| costs.get_mut(mention.selector as usize));
            if let Some(cost) = cost {
                *cost += run.len() as u64;
            }
        }
    }
    costs
        .iter()
        .map(|costs| {
            let mentioned = costs.iter().zip(0_u8..).filter(|(cost, _)| **cost > 0);
            mentioned.map(|(cost, place)| (*cost, place)).min().unwrap_or((u64::MAX, 0))
        })
        .collect()
}

/// Merges ascending lists of rule numbers.
pub(crate) struct Candidates<'a> {
    lists: Vec<&'a [u32]>,
    /// What they come to, when there were too many to merge.
    sorted: vec::IntoIter<u32>,
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let Some(next) = self.lists.iter().filter_map(|list| list.first()).min().copied() else {
            return self.sorted.next();
        };
        for list in &mut self.lists {
            if let Some((first, rest)) = list.split_first()
                && *first == next
            {
                *list = rest;
            }
        }
        Some(next)
    }
}
