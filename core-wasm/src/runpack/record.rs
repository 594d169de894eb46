//! Building a runpack from a run record, piece by piece (runpack contract, "run record").

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::limits::{LINE_BYTES, RECORD_DOCUMENT_BYTES};
use gait_contract::runpack::{Intent, RecordRequest, Recorded, Refs, ResultRecord, Run};
use gait_contract::{Code, Fault};

use super::input::{Extent, Input};
use super::write::{RunpackWriter, Seal, complete_intent, complete_refs, complete_result, complete_run};
use crate::order::Texts;
use crate::task::Host;

/// Answers op `run.record`.
pub(crate) async fn record(host: &Host, request: RecordRequest) -> Result<Recorded, Fault> {
    let mut input = Input::open(host, &request.input).await?;
    let mut recording = Recording {
        request: &request,
        writer: RunpackWriter::new(host),
        run: None,
        refs: Refs::default(),
        capture_mode: None,
        written: Lists::default(),
        postponed: Lists::default(),
    };
    recording.pass(&mut input).await?;
    if recording.postponed != Lists::default() {
        // Records stood before the run whose values they inherit; now the run is known.
        input.rewind();
        recording.pass(&mut input).await?;
    }
    recording.finish().await
}

/// Which lists of records.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lists {
    intents: bool,
    results: bool,
}

struct Recording<'a> {
    request: &'a RecordRequest,
    writer: RunpackWriter<'a>,
    run: Option<Run>,
    refs: Refs,
    capture_mode: Option<String>,
    written: Lists,
    postponed: Lists,
}

