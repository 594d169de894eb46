//! One conversation: which request of the client's is which request of gait's to the server, and the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use gait_contract::gateway::{McpAnswer, McpAnswerRequest, McpClient, McpFailure, McpMessage, McpParam, McpPin};
use gait_contract::{Code, Fault};

use super::Setup;
use super::asks::{self, Again, Waiting};
use super::backs::Back;
use super::pages::Pages;
use super::shares::{self, Group};
use crate::core::{Core, NoWorld};
use crate::flows::recorder::Recorder;
use crate::render::wire;

/// Where messages for clients go.
pub(super) trait Client: Send + Sync {
    /// Sends one message.
    fn send(&self, to: To, message: &str);

    /// No answer will come to this caller's request.
    fn close(&self, _caller: u64) {}

    /// So many answers will come to what this caller sent, and not one.
    fn expect(&self, _caller: u64, _answers: usize) {}
}

/// Whom a message is for, where clients have more than one stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    /// The caller whose request it answers.
    Answer(u64),
    /// The caller whose request it is about.
    About(u64),
    /// Whoever listens.
    Anyone,
}

/// Something for whoever judges.
pub(super) enum Task {
    /// A call.
    Judge(Box<Job>),
    /// There may be new approvals for calls that wait.
    Look,
}

/// A call that waits for its verdict.
#[derive(Clone)]
pub(super) struct Job {
    /// What it brings along when it was judged before.
    pub(super) again: Option<Again>,
    pub(super) own: u64,
    pub(super) caller: u64,
    pub(super) message: McpMessage,
}

/// Whom a server's answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The client.
    Client,
    /// The group of this number, which makes one answer of several.
    Share(u64),
    /// gait, which opens the conversation once more with a server that was started again.
    Reopen,
}

/// A request that a server is to answer.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) purpose: Purpose,
    pub(super) caller: u64,
    /// JSON text.
    pub(super) client_id: String,
    pub(super) progress_token: String,
    pub(super) method: String,
    pub(super) modern: bool,
    pub(super) server: usize,
    /// `None` for what stays open.
    pub(super) deadline: Option<Instant>,
    /// Its place in the record, if it has one.
    pub(super) intent_id: String,
    /// Its client does not want the answer any more.
    pub(super) is_cancelled: bool,
}

/// A request that a client is to answer.
pub(super) enum Asked {
    /// A server's.
    Server {
        /// Which.
        server: usize,
        /// JSON text.
        id: String,
    },
    /// gait's own, about the call that waits under this name.
    Gait(String),
}

/// What changes while the conversation goes on.
#[derive(Default)]
pub(super) struct State {
    pub(super) open: BTreeMap<u64, Open>,
    /// Calls on their way to a verdict; `true` once they are cancelled.
    pub(super) judging: BTreeMap<(u64, String), bool>,
    pub(super) asked: BTreeMap<u64, Asked>,
    /// The version that `initialize` settled on.
    pub(super) version: String,
    pub(super) pins: BTreeMap<usize, Vec<McpPin>>,
    pub(super) warned: BTreeSet<String>,
    /// Servers that are not there, or not ready.
    pub(super) gone: BTreeSet<usize>,
    /// No server will come back.
    pub(super) is_over: bool,
    /// Requests that several servers answer.
    pub(super) groups: BTreeMap<u64, Group>,
    /// What the client said about itself when it opened the conversation.
    pub(super) client: McpClient,
    /// Calls that wait for an approval while somebody is asked.
    pub(super) waiting: BTreeMap<String, Waiting>,
    /// When the folder of approvals was looked at, and what it was like.
    pub(super) looked: (Option<Instant>, Option<SystemTime>),
    /// The client's `initialize`, as servers get it.
    pub(super) opening: Vec<String>,
    /// What each server answered to it, as a digest.
    pub(super) openings: BTreeMap<usize, String>,
    /// Which of several servers has a resource, by its address or the beginning of it.
    pub(super) resources: BTreeMap<String, usize>,
    pub(super) templates: Vec<(String, usize)>,
    /// Arguments that headers repeat.
    pub(super) params: Vec<McpParam>,
}

