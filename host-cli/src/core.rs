//! The core as the CLI runs it: load the module, hold the conversation of one operation, turn traps into faults.
//!
//! An operation asks the host for what it needs ([`World`]) and gets an instance of its own, or shares one with the
//! operations before it ([`Session`]). Bytes go straight into and out of the instance's memory. Nothing in this file
//! knows what an operation is about.

mod embedded;
mod settings;

use std::ops::Range;
use std::sync::OnceLock;

use gait_contract::op::{ANSWER, CONTINUE};
use gait_contract::step::{Answer, SourceErrorKind};
use gait_contract::{Call, Code, Fault, SourceError, Step, frame};
use serde::de::IgnoredAny;
use wasmtime::{Instance, Memory, Module, ResourceLimiter, Store, Trap, TypedFunc};

/// Bytes of memory an operation may use; the module's own maximum, so that every host stops at the same place.
const MEMORY_BYTES: usize = 1 << 30;
/// Work one step may do, in wasmtime's units (about one per instruction). The core ends its steps after a megabyte or
/// so; the longest is reading a record with [`gait_contract::limits::RECORD_DOCUMENT_BYTES`] of timeline, some 23 billion.
/// A loop without end takes 2 to 17 seconds to get there.
const FUEL_PER_STEP: u64 = 60_000_000_000;
/// Entries of the one table of functions.
const TABLE_ENTRIES: usize = 100_000;

/// What an operation may ask of its host.
pub trait World {
    /// Finds a source and tells its size in bytes.
    fn open(&mut self, source: &str) -> Result<u64, SourceError>;
    /// Fills `buffer` with the source's bytes from `offset`. The buffer is the operation's own memory.
    fn read(&mut self, source: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError>;
    /// Appends to a stream.
    fn write(&mut self, stream: &str, bytes: &[u8]) -> Result<(), SourceError>;
    /// Signs the 32 bytes that the hex text stands for: key id and base64 signature.
    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError>;
}

/// A world with nothing in it, for operations that need only their request.
pub struct NoWorld;

impl World for NoWorld {
    fn open(&mut self, _: &str) -> Result<u64, SourceError> {
        Err(absent(SourceErrorKind::NotFound))
    }
    fn read(&mut self, _: &str, _: u64, _: &mut [u8]) -> Result<(), SourceError> {
        Err(absent(SourceErrorKind::NotFound))
    }
    fn write(&mut self, _: &str, _: &[u8]) -> Result<(), SourceError> {
        Err(absent(SourceErrorKind::Unwritable))
    }
    fn sign(&mut self, _: &str) -> Result<(String, String), SourceError> {
        Err(absent(SourceErrorKind::Signing))
    }
}

fn absent(kind: SourceErrorKind) -> SourceError {
    SourceError { kind, message: "nothing is there".into() }
}

/// The loaded module. Cheap to clone; every operation or session gets an instance, so threads may share it.
#[derive(Clone)]
pub struct Core {
    module: Module,
    /// Work one step may do.
    fuel: u64,
}

impl Core {
    /// Loads the module, once per process. Commands that do not ask the core anything do not pay for it.
    pub fn load() -> Result<Self, Fault> {
        static CORE: OnceLock<Result<Core, Fault>> = OnceLock::new();
        CORE.get_or_init(|| match embedded::load() {
            Ok(module) => Ok(Self { module, fuel: FUEL_PER_STEP }),
            Err(error) => Err(Fault::new(Code::InternalFailure, format!("the core cannot be loaded: {error:#}"))
                .hint("gait runs on x86-64-v2 and 64-bit ARM processors with 8 GiB of address space; run `ulimit -v`")),
        })
        .clone()
    }

    /// SHA-256 of the module, lower-case hex: the same for the CLI, the packages and the site.
    pub fn digest() -> &'static str {
        env!("GAIT_CORE_SHA256")
    }

    /// gait's version with the core's digest as build metadata.
    pub fn producer_version() -> String {
        let (short, _) = Self::digest().split_at(32);
        format!("{}+core.{short}", env!("CARGO_PKG_VERSION"))
    }

    /// Starts an instance for several operations. What an operation leaves there (a loaded policy), later ones find.
    pub fn session(&self) -> Result<Session, Fault> {
        Ok(Session { conversation: Some(Conversation::start(self)?) })
    }

    /// Runs an operation to its end, in an instance of its own.
    pub fn call<C: Call>(&self, request: &C, world: &mut dyn World) -> Result<C::Reply, Fault> {
        self.session()?.call(request, world)
    }

