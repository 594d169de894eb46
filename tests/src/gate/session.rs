//! One instance of the core that loads policies and judges intents.

use gait_contract::frame;
use gait_core::Core;
use serde_json::{Value, json};

use crate::native;
use crate::world::World;

/// An instance with a policy.
pub struct Session {
    core: Core,
    /// What `policy.load` replied.
    pub report: Value,
}

impl Session {
    /// Loads a policy's text; the fault when it is refused.
    pub fn load(policy: &str) -> Result<Self, Value> {
        let mut core = Core::default();
        let request = json!({"policy": "policy.yaml"}).to_string();
        let frame = native::run_in(&mut core, "policy.load", request.as_bytes(), &mut World::of("policy.yaml", policy));
        let mut answer = native::json_of(&frame);
        match answer["reply"].take() {
            Value::Null => Err(answer["fault"].take()),
            report => Ok(Self { core, report }),
        }
    }

    /// Has the loaded policy test an intent: `{"reply": …}` or `{"fault": …}`.
    pub fn test(&mut self, intent: &str) -> Value {
        self.ask("policy.test", format!("{{\"intent\":\"attached\"}}\0{intent}").as_bytes())
    }

    /// Runs an operation that needs nothing but its request and the policy.
    pub fn ask(&mut self, op: &str, request: &[u8]) -> Value {
        let reply = self.core.call(op, request.to_vec());
        let (json, _) = frame::read(&reply).expect("a frame is as long as it says");
        serde_json::from_slice(json).expect("a frame holds JSON")
    }
}