/// Who is to answer a request.
pub(super) enum Route {
    One(usize),
    All,
    /// Nobody is known to have this.
    Nobody(String),
}

/// Methods that all of several servers answer together.
const SHARED: [&str; 9] = [
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "server/discover",
    "subscriptions/listen",
    "tools/list",
];

/// One conversation.
pub(super) struct Conversation {
    pub(super) setup: Setup,
    pub(super) run_id: String,
    pub(super) core: Core,
    pub(super) client: Box<dyn Client>,
    next: AtomicU64,
    state: Mutex<State>,
    pub(super) backs: Vec<Back>,
    closing: (Mutex<bool>, Condvar),
    recorder: Mutex<Option<Recorder>>,
    jobs: Mutex<Option<Sender<Task>>>,
    pub(super) pages: Arc<Pages>,
}

impl Conversation {
    pub(super) fn new(
        setup: Setup,
        run_id: String,
        client: Box<dyn Client>,
        backs: Vec<Back>,
        jobs: Sender<Task>,
        pages: Arc<Pages>,
    ) -> Result<Self, Fault> {
        let recorder = Recorder::begin(&run_id, setup.raw);
        Ok(Self {
            setup,
            run_id,
            core: Core::load()?,
            client,
            next: AtomicU64::new(1),
            state: Mutex::default(),
            backs,
            closing: (Mutex::new(false), Condvar::new()),
            recorder: Mutex::new(Some(recorder)),
            jobs: Mutex::new(Some(jobs)),
            pages,
        })
    }

