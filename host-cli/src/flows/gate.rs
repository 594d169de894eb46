//! The decision path: everything that judges a call goes through a [`Gate`] (`gate eval`, `mcp proxy`, `mcp serve`,
//! the MCP gateway), so that there is one opinion about verdicts.
//!
//! A gate holds what outlives a call: the key that signs traces, the key that approvals are held against, the broker,
//! the place of the rate-limit state, and an instance of the core with the compiled policy. Threads do not share a gate;
//! each has its own, made with [`Gate::another`], and they meet only at the lock of the rate-limit state.
//!
//! ```text
//! let mut gate = Gate::open(&setup)?;            // keys and broker are usable, or nothing begins
//! let report = gate.load()?;                     // the policy is valid; `judge` does it where nobody asks before
//! let decision = gate.judge(&Asked::about(Intent::Text(&intent)))?;
//! outputs.write(&decision)?;                     // texts of trace, approval audit and credential evidence
//! // only now may anybody hear the verdict
//! ```
//!
//! Whatever goes wrong is a fault, never a verdict: the call is then refused. A policy that was edited is read anew as a
//! whole before the next call is judged; one that cannot be read or is not valid refuses calls until it is mended. An
//! instance that trapped is thrown away, and the next call gets a new one.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gait_contract::config::GateDefaults;
use gait_contract::gate::{ClientApproval, Decision, GateReply, GateRequest, Profile};
use gait_contract::intent::Given;
use gait_contract::policy::{PolicyLoadRequest, PolicyReport};
use gait_contract::runpack::Signing;
use gait_contract::tool_call::CallForm;
use gait_contract::{Call, Code, Fault, limits};

use super::gate_keys;
use super::project_config::list;
use super::signing::Mode;
use crate::core::{Core, Session};
use crate::host::broker::Broker;
use crate::host::documents::Documents;
use crate::host::keys::PrivateKey;
use crate::host::rate_limits::Turn;
use crate::host::watched::Watched;
use crate::host::{clock, interrupt};

/// How often the core may ask before gait gives up: it asks for two things, each once.
const QUESTIONS: usize = 4;
/// An instance that has grown larger is thrown away after the call, so that one huge call is not paid for until the end.
const KEPT_BYTES: usize = 24 << 20;

/// What holds where neither a flag nor a configuration says otherwise.
pub fn usual() -> GateDefaults {
    GateDefaults {
        rate_limit_state: ".gait-out/gate_rate_limits.json".into(),
        credential_env_prefix: "GAIT_BROKER_TOKEN_".into(),
        ..GateDefaults::default()
    }
}

/// Judges calls by one policy, one at a time.
pub struct Gate {
    fixed: Arc<Fixed>,
    /// An instance that nothing was loaded into yet.
    spare: Option<Session>,
    warm: Option<Warm>,
}

/// What all gates of one program have in common.
struct Fixed {
    policy: String,
    profile: Profile,
    key: Arc<PrivateKey>,
    /// Where that key's signature of a runpack goes.
    signing: Signing,
    /// Base64 of the public key that approvals are held against.
    approval_key: String,
    broker: Broker,
    credential_ref: String,
    credential_scopes: Vec<String>,
    rate_limit_state: String,
    producer_version: String,
    remarks: Remarks,
}

/// An instance that holds the compiled policy.
struct Warm {
    session: Session,
    /// The file it was compiled from; `None` when it could not be watched, and then it is read anew each time.
    file: Option<Watched>,
    report: PolicyReport,
}

/// What is to be said about the key that signs.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// For the answer: exactly one with development keys, none with others.
    pub warnings: Vec<String>,
    /// Said once, when a development key was made.
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    pub remark: Option<String>,
}

/// An intent, wherever it is.
#[derive(Clone, Copy, Debug)]
pub enum Intent<'a> {
    /// A file.
    Source(&'a str),
    /// The JSON text, exactly as it is to be judged.
    Text(&'a [u8]),
    /// The same, with a name for faults.
    Named(&'a str, &'a [u8]),
}

/// One call that is to be judged.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The call.
    pub intent: Intent<'a>,
    /// How to read it, when it is a tool call in some dialect and no intent.
    pub form: Option<CallForm>,
    /// Say what would happen, and enforce nothing.
    pub simulate: bool,
    /// Approval tokens. They bind to the digests of this intent and this policy.
    pub approvals: Vec<Given>,
    /// Documents that `approvals` names as sources and that are in no file: name and text.
    pub held: Vec<(String, String)>,
    /// The calling program's word that its user approves.
    pub client_approval: Option<ClientApproval>,
    /// What the trace names as approval when no token grants.
    pub approval_ref: &'a str,
    /// Name of the call; goes into the trace. Blank for none.
    pub correlation_id: &'a str,
    /// Put into the trace how long judging took. It has to be judged twice for that, because the trace is signed.
    pub is_timed: bool,
}

