//! Scout: families of incidents among many runs, inventories of tools and servers, and what changed in them.
//!
//! `fingerprint` turns one runpack into a record, `report` joins records with `evidence` and ranks `families`;
//! `snapshot` finds tools with `python` and `servers`, `coverage` and `drift` read what it found. `words` holds the
//! lists of substrings that all of them go by.

mod coverage;
mod drift;
mod evidence;
mod families;
mod fingerprint;
mod python;
mod records;
mod report;
mod servers;
mod snapshot;
mod words;

pub(crate) use coverage::coverage;
pub(crate) use drift::drift;
pub(crate) use fingerprint::fingerprint;
pub(crate) use report::report;
pub(crate) use snapshot::snapshot;
