//! Runpacks: opening, verifying, reading, writing and comparing them.

mod behaviour;
mod demo;
mod diff;
mod examine;
mod footer;
mod input;
mod inspect;
mod intents;
mod migrate;
mod open;
mod outline;
mod record;
mod reduce;
mod replay;
mod shape;
mod verify;
mod write;

pub(crate) use behaviour::behaviour;
pub(crate) use demo::demo;
pub(crate) use diff::{compare, diff};
pub(crate) use examine::{Examined, examine};
pub(crate) use footer::receipt;
pub(crate) use inspect::inspect;
pub(crate) use intents::{intents, whole};
pub(crate) use migrate::migrate;
pub(crate) use outline::{compare as compare_outlines, outline};
pub(crate) use record::record;
pub(crate) use reduce::reduce;
pub(crate) use replay::{replay, replay_of};
pub(crate) use verify::{verify, verify_within};
pub(crate) use write::{RunpackWriter, Seal, complete_intent, complete_refs, complete_result, complete_run, signed};
