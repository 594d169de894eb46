//! gait's own form of a tool call, adapter `mcp` (mcp contract, sections 2 and 8). It can say everything an intent can,
//! but for what gait finds out itself.

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Code;
use gait_contract::intent::{ArgProvenance, IntentContext, Target};

use super::{Said, lowered, target, trimmed};
use crate::intent;
use crate::json::{JsonError, Kind, Scanner};

/// Reads one call.
pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<Said, JsonError> {
    const FIELDS: [&str; 10] = [
        "name",
        "args",
        "arguments",
        "target",
        "targets",
        "arg_provenance",
        "context",
        "created_at",
        "server",
        "script",
    ];
    let mut said = Said::default();
    let mut only_target = String::new();
    let mut arguments_stand_at = None;
    scanner.of_kind(Kind::Object)?;
    scanner.members(&FIELDS, &mut |scanner, field| {
        let draft = &mut said.draft;
        match field {
            0 => draft.tool_name = lowered(scanner)?,
            1 | 2 => {
                let at = scanner.offset();
                if let Some(args) = scanner.trimmed_object()? {
                    // Whoever runs the call reads one of them, and nobody knows which.
                    if arguments_stand_at.replace(at).is_some() {
                        return Err(JsonError::at(Code::CallInvalid, "`args` and `arguments` stand side by side", at));
                    }
                    draft.args = Some(args);
                }
            }
            3 => only_target = trimmed(scanner)?,
            4 => scanner.elements(&mut |scanner| {
                draft.targets.push(one_target(scanner)?);
                Ok(())
            })?,
            5 => scanner.elements(&mut |scanner| {
                draft.arg_provenance.push(provenance(scanner)?);
                Ok(())
            })?,
            6 => said.run_id = context(scanner, &mut said.draft.context)?,
            7 => draft.created_at = scanner.time()?,
            8 => draft.server = intent::server(scanner)?,
            _ => {
                let at = scanner.offset();
                if !scanner.null()? {
                    return Err(JsonError::at(Code::CallInvalid, "scripts of several calls are not judged as one", at));
                }
            }
        }
        Ok(())
    })?;
    if said.draft.targets.is_empty() && !only_target.is_empty() {
        let kind = if only_target.contains("://") {
            "url"
        } else if only_target.contains('/') {
            "path"
        } else {
            "host"
        };
        said.draft.targets.push(target(kind, only_target, ""));
    }
    Ok(said)
}

/// A target. What gait infers, the sender cannot set; that something destroys, he may say.
fn one_target(scanner: &mut Scanner<'_>) -> Result<Target, JsonError> {
    const FIELDS: [&str; 7] =
        ["kind", "value", "operation", "sensitivity", "destructiveHint", "destructive_hint", "annotations"];
    let mut given = Target::default();
    scanner.of_kind(Kind::Object)?;
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => given.kind = lowered(scanner)?,
            1 => given.value = trimmed(scanner)?,
            2 => given.operation = lowered(scanner)?,
            3 => given.sensitivity = lowered(scanner)?,
            4 | 5 => given.destructive |= scanner.truth()?,
            _ => given.destructive |= destroys(scanner)?,
        }
        Ok(())
    })?;
    Ok(given)
}

/// Hints of a tool's author. Only the one that makes a verdict stricter is heard.
fn destroys(scanner: &mut Scanner<'_>) -> Result<bool, JsonError> {
    let mut destructive = false;
    scanner.members(&["destructiveHint", "destructive_hint"], &mut |scanner, _| {
        destructive |= scanner.truth()?;
        Ok(())
    })?;
    Ok(destructive)
}

fn provenance(scanner: &mut Scanner<'_>) -> Result<ArgProvenance, JsonError> {
    const FIELDS: [&str; 4] = ["arg_path", "source", "source_ref", "integrity_digest"];
    let mut entry = ArgProvenance::default();
    scanner.of_kind(Kind::Object)?;
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

/// The context; what it calls the run.
fn context(scanner: &mut Scanner<'_>, context: &mut IntentContext) -> Result<String, JsonError> {
    const FIELDS: [&str; 9] = [
        "identity",
        "workspace",
        "risk_class",
        "session_id",
        "request_id",
        "run_id",
        "auth_context",
        "credential_scopes",
        "environment_fingerprint",
    ];
    let mut run_id = String::new();
    scanner.members(&FIELDS, &mut |scanner, field| {
        match field {
            0 => context.identity = trimmed(scanner)?,
            1 => context.workspace = trimmed(scanner)?,
            2 => context.risk_class = lowered(scanner)?,
            3 => context.session_id = trimmed(scanner)?,
            4 => context.request_id = trimmed(scanner)?,
            5 => run_id = trimmed(scanner)?,
            6 => context.auth_context = scanner.trimmed_object()?,
            7 => {
                let mut scopes = Vec::new();
                scanner.elements(&mut |scanner| {
                    scopes.push(trimmed(scanner)?);
                    Ok(())
                })?;
                context.credential_scopes = scopes;
            }
            _ => context.environment_fingerprint = trimmed(scanner)?,
        }
        Ok(())
    })?;
    Ok(run_id)
}
