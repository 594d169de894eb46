//! Credential brokers (gate contract, 5.6): who is asked for a credential, and how. What an answer is worth, the core
//! says. Secrets stay in here: of a variable only its name and a part of its digest leave, of a command only what it
//! printed for the core to read.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::time::Duration;

use gait_contract::gate::{Credential, CredentialRequest};
use gait_contract::{Code, Fault};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::paths;
use super::program::{self, Limits};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a command may take and print.
const LIMITS: Limits = Limits { patience: PATIENCE, bytes: 16_384 };
/// Variable with the programs that may be asked.
const ALLOW_LIST: &str = "GAIT_CREDENTIAL_COMMAND_ALLOWLIST";

/// Who is asked.
#[derive(Debug)]
pub enum Broker {
    /// Nobody.
    Off,
    /// The core itself.
    Stub,
    /// An environment variable.
    Environment {
        /// What its name begins with.
        prefix: String,
    },
    /// A program.
    Command {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

impl Broker {
    /// The broker with a name. A program has to be named, and allowed, before anything is judged.
    pub fn choose(name: &str, prefix: &str, program: &str, arguments: Vec<String>) -> Result<Self, Fault> {
        match name.trim().to_lowercase().as_str() {
            "" | "off" | "none" => Ok(Self::Off),
            "stub" => Ok(Self::Stub),
            "env" => Ok(Self::Environment { prefix: prefix.trim().to_owned() }),
            "command" => {
                let program = program.trim().to_owned();
                if program.is_empty() {
                    let fault = Fault::new(Code::BrokerInvalid, "broker `command` needs a program");
                    return Err(fault.hint("name it with `--credential-command PROGRAM`"));
                }
                let allowed = std::env::var_os(ALLOW_LIST).unwrap_or_default();
                if !is_allowed(&program, &allowed) {
                    let text = format!("the program `{program}` is not among those that {ALLOW_LIST} names");
                    return Err(
                        Fault::new(Code::BrokerInvalid, text).hint(format!("add it to {ALLOW_LIST}, or unset that"))
                    );
                }
                Ok(Self::Command { program, arguments })
            }
            other => Err(Fault::new(Code::BrokerInvalid, format!("there is no credential broker `{other}`"))),
        }
    }

    /// What is known before anybody is asked.
    pub fn unasked(&self) -> Credential {
        match self {
            Self::Off => Credential::Off,
            Self::Stub | Self::Environment { .. } | Self::Command { .. } => Credential::Unasked,
        }
    }

    /// Asks.
    pub fn ask(&self, request: &CredentialRequest) -> Credential {
        match self {
            Self::Off => Credential::Off,
            Self::Stub => Credential::Stub,
            Self::Environment { prefix } => from_variable(format!("{prefix}{}", request.environment_key)),
            Self::Command { program, arguments } => {
                answer(program, arguments, &request.command_input).map_or(Credential::Failed, Credential::Answer)
            }
        }
    }
}

/// True when the list is blank, or names the program or its last part.
fn is_allowed(program: &str, list: &OsStr) -> bool {
    let list = list.to_string_lossy();
    let mut entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).peekable();
    let program = paths::clean(program);
    let last = program.rsplit('/').next().unwrap_or_default();
    entries.peek().is_none() || entries.map(paths::clean).any(|entry| entry == program || entry == last)
}

fn from_variable(variable: String) -> Credential {
    // A name with these is refused by the system with a panic.
    if variable.is_empty() || variable.contains(['=', '\0']) {
        return Credential::Failed;
    }
    let secret = Zeroizing::new(std::env::var(&variable).unwrap_or_default());
    let secret = secret.trim();
    if secret.is_empty() {
        return Credential::Failed;
    }
    let digest = Sha256::digest(secret).iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Credential::Environment { variable, digest }
}

/// What the program prints on standard output, if it ends well, in time, and says little enough.
fn answer(program: &str, arguments: &[String], input: &str) -> Option<String> {
    if program.contains(char::is_whitespace) {
        return None;
    }
    let printed = program::ask(program, arguments, input, LIMITS)?;
    String::from_utf8(printed.to_vec()).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str, input: &str) -> Option<String> {
        answer("sh", &["-c".into(), script.into()], input)
    }

