//! `gait registry …`.

pub mod install;
pub mod list;
pub mod verify;

/// The parts of a list separated by commas.
fn names(list: Option<String>) -> Vec<String> {
    list.unwrap_or_default().split(',').map(str::to_owned).collect()
}
