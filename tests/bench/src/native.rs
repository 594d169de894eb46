//! The native build of the same core, in this process: what the module would cost if it were no module.

use gait_cli::core::World;
use gait_contract::op::{ANSWER, CONTINUE};
use gait_contract::step::Answer;
use gait_contract::{Call, Step, frame};
use serde::de::IgnoredAny;

/// Runs an operation to its end; panics on a fault, since nothing measured here may fail.
pub(crate) fn call<C: Call>(request: &C, world: &mut dyn World) {
    let request = serde_json::to_vec(request).expect("requests are JSON");
    run(&mut gait_core::Core::default(), C::OP.0, request, world);
}

/// Runs an operation in an instance that stays.
pub(crate) fn run(core: &mut gait_core::Core, op: &str, request: Vec<u8>, world: &mut dyn World) {
    let mut reply = core.call(op, request);
    loop {
        let (json, bytes) = frame::read(&reply).expect("replies are frames");
        let step: Step<IgnoredAny> = serde_json::from_slice(json).expect("frames hold steps");
        let answer = match step {
            Step::Reply(_) => return,
            Step::Fault(fault) => panic!("{}: {}", fault.error, fault.at.as_deref().unwrap_or_default()),
            Step::Open { source } => world.open(&source).map(Answer::Size),
            Step::Sign { digest } => world.sign(&digest).map(|(key_id, sig)| Answer::Signature { key_id, sig }),
            Step::Write { stream } => {
                world.write(&stream, bytes).expect("streams can be written");
                reply = core.call(CONTINUE.0, Vec::new());
                continue;
            }
            Step::Read { source, offset, length } => {
                let mut buffer = vec![0; usize::try_from(length).expect("lengths fit memory")];
                world.read(&source, offset, &mut buffer).expect("sources can be read");
                reply = core.call(CONTINUE.0, buffer);
                continue;
            }
        };
        let answer = answer.unwrap_or_else(Answer::Failed);
        reply = core.call(ANSWER.0, serde_json::to_vec(&answer).expect("answers are JSON"));
    }
}
