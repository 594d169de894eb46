//! A recorded conversation in the place of a server: a client talks to it on standard input and output as if the server
//! were there. Nothing is executed. A call is answered as it was answered then, by tool and arguments, the first time
//! with the first answer, and so on; a call that was not recorded is refused and reported. What was said this time is
//! a runpack again, with the recording's times in it, so that the same conversation gives the same runpack.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use gait_contract::gateway::{
    McpAction, McpAnswer, McpAnswerRequest, McpCall, McpFailure, McpKind, McpMessage, McpMessageRequest, McpSide,
};
use gait_contract::intent::{Given, IntentDigestRequest};
use gait_contract::mcp_servers::McpSettings;
use gait_contract::recording::{McpRecordedCall, McpRecording, McpRecordingRequest};
use gait_contract::{Call, Fault, Op, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::{Core, NoWorld, Session};
use crate::flows::record::Written;
use crate::flows::recorder::Recorder;
use crate::flows::signing::Signing;
use crate::host::files::Files;
use crate::host::lines::{Line, Lines};
use crate::host::{fs, interrupt, paths};
use crate::render::wire;

/// How often gait looks for signals.
const LOOK: Duration = Duration::from_millis(20);
/// The method that lists tools.
const LIST: &str = "tools/list";
/// JSON-RPC's number for a method that is not there.
const METHOD_NOT_FOUND: i64 = -32_601;

/// What is replayed, and where the new recording goes.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Run id or path of the recording.
    pub run: String,
    /// Name of the new run; blank for the recorded one's with `_replay`.
    pub run_id: String,
    /// Folder of the new runpack.
    pub runpack_dir: String,
    /// File for what came of it; blank for none.
    pub report: String,
}

