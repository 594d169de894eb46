//! The module in wasmtime, exactly as the program runs it.

use gait_cli::core::Core;
use gait_contract::SourceError;
use gait_contract::step::SourceErrorKind;

use crate::world::World;

impl gait_cli::core::World for World {
    fn open(&mut self, source: &str) -> Result<u64, SourceError> {
        self.open(source)
    }

    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let bytes = self.read(source, offset, buffer.len() as u64)?;
        if bytes.len() != buffer.len() {
            let message = format!("it ends at byte {}", offset + bytes.len() as u64);
            return Err(SourceError { kind: SourceErrorKind::Changed, message });
        }
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    fn write(&mut self, stream: &str, bytes: &[u8]) -> Result<(), SourceError> {
        self.write(stream, bytes)
    }

    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        self.sign(digest)
    }
}

/// Runs an operation to its end in a world; the frame of the last step. A trap is a fault of the host's.
pub fn run(op: &str, request: &[u8], world: &mut World) -> Vec<u8> {
    let fault = |fault| panic!("`{op}` does not run in the module: {fault:?}");
    let core = Core::load().unwrap_or_else(fault);
    core.run_raw(op, request, world).unwrap_or_else(|fault| panic!("`{op}` does not run in the module: {fault:?}"))
}
