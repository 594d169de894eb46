//! What a project's configuration needs before production (doctor contract, section 5).

use std::net::SocketAddr;
use std::path::Path;

use gait_contract::config::{ConfigReadRequest, McpServeDefaults, ProjectConfig};
use gait_contract::{Category, Fault, duration};

use super::{Check, Scope, quoted};
use crate::core::Core;
use crate::flows::project_config;
use crate::host::documents::Documents;
use crate::host::keys::Source;

/// A configuration that passes every check, once its keys and its policy are there.
pub const TEMPLATE: &str = "\
gate:
  policy: policy.yaml
  profile: oss-prod
  key_mode: prod
  private_key_env: GAIT_PRIVATE_KEY
  credential_broker: env
  rate_limit_state: ./gait-out/gate_rate_limits.json
mcp_serve:
  enabled: true
  listen: 127.0.0.1:8787
  auth_mode: token
  auth_token_env: GAIT_MCP_TOKEN
  max_request_bytes: 1048576
  http_verdict_status: strict
  allow_client_artifact_paths: false
retention:
  trace_ttl: 168h
  session_ttl: 336h
  export_ttl: 168h
";

/// Most bytes of a request that a service may take.
const REQUEST_BYTES: u64 = 4_194_304;
/// Where a service listens unless told otherwise.
const LISTEN: &str = "127.0.0.1:8787";
/// Name of the key pair that gait's examples publish, private half and all.
const DEMO_KEY: &str = "271e83b2d4a3f0f4e562cf2b0bb2c84382938b2d521e6c6af623178180fc6d6b";

pub(super) fn checks(work: &Path) -> Result<Vec<Check>, Fault> {
    let path = work.join(project_config::PATH).display().to_string();
    let (first, config) = read(&path)?;
    let mut checks = vec![first];
    if let Some(config) = config {
        let set = |key: &str| format!("edit {}: {key}", quoted(&path));
        checks.push(profile(&config, &set));
        checks.push(key_mode(&config, &set));
        checks.push(retention(&config, &set));
        checks.push(service_boundary(&config, &set));
        checks.push(context_strictness(&config, &set));
        checks.extend(demo_key(&config, work, &set));
    }
    Ok(checks.into_iter().map(|check| check.scope(Scope::ProductionReadiness)).collect())
}

fn read(path: &str) -> Result<(Check, Option<ProjectConfig>), Fault> {
    const NAME: &str = "production_readiness_config";
    if !Path::new(path).exists() {
        let folder = Path::new(path).parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        let command = format!("mkdir -p {} && gait doctor --production-template > {}", quoted(&folder), quoted(path));
        // A project without a configuration has nothing that could be ready.
        return Ok((Check::fail(NAME, format!("{path} is missing")).command(command), Some(ProjectConfig::default())));
    }
    match Core::load()?.call(&ConfigReadRequest { config: path.to_owned() }, &mut Documents::new()) {
        Ok(config) => Ok((Check::pass(NAME, format!("{path} can be read")), Some(config))),
        Err(fault) if fault.error_category == Category::InvalidInput => {
            let at = fault.at.as_deref().map(|at| format!(" ({at})")).unwrap_or_default();
            let check = Check::fail(NAME, format!("{}{at}", fault.error)).command(format!("edit {}", quoted(path)));
            Ok((check, None))
        }
        Err(fault) => Err(fault),
    }
}

type Set<'a> = &'a dyn Fn(&str) -> String;

fn profile(config: &ProjectConfig, set: Set<'_>) -> Check {
    const NAME: &str = "production_profile";
    match config.gate.profile.as_str() {
        "oss-prod" => Check::pass(NAME, "gate.profile is oss-prod"),
        other => Check::fail(NAME, format!("gate.profile is `{other}`")).command(set("gate.profile: oss-prod")),
    }
}

fn key_mode(config: &ProjectConfig, set: Set<'_>) -> Check {
    const NAME: &str = "production_key_mode";
    match config.gate.key_mode.as_str() {
        "prod" => Check::pass(NAME, "gate.key_mode is prod"),
        other => Check::fail(NAME, format!("gate.key_mode is `{other}`")).command(set("gate.key_mode: prod")),
    }
}

fn retention(config: &ProjectConfig, set: Set<'_>) -> Check {
    const NAME: &str = "production_retention";
    let kept = &config.retention;
    for (key, value, usual) in [
        ("trace_ttl", &kept.trace_ttl, "168h"),
        ("session_ttl", &kept.session_ttl, "336h"),
        ("export_ttl", &kept.export_ttl, "168h"),
    ] {
        if duration::lasting(value).is_none() {
            return Check::fail(NAME, format!("retention.{key} is `{value}`, which is no span of time"))
                .command(set(&format!("retention.{key}: {usual}")));
        }
    }
    Check::pass(NAME, "traces, sessions and exports are kept for a set time")
}

fn service_boundary(config: &ProjectConfig, set: Set<'_>) -> Check {
    const NAME: &str = "production_service_boundary";
    let Some(serve) = config.mcp_serve.as_ref().filter(|serve| serve.enabled != "false") else {
        return Check::pass(NAME, "no service is configured");
    };
    match boundary(serve) {
        Ok(listen) => Check::pass(NAME, format!("the service listens on {listen} and keeps its limits")),
        Err((what, key)) => Check::fail(NAME, what).command(set(&format!("mcp_serve.{key}"))),
    }
}