impl<'a> Asked<'a> {
    /// A call without anything beside it.
    pub fn about(intent: Intent<'a>) -> Self {
        Self {
            intent,
            form: None,
            simulate: false,
            approvals: Vec::new(),
            held: Vec::new(),
            client_approval: None,
            approval_ref: "",
            correlation_id: "",
            is_timed: false,
        }
    }
}

impl Gate {
    /// Finds keys and broker. Blank fields of `setup` stand for what [`usual`] says; files of outputs are not looked at.
    pub fn open(setup: &GateDefaults) -> Result<Self, Fault> {
        Self::open_in(Core::load()?.session()?, setup)
    }

    /// As `open`, with an instance that is running already and holds no policy.
    pub fn open_in(session: Session, setup: &GateDefaults) -> Result<Self, Fault> {
        let setup = setup.clone().or(usual());
        let profile = match setup.profile.trim().to_lowercase().as_str() {
            "" | "standard" => Profile::Standard,
            "oss-prod" => Profile::OssProd,
            other => {
                return Err(Fault::new(Code::InvalidInput, format!("there is no profile `{other}`"))
                    .hint("profiles are standard and oss-prod"));
            }
        };
        // The core asks the same of the policy; of keys only the host knows.
        if profile == Profile::OssProd && setup.key_mode.trim().to_lowercase() != "prod" {
            return Err(Fault::new(Code::ProfileUnmet, "profile oss-prod needs key mode prod")
                .hint("add `--key-mode prod` and `--private-key FILE`"));
        }
        let signer = gate_keys::signer(&setup.key_mode, &setup.private_key, &setup.private_key_env)?;
        let approvers = gate_keys::approvers(
            (&setup.approval_public_key, &setup.approval_public_key_env),
            (&setup.approval_private_key, &setup.approval_private_key_env),
        )?;
        let arguments = list(&setup.credential_command_args);
        let broker = Broker::choose(
            &setup.credential_broker,
            &setup.credential_env_prefix,
            &setup.credential_command,
            arguments,
        )?;
        let approval_key = match approvers {
            Some(key) => key.text(),
            // In production the key that signs verdicts must not approve calls just because nobody said otherwise.
            None if profile == Profile::OssProd => String::new(),
            None => signer.key.public().text(),
        };
        let fixed = Fixed {
            profile,
            key: Arc::new(signer.key),
            signing: signing(&setup.key_mode)?,
            approval_key,
            broker,
            credential_ref: setup.credential_ref.trim().to_owned(),
            credential_scopes: list(&setup.credential_scopes),
            rate_limit_state: setup.rate_limit_state,
            policy: setup.policy,
            producer_version: Core::producer_version(),
            remarks: Remarks { warnings: signer.warnings, announcement: signer.announcement, remark: signer.remark },
        };
        Ok(Self { fixed: Arc::new(fixed), spare: Some(session), warm: None })
    }

