//! The project configuration `.gait/config.yaml`: values that stand in for flags that are not given
//! (gate contract, 4.6).

use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::op::call;

/// Reads a project configuration. Keys that gait does not know are left alone; text that is not YAML, and values
/// that are not text, are a fault `config_invalid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigReadRequest {
    /// Source of the configuration.
    pub config: String,
}

/// What a project sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProjectConfig {
    /// For `gait gate eval`.
    pub gate: GateDefaults,
    /// For `gait mcp serve`; absent when the project configures no service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_serve: Option<McpServeDefaults>,
    /// How long things are kept.
    #[serde(skip_serializing_if = "RetentionDefaults::is_empty")]
    pub retention: RetentionDefaults,
}
call!(ConfigReadRequest, "config.read", ProjectConfig);

macro_rules! defaults {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $key:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$doc])*
                #[serde(skip_serializing_if = "String::is_empty")]
                pub $key: String,
            )*
        }

        impl $name {
            /// The place of a key's value; `None` for a key that gait does not know.
            pub fn place(&mut self, key: &str) -> Option<&mut String> {
                match key {
                    $(stringify!($key) => Some(&mut self.$key),)*
                    _ => None,
                }
            }

            /// The same values, those that are blank taken from `defaults`.
            #[must_use]
            pub fn or(self, defaults: Self) -> Self {
                Self { $($key: if self.$key.trim().is_empty() { defaults.$key } else { self.$key },)* }
            }

            /// True when nothing is set.
            pub fn is_empty(&self) -> bool {
                true $(&& self.$key.is_empty())*
            }
        }
    };
}

defaults! {
/// What stands below `mcp_serve`: text as it is spelled, empty when it is not set.
McpServeDefaults {
    /// `false` for a service that is described and not run.
    enabled,
    /// Address and port.
    listen,
    /// `off` or `token`.
    auth_mode,
    /// Environment variable that holds the token.
    auth_token_env,
    /// Most bytes of a request.
    max_request_bytes,
    /// `strict` answers verdicts as HTTP statuses.
    http_verdict_status,
    /// Whether callers may name files that are written.
    allow_client_artifact_paths,
}
}

defaults! {
/// What stands below `retention`: spans of time as they are spelled, empty when they are not set.
RetentionDefaults {
    /// How long traces are kept.
    trace_ttl,
    /// How long sessions are kept.
    session_ttl,
    /// How long exports are kept.
    export_ttl,
}
}

defaults! {
/// What stands below `gate`: text without white space around it, empty when it is not set. Paths are relative
/// to the working folder.
GateDefaults {
    /// File of the policy.
    policy,
    /// `standard` or `oss-prod`.
    profile,
    /// `dev` or `prod`.
    key_mode,
    /// File of the key that signs traces.
    private_key,
    /// Environment variable with the key that signs traces.
    private_key_env,
    /// File of the approvers' public key.
    approval_public_key,
    /// Environment variable with the approvers' public key.
    approval_public_key_env,
    /// File of the approvers' private key, of which only the public half is used.
    approval_private_key,
    /// Environment variable with the approvers' private key, of which only the public half is used.
    approval_private_key_env,
    /// File of the rate-limit state.
    rate_limit_state,
    /// `off`, `stub`, `env` or `command`.
    credential_broker,
    /// What the names of the broker's environment variables begin with.
    credential_env_prefix,
    /// Reference to ask the broker for, instead of the rule's.
    credential_ref,
    /// Scopes to ask the broker for, besides the rule's; separated by commas.
    credential_scopes,
    /// Program of the broker.
    credential_command,
    /// Its arguments; separated by commas.
    credential_command_args,
    /// File of the credential evidence.
    credential_evidence_path,
    /// File of the trace.
    trace_path,
}
}

#[cfg(test)]
mod tests {
    use super::GateDefaults;

    #[test]
    fn what_is_blank_comes_from_the_defaults() {
        let mut flags = GateDefaults { policy: " ".into(), profile: "oss-prod".into(), ..GateDefaults::default() };
        let mut config = GateDefaults::default();
        for (key, value) in [("policy", "p.yaml"), ("profile", "standard"), ("trace_path", "t.json")] {
            *config.place(key).expect("a known key") = value.into();
        }
        assert!(flags.place("intent").is_none());
        let merged = flags.or(config);
        assert_eq!((&*merged.policy, &*merged.profile, &*merged.trace_path), ("p.yaml", "oss-prod", "t.json"));
        assert_eq!(merged.key_mode, "");
    }
}
