//! The native library as a host of its own: the conversation with `gait_core::Core`, frame by frame.

use gait_contract::frame;
use gait_contract::op::{ANSWER, CONTINUE};
use gait_contract::step::{Answer, Step};
use gait_core::Core;
use serde_json::Value;

use crate::world::World;

/// Most steps of one operation; a test that needs more asks in a circle.
const STEPS: usize = 1_000_000;

/// Runs an operation to its end in a world; the frame of the last step.
pub fn run(op: &str, request: &[u8], world: &mut World) -> Vec<u8> {
    run_in(&mut Core::default(), op, request, world)
}

/// Runs an operation to its end in an instance that may have run others before; the frame of the last step.
pub fn run_in(core: &mut Core, op: &str, request: &[u8], world: &mut World) -> Vec<u8> {
    let mut reply = core.call(op, request.to_vec());
    for _ in 0..STEPS {
        let (json, bytes) = frame::read(&reply).expect("a frame is as long as it says");
        let step: Step<Value> = serde_json::from_slice(json).expect("a frame holds a step");
        let answer = match step {
            Step::Reply(_) | Step::Fault(_) => return reply,
            Step::Open { source } => world.open(&source).map(Answer::Size),
            Step::Read { source, offset, length } => match world.read(&source, offset, length) {
                Ok(bytes) => {
                    reply = core.call(CONTINUE.0, bytes.to_vec());
                    continue;
                }
                Err(error) => Err(error),
            },
            Step::Write { stream } => match world.write(&stream, bytes) {
                Ok(()) => {
                    reply = core.call(CONTINUE.0, Vec::new());
                    continue;
                }
                Err(error) => Err(error),
            },
            Step::Sign { digest } => world.sign(&digest).map(|(key_id, sig)| Answer::Signature { key_id, sig }),
        };
        let answer = serde_json::to_vec(&answer.unwrap_or_else(Answer::Failed)).expect("answers are JSON");
        reply = core.call(ANSWER.0, answer);
    }
    panic!("`{op}` does not end")
}

/// Runs an operation; the JSON of its last step: `{"reply": …}` or `{"fault": …}`.
pub fn answer(op: &str, request: &Value, world: &mut World) -> Value {
    let frame = run(op, request.to_string().as_bytes(), world);
    json_of(&frame)
}

/// The JSON of a frame.
pub fn json_of(frame: &[u8]) -> Value {
    let (json, _) = frame::read(frame).expect("a frame is as long as it says");
    serde_json::from_slice(json).expect("a frame holds JSON")
}
