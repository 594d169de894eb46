//! The conversations of a listener: each session with a server of its own, and one that clients without sessions share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gait_contract::{Code, Fault};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::callers::Callers;
use super::conversation::{Conversation, held};
use super::pages::Pages;
use super::running::{self, Running};
use super::{Setup, client};
use crate::flows::gate::Gate;
use crate::flows::signing::{self, Wish};
use crate::render::wire;

/// How long a session may go unused.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long a server may take to say which versions it knows.
const PROBE: Duration = Duration::from_secs(10);
/// The first version without sessions.
pub(super) const MODERN: &str = "2026-07-28";

/// All conversations of one listener.
pub(super) struct Gateways {
    pub(super) setup: Setup,
    pub(super) gate: Mutex<Gate>,
    pub(super) wish: Wish,
    pub(super) pages: Arc<Pages>,
    pub(super) sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    /// The conversation of those who have no session.
    pub(super) shared: tokio::sync::Mutex<Shared>,
}

#[derive(Default)]
pub(super) enum Shared {
    #[default]
    NotAsked,
    Modern(Arc<Session>),
    /// The server knows versions with sessions only.
    Legacy,
}

/// One conversation.
pub(super) struct Session {
    pub(super) conversation: Arc<Conversation>,
    pub(super) callers: Callers,
    pub(super) reader: Mutex<client::Reader>,
    pub(super) running: Mutex<Option<Running>>,
    pub(super) used: Mutex<Instant>,
}

/// Looks at the clock: answers that are late, sessions that nobody uses.
pub(super) async fn look(gateways: Arc<Gateways>, mut stop: watch::Receiver<bool>) {
    loop {
        if timeout(LOOK, stop.wait_for(|stop| *stop)).await.is_ok() {
            // Streams end, so that the listener can.
            for session in gateways.all() {
                session.callers.close_all();
            }
            return;
        }
        let now = Instant::now();
        let looked = gateways.clone();
        // A server that does not read what it is told stops this look, and not the listener.
        let _ = spawn_blocking(move || {
            for session in looked.all() {
                session.conversation.expire(now);
            }
        })
        .await;
        let idle = |session: &Session| now.saturating_duration_since(*held(&session.used)) > IDLE;
        let over: Vec<String> = held(&gateways.sessions)
            .iter()
            .filter(|(_, session)| idle(session) || session.is_over())
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            gateways.remove(&id);
        }
    }
}

impl Gateways {
    /// Every conversation there is; the shared one is left out while somebody starts it.
    pub(super) fn all(&self) -> Vec<Arc<Session>> {
        let mut all: Vec<_> = held(&self.sessions).values().cloned().collect();
        if let Ok(shared) = self.shared.try_lock()
            && let Shared::Modern(session) = &*shared
        {
            all.push(session.clone());
        }
        all
    }

    pub(super) fn start(&self, session_id: &str) -> Result<Session, Fault> {
        let gate = held(&self.gate).another();
        let mut setup = self.setup.clone();
        if setup.settings.session_id.is_empty() && !session_id.is_empty() {
            setup.settings.session_id = session_id.to_owned();
        }
        let callers = Callers::default();
        let run_id = running::made_up_run_id()?;
        let (client, ended) = (callers.clone(), callers.clone());
        let running =
            Running::start(setup, run_id, gate, Box::new(client), self.pages.clone(), move || ended.close_all())?;
        Ok(Session {
            conversation: running.conversation.clone(),
            callers,
            reader: Mutex::new(client::Reader::new()),
            running: Mutex::new(Some(running)),
            used: Mutex::new(Instant::now()),
        })
    }

    /// Ends a session in the background; false when there is none.
    pub(super) fn remove(&self, id: &str) -> bool {
        let Some(session) = held(&self.sessions).remove(id) else { return false };
        let wish = self.wish.clone();
        std::thread::spawn(move || session.end(&wish));
        true
    }

    /// Ends everything, side by side.
    pub(super) fn end_all(&self) {
        let sessions = self.all();
        let ending: Vec<_> = sessions
            .into_iter()
            .map(|session| {
                let wish = self.wish.clone();
                std::thread::spawn(move || session.end(&wish))
            })
            .collect();
        for one in ending {
            let _ = one.join();
        }
    }

    /// The conversation of clients without sessions, if the server can have it.
    pub(super) async fn shared(self: &Arc<Self>) -> Result<Option<Arc<Session>>, Fault> {
        let mut shared = self.shared.lock().await;
        if let Shared::Modern(session) = &*shared
            && !session.is_over()
        {
            return Ok(Some(session.clone()));
        }
        if matches!(*shared, Shared::Legacy) {
            return Ok(None);
        }
        let gateways = self.clone();
        let started = spawn_blocking(move || gateways.start("")).await.map_err(|_| stopped())??;
        let session = Arc::new(started);
        if session.clone().is_modern().await {
            session.clone().learn().await;
            *shared = Shared::Modern(session.clone());
            return Ok(Some(session));
        }
        *shared = Shared::Legacy;
        drop(spawn_blocking(move || held(&session.running).take().map(Running::quit)));
        Ok(None)
    }
}

impl Session {
    pub(super) fn is_over(&self) -> bool {
        self.conversation.state().is_over
    }

    /// Ends the conversation and writes its runpack.
    pub(super) fn end(&self, wish: &Wish) {
        self.callers.close_all();
        let Some(running) = held(&self.running).take() else { return };
        match signing::choose(wish).and_then(|signing| running.end(signing)) {
            Ok(written) => wire::say(&format!("recorded {}", written.bundle)),
            Err(fault) => wire::say(&format!("a conversation could not be recorded: {}", fault.error)),
        }
    }

    /// Asks the server whether it knows a version without sessions.
    async fn is_modern(self: Arc<Self>) -> bool {
        let probe = format!(
            r#"{{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{MODERN}","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let caller = self.conversation.number();
        let mut answer = self.callers.open(caller);
        let session = self.clone();
        let asked = spawn_blocking(move || {
            held(&session.reader).take(&session.conversation, caller, probe.as_bytes(), None);
        });
        let _ = asked.await;
        match timeout(PROBE, answer.recv()).await {
            Ok(Some(event)) => event.text.contains("\"result\"") && event.text.contains(MODERN),
            _ => false,
        }
    }

    /// Lists tools once, so that headers of the first call can be held against what its tool says about them.
    async fn learn(self: Arc<Self>) {
        let list = format!(
            r#"{{"jsonrpc":"2.0","id":0,"method":"tools/list","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{MODERN}","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let caller = self.conversation.number();
        let mut answer = self.callers.open(caller);
        let asked = spawn_blocking(move || {
            held(&self.reader).take(&self.conversation, caller, list.as_bytes(), None);
        });
        let _ = asked.await;
        let _ = timeout(PROBE, answer.recv()).await;
    }
}

pub(super) fn stopped() -> Fault {
    Fault::new(Code::InternalFailure, "a thread of the gateway stopped")
}