    /// A gate with the same keys, broker and policy file, for another thread. It shares no memory of the core.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { fixed: self.fixed.clone(), spare: None, warm: None }
    }

    /// How strict the surroundings are.
    pub fn profile(&self) -> Profile {
        self.fixed.profile
    }

    /// What is to be said about the key that signs.
    pub fn remarks(&self) -> &Remarks {
        &self.fixed.remarks
    }

    /// The key that signs traces, for whatever else this program signs (runpacks of conversations, for instance).
    pub fn key(&self) -> Arc<PrivateKey> {
        self.fixed.key.clone()
    }

    /// Base64 of the key that approvals are checked against.
    pub fn approval_key(&self) -> &str {
        &self.fixed.approval_key
    }

    /// Where that key's signature of a runpack goes (ADR 0006).
    pub fn signing(&self) -> Signing {
        self.fixed.signing
    }

    /// Reads the policy if that has not happened yet or if its file changed; says what the policy is.
    pub fn load(&mut self) -> Result<&PolicyReport, Fault> {
        self.ready().map(|warm| &warm.report)
    }

    /// Runs another operation of the core in the gate's instance, with a document that the request speaks of as
    /// `attached`. The policy does not matter to it.
    pub fn ask<C: Call>(&mut self, request: &C, document: &[u8]) -> Result<C::Reply, Fault> {
        let mut documents = self.documents();
        self.within(|_, warm| warm.session.call_attached(request, document, &mut documents))
    }

    /// Judges a call: the verdict, and the texts of trace, approval audit and credential evidence in
    /// [`Decision::files`]. Rate limits have been counted. The caller stores the texts before anybody hears the verdict.
    pub fn judge(&mut self, asked: &Asked<'_>) -> Result<Decision, Fault> {
        let mut documents = self.documents();
        for (name, text) in &asked.held {
            documents = documents.holding(name, text.clone().into_bytes());
        }
        if let Intent::Named(name, text) = asked.intent {
            documents = documents.holding(name, text.to_vec());
        }
        self.within(|fixed, warm| {
            let mut request = fixed.request(asked);
            let ask = |request: &GateRequest| match asked.intent {
                Intent::Source(_) | Intent::Named(..) => warm.session.call(request, &mut documents),
                Intent::Text(text) => warm.session.call_attached(request, text, &mut documents),
            };
            fixed.decide(ask, &mut request, asked.is_timed)
        })
    }

    /// Every document of a call is read once, so that all questions about it see the same bytes.
    fn documents(&self) -> Documents {
        Documents::new().signing_with(self.fixed.key.clone())
    }

    /// Does something with the instance, and gives the instance up if it came to harm.
    fn within<T>(&mut self, what: impl FnOnce(&Fixed, &mut Warm) -> Result<T, Fault>) -> Result<T, Fault> {
        let fixed = self.fixed.clone();
        let warm = self.ready()?;
        let outcome = what(&fixed, warm);
        if !warm.session.is_alive() || warm.session.memory_bytes() > KEPT_BYTES {
            self.warm = None;
        }
        outcome
    }

    /// The instance, with the policy as its file says now.
    fn ready(&mut self) -> Result<&mut Warm, Fault> {
        let changed = match self.warm.as_mut().map(|warm| warm.file.as_mut()) {
            Some(Some(file)) => file.changed()?.map(Some),
            // The first time, and whenever the file could not be watched.
            None | Some(None) => Some(None),
        };
        if let Some(file) = changed {
            let file = file.or_else(|| Watched::read(Path::new(&self.fixed.policy), limits::POLICY_BYTES as u64).ok());
            let session = match self.spare.take() {
                Some(session) => session,
                None => Core::load()?.session()?,
            };
            self.warm = Some(self.fixed.warm_up(session, file)?);
        }
        self.warm.as_mut().ok_or_else(undecided)
    }
}

impl Fixed {
    /// Compiles the policy. A file that could not be read is asked for by the core, which has the words for that.
    fn warm_up(&self, mut session: Session, file: Option<Watched>) -> Result<Warm, Fault> {
        let mut documents = Documents::new();
        if let Some(file) = &file {
            documents = documents.holding(&self.policy, file.bytes().to_vec());
        }
        let report = session.call(&PolicyLoadRequest { policy: self.policy.clone() }, &mut documents)?;
        Ok(Warm { session, file, report })
    }

    fn request(&self, asked: &Asked<'_>) -> GateRequest {
        GateRequest {
            policy: None,
            intent: match asked.intent {
                Intent::Source(path) | Intent::Named(path, _) => Given::Source(path.to_owned()),
                Intent::Text(_) => Given::Attached,
            },
            form: asked.form.clone(),
            profile: self.profile,
            simulate: asked.simulate,
            now: clock::now(),
            producer_version: self.producer_version.clone(),
            correlation_id: asked.correlation_id.to_owned(),
            latency_ms: 0.0,
            approvals: asked.approvals.clone(),
            approval_key: self.approval_key.clone(),
            approval_ref: asked.approval_ref.to_owned(),
            client_approval: asked.client_approval.clone(),
            credential: self.broker.unasked(),
            credential_ref: self.credential_ref.clone(),
            credential_scopes: self.credential_scopes.clone(),
            rate_limits: None,
            sign: !asked.is_timed,
        }
    }

    /// Asks until there is a signed verdict, and fetches what it takes.
    fn decide(
        &self,
        mut ask: impl FnMut(&GateRequest) -> Result<GateReply, Fault>,
        request: &mut GateRequest,
        is_timed: bool,
    ) -> Result<Decision, Fault> {
        let mut turn: Option<Turn> = None;
        let mut spent = Duration::ZERO;
        for _ in 0..QUESTIONS {
            let began = Instant::now();
            let reply = ask(request)?;
            spent += began.elapsed();
            if interrupt::pending() {
                return Err(Fault::new(Code::InternalFailure, "interrupted before there was a verdict"));
            }
            let wanted = match reply {
                GateReply::Wanted(wanted) => wanted,
                GateReply::Decided(decision) => {
                    if let (Some(turn), Some(next)) = (turn, &decision.next_rate_limits) {
                        turn.store(next)?;
                    }
                    if !is_timed {
                        return Ok(*decision);
                    }
                    // To the microsecond; more is noise.
                    request.latency_ms = (spent.as_secs_f64() * 1e6).round() / 1e3;
                    request.sign = true;
                    return match ask(request)? {
                        GateReply::Decided(decision) => Ok(*decision),
                        GateReply::Wanted(_) => Err(undecided()),
                    };
                }
            };
            if wanted.rate_limits && turn.is_none() {
                let taken = Turn::take(&self.rate_limit_state)?;
                // Others may have counted while gait waited, and time must not seem to run backwards to them.
                request.now = clock::now();
                request.rate_limits = Some(taken.text().to_owned());
                turn = Some(taken);
            }
            if let Some(credential) = &wanted.credential {
                // Nobody else waits while a broker takes its time.
                if let (Some(turn), Some(next)) = (turn.take(), &wanted.next_rate_limits) {
                    turn.store(next)?;
                }
                request.credential = self.broker.ask(credential);
            }
        }
        Err(undecided())
    }
}

