//! Runs a folder of vectors through every host of the core, and says what is wrong.

use std::path::Path;

use crate::vector::{self, Ending, Vector};
use crate::{module, native, node};

/// Vectors whose answer in the native library is not the one they expect.
pub fn unexpected(vectors: &[Vector]) -> Vec<String> {
    let complaint = |vector: &Vector| {
        let mut world = vector.world();
        let frame = native::run(vector.op(), &vector.request(), &mut world);
        let complaint = vector.complaint(&native::json_of(&frame), world.stream("archive"))?;
        Some(format!("{} ({}): {complaint}", vector.name, vector.title))
    };
    vectors.iter().filter_map(complaint).collect()
}

/// Vectors to which the module in wasmtime answers something else than the native library, by a single byte.
pub fn other_in_wasmtime(vectors: &[Vector]) -> Vec<String> {
    let complaint = |vector: &Vector| {
        let mut world = vector.world();
        let frame = module::run(vector.op(), &vector.request(), &mut world);
        difference(&vector.name, &native_ending(vector), &Ending::of(frame, &world))
    };
    vectors.iter().filter_map(complaint).collect()
}

/// Vectors of a folder to which the module in Node answers something else than the native library, by a single byte.
pub fn other_in_node(folder: &Path) -> Vec<String> {
    let mut endings = node::run(folder).unwrap_or_else(|problem| panic!("{problem}"));
    let complaint = |vector: &Vector| match endings.remove(&vector.name) {
        Some(ending) => difference(&vector.name, &native_ending(vector), &ending),
        None => Some(format!("{}: not run", vector.name)),
    };
    let mut complaints: Vec<String> = vector::of_folder(folder).iter().filter_map(complaint).collect();
    complaints.extend(endings.keys().map(|name| format!("{name}: Node ran what is not there")));
    complaints
}

fn native_ending(vector: &Vector) -> Ending {
    let mut world = vector.world();
    let frame = native::run(vector.op(), &vector.request(), &mut world);
    Ending::of(frame, &world)
}

fn difference(name: &str, one: &Ending, other: &Ending) -> Option<String> {
    if one == other {
        return None;
    }
    // From shortly before the first byte that differs.
    let common = one.frame.iter().zip(&other.frame).skip(4).take_while(|(one, other)| one == other).count();
    let shown = |ending: &Ending| {
        let json = ending.frame.get((4 + common).saturating_sub(200)..).unwrap_or_default();
        let json = String::from_utf8_lossy(&json[..json.len().min(600)]).into_owned();
        format!("… {json} archive {:?} after {} steps", ending.archive, ending.steps)
    };
    Some(format!("{name}:\n    native: {}\n    module: {}", shown(one), shown(other)))
}