    #[test]
    fn brokers_have_names() {
        let choose = |name, program| Broker::choose(name, " P_ ", program, Vec::new());
        for name in ["", " ", "off", " NONE "] {
            assert!(matches!(choose(name, ""), Ok(Broker::Off)), "{name}");
        }
        assert!(matches!(choose("Stub", ""), Ok(Broker::Stub)));
        assert!(matches!(choose("env", ""), Ok(Broker::Environment { prefix }) if prefix == "P_"));
        assert!(matches!(choose("command", " sh "), Ok(Broker::Command { program, .. }) if program == "sh"));
        for (name, program) in [("vault", ""), ("command", " ")] {
            assert_eq!(choose(name, program).map_err(|fault| fault.error_code).err(), Some(Code::BrokerInvalid));
        }
    }

    #[test]
    fn programs_have_to_be_on_the_list() {
        for (program, list, allowed) in [
            ("sh", "", true),
            ("sh", " , ", true),
            ("sh", " bash, sh ", true),
            ("/bin/../bin/sh", "/bin/sh", true),
            ("/bin/sh", "sh", true),
            ("sh", "/bin/sh", false),
            ("./sh", "./sh", true),
            ("sh", "bash,/usr/bin/vault", false),
        ] {
            assert_eq!(is_allowed(program, OsStr::new(list)), allowed, "{program} {list}");
        }
    }

    #[test]
    fn an_answer_is_what_a_program_prints() {
        assert_eq!(shell("cat", "{\"ToolName\":\"x\"}").as_deref(), Some("{\"ToolName\":\"x\"}"));
        assert_eq!(shell("echo aside >&2; printf ok", "").as_deref(), Some("ok"));
        assert_eq!(shell("printf ok", &"x".repeat(1 << 20)).as_deref(), Some("ok"), "it need not read");
        assert_eq!(shell("true", "").as_deref(), Some(""));
        let full = shell("printf '%16384s' x", "").map(|text| text.len());
        assert_eq!(full, Some(16_384));
    }

    #[test]
    fn whatever_is_odd_is_no_answer() {
        for script in [
            "exit 1",
            "printf ok; exit 3",
            "kill -9 $$",
            "printf '%16385s' x",
            "printf x; printf '%16384s' x >&2",
            "printf '\\377'",
        ] {
            assert_eq!(shell(script, ""), None, "{script}");
        }
        assert_eq!(answer("no-such-program", &[], ""), None);
        assert_eq!(answer("sh -c true", &[], ""), None);
    }

    #[test]
    fn nothing_outlives_its_time() {
        let root = tempfile::tempdir().expect("a folder");
        let mark = root.path().join("mark");
        let began = Instant::now();
        let script = format!("(sleep 6; touch {}) & sleep 60", mark.display());
        assert_eq!(shell(&script, ""), None);
        assert!(began.elapsed() < PATIENCE + Duration::from_secs(2));
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!mark.exists(), "what the program started was ended with it");
        // Nor does what a program leaves behind that keeps its streams.
        let script = format!("(sleep 6; touch {}) & printf ok", mark.display());
        assert_eq!(shell(&script, ""), None);
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!mark.exists(), "what the program left behind was ended");
        // A program that talks without end is not waited for.
        let began = Instant::now();
        assert_eq!(shell("yes", ""), None);
        assert!(began.elapsed() < Duration::from_secs(3));
    }

    #[test]
    fn of_a_variable_only_name_and_digest_are_told() {
        assert_eq!(from_variable("GAIT_TEST_VARIABLE_THAT_IS_UNSET".into()), Credential::Failed);
        assert_eq!(from_variable("a=b".into()), Credential::Failed);
        let Credential::Environment { variable, digest } = from_variable("PATH".into()) else { panic!("PATH is set") };
        assert_eq!((variable.as_str(), digest.len()), ("PATH", 16));
    }
}
