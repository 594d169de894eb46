//! Randomness, for names that nobody else has and nobody guesses.

use gait_contract::{Code, Fault};

/// So many bytes from the operating system.
pub fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::new(Code::InternalFailure, format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}
