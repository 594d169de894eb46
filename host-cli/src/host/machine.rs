//! What kind of machine this is.

use gait_contract::runpack::Env;

/// Lets this process have as many files open as the system allows: each connection is one.
pub fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // It is a wish; connections beyond what there is wait at the door.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Operating system and architecture in the spelling that runpacks share, and gait as the runtime.
pub fn env() -> Env {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    Env { os: os.into(), arch: arch.into(), runtime: "gait".into() }
}