/// What came of a replay.
#[derive(Debug, Serialize)]
pub struct Replayed {
    /// Every call was recorded.
    pub ok: bool,
    /// The recorded run.
    pub recorded_run_id: String,
    /// Manifest digest of the recording.
    pub recorded_manifest_digest: String,
    /// Path of the recording.
    pub recording: String,
    /// Calls that were recorded.
    pub recorded: u64,
    /// Calls that were answered from the recording.
    pub replayed: u64,
    /// Calls that were refused, because the recording has no answer.
    pub missing: Vec<Missing>,
    /// Tools whose recorded calls were not made this time, each time once.
    pub unasked: Vec<String>,
    /// The new run.
    pub run_id: String,
    /// Path of the new runpack.
    pub bundle: String,
    /// What is worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A call without an answer.
#[derive(Debug, Serialize)]
pub struct Missing {
    /// The tool.
    pub tool_name: String,
    /// Digest of its arguments.
    pub args_digest: String,
    /// How often the recording answers this call.
    pub recorded: u64,
}

/// Answers a client until it has enough.
pub fn serve(setup: &Setup, signing: Signing) -> Result<Replayed, Fault> {
    interrupt::hold();
    let archive = paths::resolve(&setup.run)?;
    let mut replay = Replay::of(&archive)?;
    let run_id =
        if setup.run_id.is_empty() { format!("{}_replay", replay.recording.run_id) } else { setup.run_id.clone() };
    paths::archive_name(&run_id)?;
    if !setup.report.is_empty() {
        fs::try_writing(setup.report.as_ref())?;
    }
    replay.begin(&run_id);

    let (said, listening) = mpsc::channel();
    // Nobody waits for this one: a read of standard input cannot be called off.
    drop(thread::spawn(move || {
        let mut lines = Lines::new(io::stdin(), limits::MCP_MESSAGE_BYTES);
        while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.read() {
            if said.send(line).is_err() {
                break;
            }
        }
    }));
    loop {
        match listening.recv_timeout(LOOK) {
            Ok(line) => {
                if let Some(answer) = replay.take(&line)
                    && wire::line(&answer).is_err()
                {
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) if !interrupt::take() => {}
            Err(_) => break,
        }
    }
    let replayed = replay.finish(archive, &setup.runpack_dir, signing)?;
    if !setup.report.is_empty() {
        let text = serde_json::to_vec(&replayed).unwrap_or_default();
        fs::write_with_folders(setup.report.as_ref(), &text)?;
    }
    Ok(replayed)
}

/// Asks for one digest only; the rest of the reply is the core's to read.
#[derive(Serialize)]
#[serde(transparent)]
struct ArgsOf(IntentDigestRequest);

#[derive(Deserialize)]
struct ArgsDigest {
    args_digest: String,
}

impl Call for ArgsOf {
    const OP: Op = IntentDigestRequest::OP;
    type Reply = ArgsDigest;
}

/// A recording that answers.
struct Replay {
    core: Core,
    session: Option<Session>,
    recording: McpRecording,
    /// Places of the calls that were not made yet, by tool and digest of the arguments.
    waiting: BTreeMap<(String, String), VecDeque<usize>>,
    /// How often tools were listed.
    listed: usize,
    missing: Vec<Missing>,
    replayed: u64,
    recorder: Option<Recorder>,
}

impl Replay {
    fn of(archive: &str) -> Result<Self, Fault> {
        let core = Core::load()?;
        let recording = core.call(&McpRecordingRequest { archive: archive.to_owned() }, &mut Files::new())?;
        let mut waiting: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
        for (place, call) in recording.calls.iter().enumerate() {
            waiting.entry((call.tool_name.clone(), call.args_digest.clone())).or_default().push_back(place);
        }
        Ok(Self {
            core,
            session: None,
            recording,
            waiting,
            listed: 0,
            missing: Vec::new(),
            replayed: 0,
            recorder: None,
        })
    }

    fn begin(&mut self, run_id: &str) {
        let mut recorder = Recorder::at(run_id, self.recording.created_at.clone());
        for receipt in &self.recording.receipts {
            recorder.keep(receipt);
        }
        self.recorder = Some(recorder);
    }

    /// The answer to one line, if it wants one.
    fn take(&mut self, line: &[u8]) -> Option<String> {
        match self.read(line) {
            Ok((message, call)) => self.answer(&message, call),
            Err(fault) => {
                wire::say(&format!("a message cannot be read ({}): {}", fault.error_code.token(), fault.error));
                None
            }
        }
    }

    /// Reads a message and, if it is a call, digests its arguments.
    fn read(&mut self, line: &[u8]) -> Result<(McpMessage, Option<(McpCall, String)>), Fault> {
        let request = McpMessageRequest {
            message: Given::Attached,
            from: McpSide::Client,
            settings: McpSettings::default(),
            now: self.recording.created_at.clone(),
            routing: None,
            progress_token: String::new(),
            content: false,
            params: Vec::new(),
        };
        // An instance that stopped in the middle of a message is gone; the next message gets another one.
        let mut session = match self.session.take().filter(Session::is_alive) {
            Some(alive) => alive,
            None => self.core.session()?,
        };
        let message = session.call_attached(&request, line, &mut NoWorld)?;
        let call = match message.call.clone() {
            Some(call) => {
                let request = ArgsOf(IntentDigestRequest { intent: Given::Attached });
                let digest = session.call_attached(&request, call.intent.as_bytes(), &mut NoWorld)?;
                Some((call, digest.args_digest))
            }
            None => None,
        };
        self.session = Some(session);
        Ok((message, call))
    }

    fn answer(&mut self, message: &McpMessage, call: Option<(McpCall, String)>) -> Option<String> {
        if let Some(refusal) = &message.refusal {
            wire::say(&format!("refused a message ({}): {}", refusal.error_code.token(), refusal.message));
            return (!refusal.answer.is_empty()).then(|| refusal.answer.join(&message.id));
        }
        if message.kind != McpKind::Request {
            return None;
        }
        if let Some((call, args_digest)) = call.filter(|_| message.action == McpAction::Judge) {
            return self.call(message, &call, &args_digest);
        }
        let result = match message.method.as_str() {
            "initialize" if !self.recording.modern => self.opening(&message.protocol_version),
            "server/discover" if self.recording.modern => self.recording.opening.clone(),
            "ping" | "logging/setLevel" => "{}".to_owned(),
            LIST if !self.recording.lists.is_empty() => return self.list(&message.id),
            method => {
                let text = format!("gait: the recording has no answer to `{method}`");
                let error = json!({"code": METHOD_NOT_FOUND, "message": text});
                return Some(format!(r#"{{"jsonrpc":"2.0","id":{},"error":{error}}}"#, message.id));
            }
        };
        Some(format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, message.id))
    }

    /// The server's first words. A client of an older version is met there, as the server would have met it: versions
    /// are dates.
    fn opening(&self, version: &str) -> String {
        let mut opening: Value = serde_json::from_str(&self.recording.opening).unwrap_or_default();
        let recorded = opening["protocolVersion"].as_str().unwrap_or_default();
        if !version.is_empty() && version < recorded {
            opening["protocolVersion"] = version.into();
        }
        opening.to_string()
    }

    /// The tools as they were listed the first time, the second time and so on; the last list stays.
    fn list(&mut self, id: &str) -> Option<String> {
        let last = self.recording.lists.len().checked_sub(1)?;
        let list = self.recording.lists.get(self.listed.min(last))?;
        self.listed += 1;
        let recorder = self.recorder.as_mut()?;
        let intent_id = recorder.intent(&list.tool_name, &list.args_digest, "{}");
        recorder.result(&intent_id, list.is_error, &list.result_digest, &list.result);
        Some(list.answer.join(id))
    }

    fn call(&mut self, message: &McpMessage, call: &McpCall, args_digest: &str) -> Option<String> {
        let recorder = self.recorder.as_mut()?;
        let intent_id = recorder.intent(&call.tool_name, args_digest, &call.args);
        let key = (call.tool_name.clone(), args_digest.to_owned());
        let place = self.waiting.get_mut(&key).and_then(VecDeque::pop_front);
        if let Some(known) = place.and_then(|place| self.recording.calls.get(place)) {
            self.replayed += 1;
            recorder.result(&intent_id, known.is_error, &known.result_digest, &known.result);
            return Some(known.answer.join(&message.id));
        }
        let is_same = |one: &&McpRecordedCall| one.tool_name == key.0 && one.args_digest == key.1;
        let times = self.recording.calls.iter().filter(is_same).count() as u64;
        let refusal = self.refusal(message, &call.tool_name, times)?;
        wire::say(&format!("`{}` was refused: {}", call.tool_name, why(times)));
        let recorder = self.recorder.as_mut()?;
        recorder.result(&intent_id, true, &refusal.result_digest, &refusal.result);
        recorder.event("not_recorded", &intent_id);
        self.missing.push(Missing { tool_name: key.0, args_digest: key.1, recorded: times });
        Some(refusal.answer.join(&message.id))
    }

    fn refusal(&self, message: &McpMessage, tool_name: &str, times: u64) -> Option<McpAnswer> {
        let request = McpAnswerRequest {
            method: message.method.clone(),
            tool_name: tool_name.to_owned(),
            modern: message.modern,
            failure: McpFailure::NotRecorded(times),
            approval_dir: String::new(),
        };
        self.core.call(&request, &mut NoWorld).ok()
    }

    fn finish(mut self, archive: String, runpack_dir: &str, signing: Signing) -> Result<Replayed, Fault> {
        let recorder = self.recorder.take().unwrap_or_else(|| Recorder::at("run_replay", self.recording.created_at));
        let Written { run_id, bundle, warnings, .. } = recorder.finish(runpack_dir, signing)?;
        let mut left: Vec<usize> = self.waiting.into_values().flatten().collect();
        left.sort_unstable();
        let name = |place: &usize| self.recording.calls.get(*place).map(|call| call.tool_name.clone());
        Ok(Replayed {
            ok: self.missing.is_empty(),
            recorded_run_id: self.recording.run_id,
            recorded_manifest_digest: self.recording.manifest_digest,
            recording: archive,
            recorded: self.recording.calls.len() as u64,
            replayed: self.replayed,
            unasked: left.iter().filter_map(name).collect(),
            missing: self.missing,
            run_id,
            bundle,
            warnings,
        })
    }
}

/// Why a call has no answer.
pub fn why(times: u64) -> String {
    match times {
        0 => "it was not recorded".to_owned(),
        1 => "it was recorded once, and made again".to_owned(),
        times => format!("it was recorded {times} times, and made again"),
    }
}
