//! The gate, twice: policies and intents drawn at random, and an evaluator written from the contract alone, rule by
//! rule, with nothing in common with the core. Where the two disagree, one of them is wrong.

pub mod chance;
pub mod draw;
pub mod evaluate;
pub mod intent;
pub mod patterns;
pub mod policy;
pub mod session;
pub mod spell;
pub mod url;