    /// Runs an operation with a request as it stands; returns the frame of its last step, byte for byte as the core
    /// wrote it. Runners compare it with other hosts'.
    pub fn run_raw(&self, op: &str, request: &[u8], world: &mut dyn World) -> Result<Vec<u8>, Fault> {
        self.session()?.run(op, request, world, |json| frame::write(json, &[]))
    }
}

/// One instance that answers one operation after the other. It is given up when it stops in the middle of one: what
/// it holds then is not known, and a verdict must not rest on that.
pub struct Session {
    conversation: Option<Conversation>,
}

impl Session {
    /// Runs an operation to its end.
    pub fn call<C: Call>(&mut self, request: &C, world: &mut dyn World) -> Result<C::Reply, Fault> {
        let request = serde_json::to_vec(request).map_err(|error| garbled(&error))?;
        self.last::<C>(&request, world)
    }

    /// As `call`, with a document that the request speaks of as `attached`.
    pub fn call_attached<C: Call>(
        &mut self,
        request: &C,
        document: &[u8],
        world: &mut dyn World,
    ) -> Result<C::Reply, Fault> {
        // Room for most requests: growing step by step costs more than the writing.
        let mut bytes = Vec::with_capacity(1_024 + document.len());
        serde_json::to_writer(&mut bytes, request).map_err(|error| garbled(&error))?;
        bytes.push(0);
        bytes.extend_from_slice(document);
        self.last::<C>(&bytes, world)
    }

    /// False once the instance stopped in the middle of an operation: it answers nothing any more.
    pub fn is_alive(&self) -> bool {
        self.conversation.is_some()
    }

    /// Bytes of memory the instance has by now. They never become fewer.
    pub fn memory_bytes(&self) -> usize {
        self.conversation.as_ref().map_or(0, |conversation| conversation.memory.data_size(&conversation.store))
    }

    /// Runs an operation with a request as it stands; the JSON of its last step, as the core wrote it.
    pub fn run_raw(&mut self, op: &str, request: &[u8], world: &mut dyn World) -> Result<Vec<u8>, Fault> {
        self.run(op, request, world, <[u8]>::to_vec)
    }

    fn last<C: Call>(&mut self, request: &[u8], world: &mut dyn World) -> Result<C::Reply, Fault> {
        let last = self.run(C::OP.0, request, world, |json| serde_json::from_slice(json))?;
        match last.map_err(|error| garbled(&error))? {
            Step::Reply(reply) => Ok(reply),
            Step::Fault(fault) => Err(fault),
            _ => Err(garbled(&"the operation did not end")),
        }
    }

    /// Runs an operation and reads the JSON of its last step where it stands, in the instance.
    fn run<T>(
        &mut self,
        op: &str,
        request: &[u8],
        world: &mut dyn World,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Fault> {
        let Some(conversation) = &mut self.conversation else {
            return Err(Fault::new(Code::CoreTrap, "the core stopped at an earlier question"));
        };
        let ended = conversation.run(op, request, world).and_then(|place| conversation.bytes(place).map(read));
        if ended.is_err() {
            self.conversation = None;
        }
        ended
    }
}

/// The host's side of one instance.
struct Conversation {
    store: Store<Limits>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    call: TypedFunc<(u32, u32, u32, u32), u32>,
    fuel: u64,
}

impl Conversation {
    fn start(core: &Core) -> Result<Self, Fault> {
        let mut store = Store::new(core.module.engine(), Limits::default());
        store.limiter(|limits| limits);
        let started = (|| {
            store.set_fuel(core.fuel)?;
            let instance = Instance::new(&mut store, &core.module, &[])?;
            let alloc = instance.get_typed_func(&mut store, "gait_alloc")?;
            let call = instance.get_typed_func(&mut store, "gait_call")?;
            Ok((instance.get_memory(&mut store, "memory"), alloc, call))
        })();
        match started {
            Ok((Some(memory), alloc, call)) => Ok(Self { store, memory, alloc, call, fuel: core.fuel }),
            Ok((None, ..)) => Err(garbled(&"the module exports no memory")),
            Err(error) => Err(stopped(&error, store.data())),
        }
    }