/// What is wrong with a service first, and what to set.
fn boundary(serve: &McpServeDefaults) -> Result<&str, (String, &'static str)> {
    let listen = if serve.listen.is_empty() { LISTEN } else { &serve.listen };
    let wrong = |what: &str, key| Err((format!("mcp_serve.{what}"), key));
    let Some(loopback) = is_loopback(listen) else {
        return wrong(&format!("listen is `{listen}`, which is no address with a port"), "listen: 127.0.0.1:8787");
    };
    let token = serve.auth_mode == "token";
    if !loopback && !token {
        return wrong(&format!("listen is {listen}, open to others, without a token"), "auth_mode: token");
    }
    if token && serve.auth_token_env.is_empty() {
        return wrong("auth_token_env is missing", "auth_token_env: GAIT_MCP_TOKEN");
    }
    if !matches!(serve.allow_client_artifact_paths.as_str(), "" | "false") {
        return wrong("allow_client_artifact_paths lets callers name files", "allow_client_artifact_paths: false");
    }
    let bytes = &serve.max_request_bytes;
    if !bytes.is_empty() && !bytes.parse::<u64>().is_ok_and(|bytes| (1..=REQUEST_BYTES).contains(&bytes)) {
        return wrong(
            &format!("max_request_bytes is `{bytes}`, not 1 to {REQUEST_BYTES}"),
            "max_request_bytes: 1048576",
        );
    }
    if serve.http_verdict_status != "strict" {
        return wrong("http_verdict_status is not strict", "http_verdict_status: strict");
    }
    Ok(listen)
}

/// Whether an address is this machine's own; `None` when it is none.
fn is_loopback(listen: &str) -> Option<bool> {
    if let Ok(address) = listen.parse::<SocketAddr>() {
        return Some(address.ip().is_loopback());
    }
    let (host, port) = listen.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    // A name may lead anywhere, and no name at all is every address of the machine.
    (!host.contains([':', '/', ' '])).then(|| host.eq_ignore_ascii_case("localhost"))
}

fn context_strictness(config: &ProjectConfig, set: Set<'_>) -> Check {
    const NAME: &str = "production_context_strictness";
    if config.gate.profile != "oss-prod" {
        return Check::fail(NAME, "without profile oss-prod, context is not demanded")
            .command(set("gate.profile: oss-prod"));
    }
    if config.gate.policy.is_empty() {
        return Check::fail(NAME, "gate.policy names no policy").command(set("gate.policy: policy.yaml"));
    }
    Check::pass(NAME, format!("calls are judged by {}, with their context", config.gate.policy))
}

/// A key whose private half everybody has proves nothing.
fn demo_key(config: &ProjectConfig, work: &Path, set: Set<'_>) -> Option<Check> {
    const NAME: &str = "production_demo_key";
    let gate = &config.gate;
    let file = Some(work.join(&gate.private_key).display().to_string()).filter(|_| !gate.private_key.is_empty());
    let variable = Some(gate.private_key_env.clone()).filter(|name| !name.is_empty());
    let key = Source::of(file, variable, "private-key").ok()??.private().ok()?;
    (key.public().key_id() == DEMO_KEY).then(|| {
        Check::warn(NAME, "gate signs with the key of gait's examples, whose private half is published")
            .command(set("gate.private_key_env: GAIT_PRIVATE_KEY"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve() -> McpServeDefaults {
        McpServeDefaults {
            max_request_bytes: "1048576".into(),
            http_verdict_status: "strict".into(),
            ..McpServeDefaults::default()
        }
    }

    #[test]
    fn the_first_open_boundary_is_named() {
        let wrong = |serve: &McpServeDefaults| boundary(serve).err().map(|(what, _)| what).unwrap_or_default();
        assert_eq!(boundary(&serve()), Ok(LISTEN));
        let open = |listen: &str| McpServeDefaults { listen: listen.into(), ..serve() };
        for listen in ["localhost:1", "[::1]:80", "127.9.9.9:80"] {
            assert_eq!(boundary(&open(listen)), Ok(listen));
        }
        for listen in ["0.0.0.0:80", ":80", "[::]:80", "gait.example:80"] {
            assert!(wrong(&open(listen)).contains("without a token"), "{listen}");
            let token = McpServeDefaults { auth_mode: "token".into(), ..open(listen) };
            assert!(wrong(&token).contains("auth_token_env"), "{listen}");
            assert_eq!(boundary(&McpServeDefaults { auth_token_env: "T".into(), ..token }), Ok(listen));
        }
        for listen in ["127.0.0.1", "80", "::1:80", "a b:80", "localhost:65536", "http://localhost:80"] {
            assert!(wrong(&open(listen)).contains("no address"), "{listen}");
        }
        let paths = McpServeDefaults { allow_client_artifact_paths: "true".into(), ..serve() };
        assert!(wrong(&paths).contains("name files"));
        for bytes in ["0", "4194305", "-1", "1.5"] {
            assert!(wrong(&McpServeDefaults { max_request_bytes: bytes.into(), ..serve() }).contains("max_request"));
        }
        assert!(wrong(&McpServeDefaults { http_verdict_status: "".into(), ..serve() }).contains("strict"));
    }
}
