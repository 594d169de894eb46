//! Counting an adoption log (doctor contract, section 6). A log may be of any length; one line is kept at a time.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::events::{
    ADOPTION_REPORT_SCHEMA, ADOPTION_SCHEMA, AdoptionEvent, AdoptionReport, AdoptionRequest, CommandCount, MILESTONES,
    Milestone,
};
use gait_contract::limits::{CHUNK_BYTES, EVENT_BYTES};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault, Timestamp};

use crate::json;
use crate::task::{Host, source_fault};

/// `created_at` of a report about nothing.
const NO_TIME: &str = "1980-01-01T00:00:00Z";
/// The milestones that belong to getting started.
const ACTIVATION: usize = 4;

/// Answers op `adoption.report`.
pub(crate) async fn report(host: &Host, request: AdoptionRequest) -> Result<AdoptionReport, Fault> {
    let source = &request.log;
    let size = host.open(source).await.map_err(|error| source_fault(source, &error))?;
    let mut tally = Tally::default();
    let mut line: Vec<u8> = Vec::new();
    let mut offset = 0;
    while offset < size {
        let length = usize::try_from(size - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let piece = host.read(source, offset, length).await?;
        offset += length as u64;
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            line.extend_from_slice(part);
            if line.len() > EVENT_BYTES {
                return Err(tally.refused(source, format!("the line has more than {EVENT_BYTES} bytes")));
            }
            if parts.peek().is_some() {
                tally.line(source, &line)?;
                line.clear();
            }
        }
    }
    tally.line(source, &line)?;
    Ok(tally.report(request))
}

#[derive(Default)]
struct Tally {
    /// Lines that were read.
    lines: u64,
    report: AdoptionReport,
    reached: [bool; MILESTONES.len()],
}

impl Tally {
    fn refused(&self, source: &str, what: String) -> Fault {
        Fault::new(Code::AdoptionLogInvalid, what).at(self.place(source))
    }

    fn place(&self, source: &str) -> String {
        format!("{source}:{}", self.lines + 1)
    }

    fn line(&mut self, source: &str, line: &[u8]) -> Result<(), Fault> {
        if !line.iter().all(u8::is_ascii_whitespace) {
            let event: AdoptionEvent = json::read(line).map_err(|fault| fault.at(self.place(source)))?;
            self.event(event).map_err(|what| self.refused(source, what))?;
        }
        self.lines += 1;
        Ok(())
    }

    fn event(&mut self, event: AdoptionEvent) -> Result<(), String> {
        let named = |value: &str, name: &str| value.trim().is_empty() || value == name;
        if !named(&event.schema_id, ADOPTION_SCHEMA) || !named(&event.schema_version, SCHEMA_VERSION) {
            return Err(format!("the event is `{}` `{}`", event.schema_id, event.schema_version));
        }
        if event.created_at.is_zero() {
            return Err("`created_at` is missing".into());
        }
        if !(0..=255).contains(&event.exit_code) {
            return Err(format!("`exit_code` is {}", event.exit_code));
        }
        let command = event.command.trim();
        let environment = &event.environment;
        for (name, value) in
            [("command", command), ("environment.os", &environment.os), ("environment.arch", &environment.arch)]
        {
            if value.trim().is_empty() {
                return Err(format!("`{name}` is missing"));
            }
        }
        let time = event.created_at.in_utc().map_err(|_| "`created_at` is out of range".to_string())?;
        self.count(command, event.success);
        for (reached, (name, ..)) in self.reached.iter_mut().zip(MILESTONES) {
            *reached = *reached || event.milestones.iter().any(|milestone| milestone.trim() == name);
        }
        let report = &mut self.report;
        if report.first_event_at.as_ref().is_none_or(|first| time.instant() < first.instant()) {
            report.first_event_at = Some(time.clone());
        }
        if report.last_event_at.as_ref().is_none_or(|last| time.instant() > last.instant()) {
            report.last_event_at = Some(time);
        }
        Ok(())
    }

    fn count(&mut self, command: &str, success: bool) {
        let report = &mut self.report;
        report.total_events += 1;
        let (good, bad) = (u64::from(success), u64::from(!success));
        report.success_events += good;
        report.failed_events += bad;
        let place = report.commands.partition_point(|one| one.command.as_str() < command);
        if report.commands.get(place).is_none_or(|one| one.command != command) {
            report.commands.insert(place, CommandCount { command: command.to_string(), ..CommandCount::default() });
        }
        if let Some(one) = report.commands.get_mut(place) {
            one.total += 1;
            one.success += good;
            one.failure += bad;
        }
    }

    fn report(self, request: AdoptionRequest) -> AdoptionReport {
        let mut report = self.report;
        report.schema_id = ADOPTION_REPORT_SCHEMA.into();
        report.schema_version = SCHEMA_VERSION.into();
        report.created_at = report.last_event_at.clone().or_else(|| Timestamp::parse(NO_TIME).ok()).unwrap_or_default();
        report.producer_version = request.producer_version;
        report.source = request.log;
        for (number, (achieved, (name, _, call))) in self.reached.into_iter().zip(MILESTONES).enumerate() {
            if number < ACTIVATION && !achieved {
                report.blockers.push(format!("missing {name}: run `{call}`"));
            }
            report.milestones.push(Milestone { name: name.to_string(), achieved });
        }
        report.activation_complete = report.blockers.is_empty();
        report
    }
}