    /// Runs an operation; the place of the JSON of its last step. An error means that the instance stopped or makes no
    /// sense.
    fn run(&mut self, op: &str, request: &[u8], world: &mut dyn World) -> Result<Range<usize>, Fault> {
        let mut step = self.say(op, request)?;
        loop {
            let start = step.start + frame::LENGTH_BYTES;
            let (json, bytes) = frame::read(self.bytes(step)?).ok_or_else(|| garbled(&"a frame is cut off"))?;
            let place = start..start + json.len();
            // The core writes replies itself and begins them like this; whoever wants one reads it once, whole.
            if json.starts_with(b"{\"reply\":") {
                return Ok(place);
            }
            let answer = match serde_json::from_slice::<Step<IgnoredAny>>(json).map_err(|error| garbled(&error))? {
                Step::Reply(_) | Step::Fault(_) => return Ok(place),
                Step::Open { source } => world.open(&source).map(Answer::Size),
                Step::Sign { digest } => world.sign(&digest).map(|(key_id, sig)| Answer::Signature { key_id, sig }),
                Step::Write { stream } => match world.write(&stream, bytes) {
                    Ok(()) => {
                        step = self.say(CONTINUE.0, &[])?;
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Step::Read { source, offset, length } => {
                    let room = self.room(length)?;
                    match world.read(&source, offset, self.bytes_mut(&room)?) {
                        Ok(()) => {
                            step = self.hand_over(CONTINUE.0, room)?;
                            continue;
                        }
                        // The room stays behind in the instance; an operation survives few failed reads, if any.
                        Err(error) => Err(error),
                    }
                }
            };
            let answer = serde_json::to_vec(&answer.unwrap_or_else(Answer::Failed)).map_err(|error| garbled(&error))?;
            step = self.say(ANSWER.0, &answer)?;
        }
    }

    /// Hands over a copy of `bytes` with the operation's name; the place of the frame that comes back.
    fn say(&mut self, op: &str, bytes: &[u8]) -> Result<Range<usize>, Fault> {
        let room = self.room(bytes.len() as u64)?;
        self.bytes_mut(&room)?.copy_from_slice(bytes);
        self.hand_over(op, room)
    }

    /// A place in the instance for so many bytes.
    fn room(&mut self, length: u64) -> Result<Range<usize>, Fault> {
        let length = u32::try_from(length).map_err(|_| garbled(&"a read is longer than the memory"))?;
        self.refuel()?;
        let start = self.alloc.call(&mut self.store, length).map_err(|error| stopped(&error, self.store.data()))?;
        Ok(start as usize..start as usize + length as usize)
    }

    /// Hands over a filled room; the place of the frame that comes back.
    fn hand_over(&mut self, op: &str, room: Range<usize>) -> Result<Range<usize>, Fault> {
        let name = self.room(op.len() as u64)?;
        self.bytes_mut(&name)?.copy_from_slice(op.as_bytes());
        self.refuel()?;
        // Both come from `room`, so they fit 32 bits.
        let arguments = (name.start as u32, name.len() as u32, room.start as u32, room.len() as u32);
        let reply = self.call.call(&mut self.store, arguments).map_err(|error| stopped(&error, self.store.data()))?;
        let reply = reply as usize;
        let length = self.bytes(reply..reply + 4)?.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        Ok(reply + 4..reply + 4 + length as usize)
    }

    /// Grants the work for one step.
    fn refuel(&mut self) -> Result<(), Fault> {
        self.store.set_fuel(self.fuel).map_err(|error| stopped(&error, self.store.data()))
    }

    fn bytes(&self, place: Range<usize>) -> Result<&[u8], Fault> {
        self.memory.data(&self.store).get(place).ok_or_else(|| garbled(&"an address is outside the memory"))
    }

    fn bytes_mut(&mut self, place: &Range<usize>) -> Result<&mut [u8], Fault> {
        self.memory
            .data_mut(&mut self.store)
            .get_mut(place.clone())
            .ok_or_else(|| garbled(&"an address is outside the memory"))
    }
}

/// What an instance may use; remembers whether it wanted more memory.
#[derive(Default)]
struct Limits {
    memory_refused: bool,
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.memory_refused |= desired > MEMORY_BYTES;
        Ok(desired <= MEMORY_BYTES)
    }
    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_refused = true;
        Ok(())
    }
    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ENTRIES)
    }
    fn instances(&self) -> usize {
        1
    }
    fn memories(&self) -> usize {
        1
    }
    fn tables(&self) -> usize {
        1
    }
}

/// The fault for an instance that stopped in the middle.
fn stopped(error: &wasmtime::Error, limits: &Limits) -> Fault {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Fault::new(Code::CoreLimit, "the core gave up: one step takes too much work"),
        Some(Trap::StackOverflow) => Fault::new(Code::CoreLimit, "the core gave up: the input is nested too deeply"),
        _ if limits.memory_refused => {
            Fault::new(Code::CoreLimit, "the core gave up: it needs more than 1 GiB of memory")
        }
        Some(trap) => Fault::new(Code::CoreTrap, format!("the core stopped: {trap}")),
        None => Fault::new(Code::CoreTrap, format!("the core cannot run: {error:#}")),
    }
}

