//! Walks `vectors/` through every host of the core; their answers must be equal to the last byte.

use std::fs;

use gait_tests::vector::{self, Ending};
use gait_tests::{blobs, native};

#[test]
fn every_vector_gets_the_answer_it_expects() {
    let mut failures = Vec::new();
    for vector in vector::all() {
        let mut world = vector.world();
        let frame = native::run(vector.op(), &vector.request(), &mut world);
        if let Some(complaint) = vector.complaint(&native::json_of(&frame), world.stream("archive")) {
            failures.push(format!("{} ({}): {complaint}", vector.name, vector.title));
        }
        assert!(Ending::of(frame, &world).steps > 0);
    }
    assert!(failures.is_empty(), "{} vectors fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn blobs_are_what_the_generator_makes() {
    let folder = vector::folder().join("blobs");
    for (name, bytes) in blobs::all() {
        let found = fs::read(folder.join(&name)).ok();
        assert!(found == Some(bytes), "{name} is not what `cargo run -p gait-tests --bin make-blobs` writes");
    }
}