impl Recording<'_> {
    /// Walks over the record once.
    async fn pass(&mut self, input: &mut Input<'_>) -> Result<(), Fault> {
        self.postponed = Lists::default();
        let mut seen = Texts::new();
        input.want(b'{', "an object").await?;
        let mut first = true;
        while !(first && input.eat(b'}').await?) {
            first = false;
            let key = self.key(input, &mut seen).await?;
            match key.as_str() {
                "intents" => self.intents(input).await?,
                "results" => self.results(input).await?,
                _ => self.member(&key, input).await?,
            }
            if !input.eat(b',').await? {
                input.want(b'}', "`,` or `}`").await?;
                break;
            }
        }
        input.end().await
    }

    async fn key(&self, input: &mut Input<'_>, seen: &mut Texts<'_>) -> Result<String, Fault> {
        if input.peek().await? != Some(b'"') {
            return Err(input.expected("a key in quotes"));
        }
        let extent = input.value(LINE_BYTES).await?;
        let key: String = input.read(&extent)?;
        if !seen.insert(Cow::Owned(key.clone())) {
            let start = Input::start_of(&extent);
            return Err(input.fault(Code::JsonDuplicateKey, "the key stands twice in one object", start));
        }
        input.want(b':', "`:`").await?;
        Ok(key)
    }

    /// A member that is read as a whole.
    async fn member(&mut self, key: &str, input: &mut Input<'_>) -> Result<(), Fault> {
        let extent = input.value(RECORD_DOCUMENT_BYTES).await?;
        match key {
            "run" if self.run.is_none() => {
                let mut run: Run = input.read(&extent)?;
                self.name(&mut run).map_err(|text| input.fault(Code::RunIdInvalid, text, Input::start_of(&extent)))?;
                complete_run(&mut run, &self.request.defaults);
                self.run = Some(run);
            }
            "refs" => self.refs = input.read(&extent)?,
            "capture_mode" => self.capture_mode = Some(input.read(&extent)?),
            _ => input.check(&extent)?,
        }
        Ok(())
    }

    /// Gives the run its name and checks that it can name a file.
    fn name(&self, run: &mut Run) -> Result<(), String> {
        let given = self.request.run_id.trim();
        if !given.is_empty() {
            run.run_id = given.to_string();
        }
        if run.run_id.trim().is_empty() {
            return Err("the record names no run (`run.run_id`)".into());
        }
        let unsafe_in_names = |c: char| matches!(c, '/' | '\\') || c.is_control();
        if run.run_id.contains(unsafe_in_names) || run.run_id.contains("..") {
            return Err(format!("the run id `{}` cannot name a file", run.run_id.escape_debug()));
        }
        Ok(())
    }

    async fn intents(&mut self, input: &mut Input<'_>) -> Result<(), Fault> {
        let keep = self.run.is_some() && !self.written.intents;
        let mut list = List::begin(input).await?;
        while let Some(extent) = list.next(input).await? {
            if let Some(run) = self.run.as_ref().filter(|_| keep) {
                let mut intent: Intent = input.read(&extent)?;
                self.override_run_id(&mut intent.run_id);
                complete_intent(&mut intent, run);
                self.writer.intent(&intent).await?;
            }
        }
        self.written.intents |= keep;
        self.postponed.intents = !self.written.intents;
        Ok(())
    }

    async fn results(&mut self, input: &mut Input<'_>) -> Result<(), Fault> {
        let keep = self.run.is_some() && !self.written.results;
        let mut list = List::begin(input).await?;
        while let Some(extent) = list.next(input).await? {
            if let Some(run) = self.run.as_ref().filter(|_| keep) {
                let mut result: ResultRecord = input.read(&extent)?;
                self.override_run_id(&mut result.run_id);
                complete_result(&mut result, run);
                self.writer.result(&result).await?;
            }
        }
        self.written.results |= keep;
        self.postponed.results = !self.written.results;
        Ok(())
    }

    fn override_run_id(&self, run_id: &mut String) {
        if !self.request.run_id.trim().is_empty() {
            run_id.clear();
        }
    }

    async fn finish(mut self) -> Result<Recorded, Fault> {
        let Some(run) = self.run.take() else {
            return Err(
                Fault::new(Code::RunIdInvalid, "the record names no run (`run.run_id`)").at(self.request.input.clone())
            );
        };
        let asked = [Some(self.request.capture_mode.as_str()), self.capture_mode.as_deref()];
        let capture_mode =
            asked.into_iter().flatten().map(str::trim).find(|mode| !mode.is_empty()).unwrap_or("reference").to_string();
        if !matches!(capture_mode.as_str(), "reference" | "raw") {
            return Err(Fault::new(Code::InvalidInput, format!("unknown capture mode `{capture_mode}`"))
                .hint("capture modes are reference and raw"));
        }
        let mut refs = core::mem::take(&mut self.refs);
        self.override_run_id(&mut refs.run_id);
        complete_refs(&mut refs, &run);
        let written = self.writer.finish(&run, &refs, &capture_mode, Seal::New(self.request.signing)).await?;
        Ok(written.recorded())
    }
}

/// The elements of a list; `null` is a list without any.
struct List {
    first: bool,
    over: bool,
}

impl List {
    async fn begin(input: &mut Input<'_>) -> Result<Self, Fault> {
        if input.eat(b'[').await? {
            return Ok(Self { first: true, over: false });
        }
        let extent = input.value(RECORD_DOCUMENT_BYTES).await?;
        input.check(&extent)?;
        if input.text(&extent) != b"null" {
            return Err(input.fault(Code::JsonType, "a list is expected", Input::start_of(&extent)));
        }
        Ok(Self { first: true, over: true })
    }

    async fn next(&mut self, input: &mut Input<'_>) -> Result<Option<Extent>, Fault> {
        if self.over {
            return Ok(None);
        }
        if core::mem::take(&mut self.first) {
            self.over = input.eat(b']').await?;
        } else if !input.eat(b',').await? {
            input.want(b']', "`,` or `]`").await?;
            self.over = true;
        }
        if self.over {
            return Ok(None);
        }
        input.value(LINE_BYTES).await.map(Some)
    }
}