fn signing(key_mode: &str) -> Result<Signing, Fault> {
    match Mode::parse(key_mode) {
        Ok(Mode::Dev) => Ok(Signing::Archive),
        Ok(Mode::Prod) => Ok(Signing::Manifest),
        Err(error) => Err(Fault::new(Code::KeySource, error)),
    }
}

/// The fault for a core that goes round in circles.
pub(super) fn undecided() -> Fault {
    Fault::new(Code::CoreTrap, "the core asks again for what it was given")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use gait_contract::policy::Verdict;

    use super::*;

    const INTENT: &[u8] =
        br#"{"tool_name":"docs.read","targets":[],"context":{"identity":"a","workspace":".","risk_class":"low"}}"#;

    fn key_file(root: &Path) -> String {
        let path = root.join("traces.key");
        std::fs::write(&path, PrivateKey::generate().expect("a key").file_text().as_bytes()).expect("written");
        path.display().to_string()
    }

    fn gate(root: &Path, policy: &str) -> (Gate, PathBuf) {
        let path = root.join("policy.yaml");
        std::fs::write(&path, policy).expect("written");
        let setup = GateDefaults {
            policy: path.display().to_string(),
            key_mode: "prod".into(),
            private_key: key_file(root),
            rate_limit_state: root.join("limits.json").display().to_string(),
            ..GateDefaults::default()
        };
        (Gate::open(&setup).expect("it opens"), path)
    }

    #[test]
    fn a_gate_is_at_home_in_one_thread_but_may_move() {
        fn movable<T: Send>() {}
        movable::<Gate>();
    }

    #[test]
    fn an_edited_policy_holds_from_the_next_call_on() {
        let root = tempfile::tempdir().expect("a folder");
        let (mut gate, path) = gate(root.path(), "default_verdict: allow\n");
        let judge = |gate: &mut Gate| gate.judge(&Asked::about(Intent::Text(INTENT))).map(|decision| decision.verdict);
        assert_eq!(judge(&mut gate), Ok(Verdict::Allow));
        std::fs::write(&path, "default_verdict: block\n").expect("written");
        assert_eq!(judge(&mut gate), Ok(Verdict::Block));
        assert_eq!(judge(&mut gate.another()), Ok(Verdict::Block));
        std::fs::write(&path, "default_verdict: alow\n").expect("written");
        for _ in 0..2 {
            assert_eq!(judge(&mut gate).map_err(|fault| fault.error_code), Err(Code::PolicyInvalid));
        }
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(judge(&mut gate).map_err(|fault| fault.error_code), Err(Code::FileNotFound));
        std::fs::write(&path, "default_verdict: allow\n").expect("written");
        assert_eq!(judge(&mut gate), Ok(Verdict::Allow));
    }

    #[test]
    fn a_call_that_is_no_intent_leaves_the_gate_as_it_was() {
        let root = tempfile::tempdir().expect("a folder");
        let (mut gate, _) = gate(root.path(), "default_verdict: allow\n");
        let refused = gate.judge(&Asked::about(Intent::Text(b"{\"tool_name\":1}")));
        assert!(refused.is_err());
        let decision = gate.judge(&Asked::about(Intent::Text(INTENT))).expect("judged");
        let files = decision.files.expect("the texts");
        assert!(files.trace.ends_with("}\n") && files.trace.contains(&decision.trace_id));
        assert_eq!(gate.load().expect("loaded").policy_digest, decision.policy_digest);
    }

    #[test]
    fn limits_are_counted_across_gates() {
        let root = tempfile::tempdir().expect("a folder");
        let policy = "default_verdict: allow\nrules:\n  - name: few\n    effect: allow\n    match:\n      tool_names: [docs.read]\n    rate_limit:\n      requests: 2\n      window: hour\n      scope: tool\n";
        let (gate, _) = gate(root.path(), policy);
        let verdicts: Vec<_> = (0..3)
            .map(|_| gate.another().judge(&Asked::about(Intent::Text(INTENT))).expect("judged").verdict)
            .collect();
        assert_eq!(verdicts, [Verdict::Allow, Verdict::Allow, Verdict::Block]);
    }
}
