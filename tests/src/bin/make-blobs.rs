//! Writes `vectors/blobs` anew: `cargo run -p gait-tests --bin make-blobs`. Files that nothing makes are removed.

use std::fs;
use std::io;

use gait_tests::{blobs, repository, vector};

fn main() -> io::Result<()> {
    let folder = vector::folder().join("blobs");
    let made = blobs::all();
    for (name, bytes) in &made {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            fs::write(&path, bytes)?;
        }
    }
    for path in repository::files(&folder, |_| true) {
        let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !made.contains_key(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