/// The fault for an answer that makes no sense.
fn garbled(what: &dyn std::fmt::Display) -> Fault {
    Fault::new(Code::CoreTrap, format!("the core's answer cannot be used: {what}"))
}

#[cfg(test)]
mod tests {
    use gait_contract::{Code, Fault};
    use wasmtime::Module;

    use super::{Conversation, Core, FUEL_PER_STEP, NoWorld, embedded};

    /// What becomes of an operation with a name of so many letters in `core/faulty.wat`.
    fn fault(letters: usize) -> Fault {
        let core = Core { module: embedded::faulty(), fuel: 1_000_000_000 };
        core.run_raw(&"x".repeat(letters), b"{}", &mut NoWorld).expect_err("the faulty module never answers")
    }

    #[test]
    fn a_loop_without_end_ends() {
        assert_eq!(fault(1).error_code, Code::CoreLimit);
    }

    #[test]
    fn a_trap_is_a_fault() {
        let fault = fault(2);
        assert_eq!(fault.error_code, Code::CoreTrap);
        assert!(fault.error.contains("unreachable"), "{}", fault.error);
    }

    #[test]
    fn a_session_ends_where_its_instance_stops() {
        let core = Core { module: embedded::faulty(), fuel: 1_000_000_000 };
        let mut session = core.session().expect("it starts");
        let first = session.run_raw("xx", b"{}", &mut NoWorld).expect_err("it traps");
        assert!(first.error.contains("unreachable"), "{}", first.error);
        assert!(!session.is_alive());
        let then = session.run_raw("xx", b"{}", &mut NoWorld).expect_err("nothing is asked any more");
        assert_eq!(then.error_code, Code::CoreTrap);
        assert!(then.error.contains("earlier"), "{}", then.error);
    }

    #[test]
    fn a_fault_does_not_end_a_session() {
        let mut session = Core::load().expect("the core loads").session().expect("it starts");
        for op in ["no such op", "continue", "verify", "no such op"] {
            let json = session.run_raw(op, b"", &mut NoWorld).expect("an answer");
            assert!(String::from_utf8_lossy(&json).contains("fault"), "{op}");
        }
    }

    #[test]
    fn memory_ends_at_its_limit() {
        let fault = fault(3);
        assert_eq!(fault.error_code, Code::CoreLimit);
        assert!(fault.error.contains("1 GiB"), "{}", fault.error);
    }

    #[test]
    fn endless_recursion_is_a_fault() {
        assert_eq!(fault(5).error_code, Code::CoreLimit);
    }

    #[test]
    fn answers_outside_the_memory_are_faults() {
        for letters in [4, 6, 7, 8] {
            assert_eq!(fault(letters).error_code, Code::CoreTrap, "{letters}");
        }
    }

    #[test]
    fn more_memory_than_an_instance_has_cannot_be_lent() {
        let mut conversation =
            Conversation::start(&Core { module: embedded::faulty(), fuel: 1_000 }).expect("it starts");
        let room = conversation.room(1 << 20).expect("the faulty module lends anything");
        assert_eq!(conversation.bytes_mut(&room).map(|_| ()).unwrap_err().error_code, Code::CoreTrap);
        assert_eq!(conversation.room(1 << 32).unwrap_err().error_code, Code::CoreTrap);
    }

    #[test]
    fn operations_do_not_see_each_other() {
        let core = Core::load().expect("the core loads");
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let faults = (0..20).map(|_| core.run_raw("no such op", b"", &mut NoWorld).expect("an answer"));
                    faults.for_each(|frame| assert!(String::from_utf8_lossy(&frame).contains("unknown_op")));
                });
            }
        });
    }

    #[test]
    fn the_module_is_as_committed_and_imports_nothing() {
        let module: &Module = &Core::load().expect("the core loads").module;
        assert_eq!(module.imports().len(), 0);
        assert_eq!(Core::digest().len(), 64);
        assert!(Core::producer_version().ends_with(&Core::digest()[..32]));
    }

    #[test]
    fn a_copy_runs_like_the_program_s_own_pages() {
        let (copy, own) =
            (Core { module: embedded::copy(), fuel: FUEL_PER_STEP }, Core::load().expect("the core loads"));
        let ask = |core: &Core| core.run_raw("verify", b"{}", &mut NoWorld);
        assert_eq!(ask(&copy), ask(&own));
    }
}
