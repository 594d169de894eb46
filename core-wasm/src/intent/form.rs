//! What the intent digest is over (gate contract, 2.6), written by hand with the keys in order: this is half of every
//! decision, and a generic writer would only find out again what is known here.

use alloc::vec::Vec;

use gait_contract::intent::{ArgProvenance, CallServer, IntentContext, Target};
use gait_contract::trace::SkillProvenance;

use super::Intent;
use crate::json::Canonical;

/// The canonical bytes, for an intent whose text had about so many.
pub(super) fn of(intent: &Intent, about: usize) -> Vec<u8> {
    let mut form = Canonical::with_capacity(about);
    form.byte(b'{');
    if !intent.arg_provenance.is_empty() {
        form.raw(b"\"arg_provenance\":[");
        for (at, entry) in intent.arg_provenance.iter().enumerate() {
            comma(&mut form, at);
            provenance(&mut form, entry);
        }
        form.raw(b"],");
    }
    form.raw(b"\"args\":");
    form.raw(intent.args.as_str().as_bytes());
    form.raw(b",\"context\":");
    context(&mut form, &intent.context);
    if let Some(given) = &intent.server {
        form.raw(b",\"server\":");
        server(&mut form, given);
    }
    if let Some(given) = &intent.skill_provenance {
        form.raw(b",\"skill_provenance\":");
        skill(&mut form, given);
    }
    form.raw(b",\"targets\":[");
    for (at, normal) in intent.targets.iter().enumerate() {
        comma(&mut form, at);
        target(&mut form, &normal.target);
    }
    form.raw(b"],\"tool_name\":");
    form.string(&intent.tool_name);
    form.byte(b'}');
    form.into_bytes()
}

fn provenance(form: &mut Canonical, entry: &ArgProvenance) {
    form.raw(b"{\"arg_path\":");
    form.string(&entry.arg_path);
    unless_empty(form, b",\"integrity_digest\":", &entry.integrity_digest);
    form.raw(b",\"source\":");
    form.string(&entry.source);
    unless_empty(form, b",\"source_ref\":", &entry.source_ref);
    form.byte(b'}');
}

fn context(form: &mut Canonical, context: &IntentContext) {
    form.byte(b'{');
    if let Some(auth) = &context.auth_context {
        form.raw(b"\"auth_context\":");
        form.raw(auth.as_str().as_bytes());
        form.byte(b',');
    }
    if !context.credential_scopes.is_empty() {
        form.raw(b"\"credential_scopes\":[");
        for (at, scope) in context.credential_scopes.iter().enumerate() {
            comma(form, at);
            form.string(scope);
        }
        form.raw(b"],");
    }
    if !context.environment_fingerprint.is_empty() {
        form.raw(b"\"environment_fingerprint\":");
        form.string(&context.environment_fingerprint);
        form.byte(b',');
    }
    form.raw(b"\"identity\":");
    form.string(&context.identity);
    unless_empty(form, b",\"request_id\":", &context.request_id);
    form.raw(b",\"risk_class\":");
    form.string(&context.risk_class);
    unless_empty(form, b",\"session_id\":", &context.session_id);
    form.raw(b",\"workspace\":");
    form.string(&context.workspace);
    form.byte(b'}');
}

/// One of its two members is there, or there would be no server.
fn server(form: &mut Canonical, server: &CallServer) {
    form.byte(b'{');
    if !server.server_id.is_empty() {
        form.raw(b"\"server_id\":");
        form.string(&server.server_id);
    }
    if !server.server_name.is_empty() {
        if !server.server_id.is_empty() {
            form.byte(b',');
        }
        form.raw(b"\"server_name\":");
        form.string(&server.server_name);
    }
    form.byte(b'}');
}

fn skill(form: &mut Canonical, skill: &SkillProvenance) {
    form.byte(b'{');
    if !skill.digest.is_empty() {
        form.raw(b"\"digest\":");
        form.string(&skill.digest);
        form.byte(b',');
    }
    form.raw(b"\"publisher\":");
    form.string(&skill.publisher);
    unless_empty(form, b",\"signature_key_id\":", &skill.signature_key_id);
    form.raw(b",\"skill_name\":");
    form.string(&skill.skill_name);
    unless_empty(form, b",\"skill_version\":", &skill.skill_version);
    form.raw(b",\"source\":");
    form.string(&skill.source);
    form.byte(b'}');
}

fn target(form: &mut Canonical, target: &Target) {
    form.byte(b'{');
    if target.destructive {
        form.raw(b"\"destructive\":true,");
    }
    form.raw(b"\"endpoint_class\":");
    form.string(&target.endpoint_class);
    unless_empty(form, b",\"endpoint_domain\":", &target.endpoint_domain);
    form.raw(b",\"kind\":");
    form.string(&target.kind);
    unless_empty(form, b",\"operation\":", &target.operation);
    unless_empty(form, b",\"sensitivity\":", &target.sensitivity);
    form.raw(b",\"value\":");
    form.string(&target.value);
    form.byte(b'}');
}

fn unless_empty(form: &mut Canonical, key: &[u8], value: &str) {
    if !value.is_empty() {
        form.raw(key);
        form.string(value);
    }
}

fn comma(form: &mut Canonical, at: usize) {
    if at > 0 {
        form.byte(b',');
    }
}