    /// The state; nobody waits for anything while holding it.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        held(&self.state)
    }

    /// A number that was not used before in this conversation.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Does something with the record, as long as there is one.
    pub(super) fn record<T: Default>(&self, what: impl FnOnce(&mut Recorder) -> T) -> T {
        held(&self.recorder).as_mut().map(what).unwrap_or_default()
    }

    /// Takes the record; nothing is added to it from then on.
    pub(super) fn take_record(&self) -> Option<Recorder> {
        held(&self.recorder).take()
    }

    /// Has a call judged.
    pub(super) fn submit(&self, task: Task) {
        // When nobody judges any more, the conversation is over and nobody waits for an answer.
        if let Some(jobs) = &*held(&self.jobs) {
            let _ = jobs.send(task);
        }
    }

    /// From now on nothing is judged.
    pub(super) fn close_jobs(&self) {
        held(&self.jobs).take();
    }

    /// Hands a message to a server. False when the server does not take it.
    pub(super) fn write(&self, server: usize, message: &str) -> bool {
        self.backs.get(server).is_some_and(|back| back.write(message))
    }

    /// Hands a message to all servers.
    pub(super) fn write_to_all(&self, message: &str) {
        for back in &self.backs {
            back.write(message);
        }
    }

    /// Tells servers to end; none of them is started again.
    pub(super) fn close_inputs(&self) {
        *held(&self.closing.0) = true;
        self.closing.1.notify_all();
        for back in &self.backs {
            back.close();
        }
    }

    /// Whether servers have been told to end.
    pub(super) fn is_closing(&self) -> bool {
        *held(&self.closing.0)
    }

    /// Waits; false when servers are told to end in the meantime.
    pub(super) fn rest(&self, pause: Duration) -> bool {
        let closing = held(&self.closing.0);
        let waited = self.closing.1.wait_timeout_while(closing, pause, |closing| !*closing);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The name of a server; empty when there is one.
    pub(super) fn upstream(&self, server: usize) -> &str {
        self.setup.settings.upstreams.get(server).map_or("", |upstream| upstream.name.as_str())
    }

    /// Who is to answer a request.
    pub(super) fn route(&self, message: &McpMessage) -> Route {
        let upstreams = &self.setup.settings.upstreams;
        if upstreams.len() < 2 {
            return Route::One(0);
        }
        if let Some(server) = upstreams.iter().position(|upstream| upstream.name == message.upstream) {
            return Route::One(server);
        }
        if !message.uri.is_empty() {
            let state = self.state();
            let templates = || {
                let fits = state.templates.iter().filter(|(start, _)| message.uri.starts_with(start.as_str()));
                fits.max_by_key(|(start, _)| start.len()).map(|(_, server)| server)
            };
            let found = state.resources.get(&message.uri).or_else(templates);
            return found.map_or_else(|| Route::Nobody(message.uri.clone()), |server| Route::One(*server));
        }
        match SHARED.contains(&message.method.as_str()) {
            true => Route::All,
            false => Route::Nobody(message.method.clone()),
        }
    }

    /// Hands a request to its server, under a number of gait's own. It is noted as open before the server can answer.
    pub(super) fn forward(&self, own: u64, open: Open, message: &McpMessage) {
        if message.method == "initialize" {
            self.state().opening.clone_from(&message.forward);
        }
        self.hand_on(own, open, |own| message.forward.join(own));
    }

    /// As `forward`, with the words for the number.
    pub(super) fn hand_on(&self, own: u64, open: Open, words: impl FnOnce(&str) -> String) {
        let (server, method) = (open.server, open.method.clone());
        let is_there = {
            let mut state = self.state();
            let is_there = !state.gone.contains(&server) || open.purpose == Purpose::Reopen;
            if is_there {
                state.open.insert(own, open.clone());
            }
            is_there
        };
        if !is_there {
            self.fail(&open, &method, McpFailure::ServerGone(false));
        } else if !self.write(server, &words(&own.to_string())) {
            let Some(open) = self.state().open.remove(&own) else { return };
            // It may have read a part of the message, which it cannot have understood.
            self.fail(&open, &method, McpFailure::ServerGone(false));
        }
    }

    /// A server was started again: it hears what the others have heard, before anything else.
    pub(super) fn reopen(&self, server: usize) {
        let opening = {
            let mut state = self.state();
            if state.opening.is_empty() {
                state.gone.remove(&server);
            }
            state.opening.clone()
        };
        if opening.is_empty() {
            self.record(|record| record.event("server_restarted", ""));
            return;
        }
        let open = Open {
            purpose: Purpose::Reopen,
            caller: 0,
            client_id: String::new(),
            progress_token: String::new(),
            method: "initialize".into(),
            modern: false,
            server,
            deadline: Some(Instant::now() + self.setup.timeout),
            intent_id: String::new(),
            is_cancelled: false,
        };
        self.hand_on(self.number(), open, |own| opening.join(own));
    }

    /// Answers a request in its server's place, and notes that in the record.
    pub(super) fn fail(&self, open: &Open, tool_name: &str, failure: McpFailure) {
        match open.purpose {
            Purpose::Client => {}
            Purpose::Share(group) => return shares::failed(self, group, open.server, None),
            Purpose::Reopen => {
                self.say("the server that was started again does not open the conversation");
                if let Some(back) = self.backs.get(open.server) {
                    back.close();
                }
                return;
            }
        }
        let Some(answer) = self.answer(&open.method, tool_name, open.modern, failure) else { return };
        if !open.intent_id.is_empty() {
            self.record(|record| record.result(&open.intent_id, true, &answer.result_digest, &answer.result));
        }
        if !open.is_cancelled {
            self.client.send(To::Answer(open.caller), &answer.answer.join(&open.client_id));
        }
    }

    /// The words for an answer in a server's place.
    pub(super) fn answer(&self, method: &str, tool_name: &str, modern: bool, failure: McpFailure) -> Option<McpAnswer> {
        let request = McpAnswerRequest {
            method: method.to_owned(),
            tool_name: tool_name.to_owned(),
            modern,
            failure,
            approval_dir: self.setup.approval_dir.clone(),
        };
        match self.core.call(&request, &mut NoWorld) {
            Ok(answer) => Some(answer),
            Err(fault) => {
                self.say(&format!("an answer cannot be worded: {}", fault.error));
                None
            }
        }
    }

    /// Says something on standard error.
    pub(super) fn say(&self, what: &str) {
        wire::say(what);
    }

    /// Whether requests still wait for a verdict or an answer.
    pub(super) fn is_busy(&self) -> bool {
        let state = self.state();
        !state.judging.is_empty() || state.open.values().any(|open| open.deadline.is_some() && !open.is_cancelled)
    }

    /// Refuses to wait any longer for answers that are late.
    pub(super) fn expire(&self, now: Instant) {
        asks::expire(self, now);
        let late: Vec<(u64, Open)> = {
            let mut state = self.state();
            let is_late = |open: &Open| open.deadline.is_some_and(|deadline| deadline <= now);
            let numbers: Vec<u64> =
                state.open.iter().filter(|(_, open)| is_late(open)).map(|(number, _)| *number).collect();
            numbers.into_iter().filter_map(|number| Some((number, state.open.remove(&number)?))).collect()
        };
        for (own, open) in late {
            if !open.is_cancelled {
                self.withdraw(open.server, own, "no answer in time");
            }
            self.record(|record| record.event("call_timed_out", &open.intent_id));
            self.fail(&open, "", McpFailure::TimedOut);
        }
    }

    /// A server gives no answer to one request; whether it knows of it.
    pub(super) fn unanswered(&self, server: usize, own: u64, was_sent: bool) {
        let open = {
            let mut state = self.state();
            state.open.get(&own).is_some_and(|open| open.server == server).then(|| state.open.remove(&own)).flatten()
        };
        if let Some(open) = open {
            self.fail(&open, "", McpFailure::ServerGone(was_sent));
        }
    }

    /// Tells a server that a request is not wanted any more.
    fn withdraw(&self, server: usize, own: u64, why: &str) {
        let params = format!(r#"{{"requestId":{own},"reason":"gait: {why}"}}"#);
        self.write(server, &format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}"#));
    }

    /// A caller has gone and does not want its answer.
    pub(super) fn abandon(&self, caller: u64, client_id: &str) {
        for (own, server) in super::client::cancel(self, Some(caller), client_id) {
            self.withdraw(server, own, "the caller has gone");
        }
    }

    /// A server has ended: whoever waits for it hears of it.
    pub(super) fn server_gone(&self, server: usize) {
        let left: Vec<Open> = {
            let mut state = self.state();
            state.gone.insert(server);
            state.asked.retain(|_, asked| !matches!(asked, Asked::Server { server: its, .. } if *its == server));
            let numbers: Vec<u64> =
                state.open.iter().filter(|(_, open)| open.server == server).map(|(number, _)| *number).collect();
            numbers.into_iter().filter_map(|number| state.open.remove(&number)).collect()
        };
        self.record(|record| record.event("server_end", ""));
        for open in left {
            self.fail(&open, "", McpFailure::ServerGone(true));
        }
    }
}

/// What is behind a lock. A thread that panicked while holding it was between two consistent states at worst: whatever
/// it had begun stays unanswered.
pub(super) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The failure for a fault of the gate's.
pub(super) fn unavailable(fault: &Fault) -> McpFailure {
    McpFailure::GateUnavailable(fault.error_code)
}

/// The fault for a folder that cannot be used.
pub(super) fn folder_fault(fault: Fault, flag: &str) -> Fault {
    match fault.error_code {
        Code::FileUnwritable => fault.hint(format!("choose another folder with `{flag}`")),
        _ => fault,
    }
}
