//! An intent's text, read field by field: strings already trimmed and lowered as their fields want it (gate contract,
//! 2.1 to 2.5), nothing checked yet but JSON and types.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::intent::{ArgProvenance, CallServer, IntentContext, Target};
use gait_contract::trace::SkillProvenance;
use gait_contract::{FreeObject, Timestamp};

use crate::json::{JsonError, Scanner};
use crate::text::lower;

/// What the text says.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) created_at: Timestamp,
    pub(crate) tool_name: String,
    pub(crate) args: Option<FreeObject>,
    pub(crate) targets: Vec<Target>,
    pub(crate) arg_provenance: Vec<ArgProvenance>,
    pub(crate) skill_provenance: Option<SkillProvenance>,
    pub(crate) context: IntentContext,
    pub(crate) server: Option<CallServer>,
}

/// Reads one document.
pub(super) fn read(text: &[u8]) -> Result<Draft, JsonError> {
    const FIELDS: [&str; 13] = [
        "created_at",
        "tool_name",
        "args",
        "targets",
        "arg_provenance",
        "skill_provenance",
        "context",
        "server",
        "schema_id",
        "schema_version",
        "producer_version",
        "args_digest",
        "intent_digest",
    ];
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    let mut draft = Draft::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => draft.created_at = scanner.time()?,
            1 => draft.tool_name = lowered(scanner)?,
            2 => draft.args = scanner.trimmed_object()?,
            3 => draft.targets = list(scanner, target)?,
            4 => draft.arg_provenance = list(scanner, provenance)?,
            5 => draft.skill_provenance = if scanner.null()? { None } else { Some(skill(scanner)?) },
            6 => draft.context = context(scanner)?,
            7 => draft.server = server(scanner)?,
            // Claims and names that nothing depends on, but texts all the same.
            _ => {
                scanner.text_or_null()?;
            }
        }
        Ok(())
    })?;
    scanner.end()?;
    Ok(draft)
}

fn target(scanner: &mut Scanner<'_>) -> Result<Target, JsonError> {
    const FIELDS: [&str; 7] =
        ["kind", "value", "operation", "sensitivity", "endpoint_class", "endpoint_domain", "destructive"];
    let mut target = Target::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => target.kind = lowered(scanner)?,
            1 => target.value = trimmed(scanner)?,
            2 => target.operation = lowered(scanner)?,
            3 => target.sensitivity = lowered(scanner)?,
            4 => target.endpoint_class = lowered(scanner)?,
            5 => target.endpoint_domain = lowered(scanner)?,
            _ => target.destructive = scanner.truth()?,
        }
        Ok(())
    })?;
    Ok(target)
}

fn provenance(scanner: &mut Scanner<'_>) -> Result<ArgProvenance, JsonError> {
    const FIELDS: [&str; 4] = ["arg_path", "source", "source_ref", "integrity_digest"];
    let mut entry = ArgProvenance::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => entry.arg_path = trimmed(scanner)?,
            1 => entry.source = lowered(scanner)?,
            2 => entry.source_ref = trimmed(scanner)?,
            _ => entry.integrity_digest = lowered(scanner)?,
        }
        Ok(())
    })?;
    Ok(entry)
}

fn skill(scanner: &mut Scanner<'_>) -> Result<SkillProvenance, JsonError> {
    const FIELDS: [&str; 6] = ["skill_name", "skill_version", "source", "publisher", "digest", "signature_key_id"];
    let mut skill = SkillProvenance::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => skill.skill_name = trimmed(scanner)?,
            1 => skill.skill_version = trimmed(scanner)?,
            2 => skill.source = lowered(scanner)?,
            3 => skill.publisher = trimmed(scanner)?,
            4 => skill.digest = lowered(scanner)?,
            _ => skill.signature_key_id = trimmed(scanner)?,
        }
        Ok(())
    })?;
    Ok(skill)
}

fn context(scanner: &mut Scanner<'_>) -> Result<IntentContext, JsonError> {
    const FIELDS: [&str; 8] = [
        "identity",
        "workspace",
        "risk_class",
        "session_id",
        "request_id",
        "auth_context",
        "credential_scopes",
        "environment_fingerprint",
    ];
    let mut context = IntentContext::default();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => context.identity = trimmed(scanner)?,
            1 => context.workspace = trimmed(scanner)?,
            2 => context.risk_class = lowered(scanner)?,
            3 => context.session_id = trimmed(scanner)?,
            4 => context.request_id = trimmed(scanner)?,
            5 => context.auth_context = scanner.trimmed_object()?,
            6 => context.credential_scopes = list(scanner, trimmed)?,
            _ => context.environment_fingerprint = trimmed(scanner)?,
        }
        Ok(())
    })?;
    Ok(context)
}

/// The server that would run the call; a nameless one is none. Letter case is no part of who it is, so one server has
/// one spelling in digests.
pub(crate) fn server(scanner: &mut Scanner<'_>) -> Result<Option<CallServer>, JsonError> {
    let mut server = CallServer::default();
    scanner.members(&["server_id", "server_name"], &mut |scanner, field| {
        match field {
            0 => server.server_id = lowered(scanner)?,
            _ => server.server_name = lowered(scanner)?,
        }
        Ok(())
    })?;
    Ok(Some(server).filter(|server| *server != CallServer::default()))
}

fn list<T>(scanner: &mut Scanner<'_>, read: fn(&mut Scanner<'_>) -> Result<T, JsonError>) -> Result<Vec<T>, JsonError> {
    let mut list = Vec::new();
    scanner.elements(&mut |scanner| {
        list.push(read(scanner)?);
        Ok(())
    })?;
    Ok(list)
}

/// Without the white space around it: exactly the characters that Unicode calls `White_Space`, as `str::trim` does it.
fn trimmed(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    Ok(scanner.text_or_null()?.trim().into())
}

fn lowered(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    Ok(lower(scanner.text_or_null()?.trim()))
}
