//! Signing keys, as they were named: each check looks at the same flags by itself, so one mistake may show twice.

use std::path::Path;

use gait_contract::Fault;

use super::fix::Fix;
use super::{Check, quoted};
use crate::host::keys::Source;

/// The flags.
#[derive(Default)]
pub struct Keys {
    /// `dev` or `prod`.
    pub mode: String,
    /// File of the private key.
    pub private_key: Option<String>,
    /// Variable of the private key.
    pub private_key_env: Option<String>,
    /// File of the public key.
    pub public_key: Option<String>,
    /// Variable of the public key.
    pub public_key_env: Option<String>,
}

impl Keys {
    /// The three checks. A key that was given in place of its place is a fault, for it must not be shown.
    pub(super) fn checks(&self) -> Result<[Check; 3], Fault> {
        for (place, flag) in [
            (&self.private_key, "private-key"),
            (&self.private_key_env, "private-key-env"),
            (&self.public_key, "public-key"),
            (&self.public_key_env, "public-key-env"),
        ] {
            Source::of(place.clone(), None, flag)?;
        }
        Ok([self.ambiguity(), self.permissions(), self.config()])
    }

    fn ambiguity(&self) -> Check {
        const NAME: &str = "key_source_ambiguity";
        for (kind, file, variable) in
            [("private", &self.private_key, &self.private_key_env), ("public", &self.public_key, &self.public_key_env)]
        {
            if file.is_some() && variable.is_some() {
                return Check::fail(NAME, format!("the {kind} key is named twice"))
                    .command(format!("set only one of --{kind}-key or --{kind}-key-env"));
            }
        }
        Check::pass(NAME, "each key has at most one source")
    }

    fn permissions(&self) -> Check {
        const NAME: &str = "key_permissions";
        let paths: Vec<&String> = self.private_key.iter().chain(&self.public_key).collect();
        for path in &paths {
            let Ok(found) = Path::new(path).metadata() else {
                return Check::warn(NAME, format!("{path} cannot be found")).command(format!("ls -l {}", quoted(path)));
            };
            if found.is_dir() {
                return Check::warn(NAME, format!("{path} is a folder"))
                    .command(format!("set key path to a file: {}", quoted(path)));
            }
            if is_writable_by_others(&found) {
                return Check::warn(NAME, format!("others can write {path}"))
                    .command(format!("chmod go-w {}", quoted(path)))
                    .safely(Fix::TakeWriting(path.into()));
            }
        }
        let open = self.private_key.as_ref().filter(|path| crate::host::keys::is_open_to_others(Path::new(path)));
        match (open, paths.is_empty()) {
            (Some(path), _) => Check::pass(NAME, format!("nobody else can write the keys, but others can read {path}")),
            (None, true) => Check::pass(NAME, "no key files were named"),
            (None, false) => Check::pass(NAME, "nobody else can write the keys"),
        }
    }

    fn config(&self) -> Check {
        const NAME: &str = "key_config";
        let any = [&self.private_key, &self.private_key_env, &self.public_key, &self.public_key_env]
            .iter()
            .any(|place| place.is_some());
        match self.mode.trim().to_lowercase().as_str() {
            "" | "dev" if any => Check::warn(NAME, "mode dev makes its own key, and others were named")
                .command("remove explicit key flags/env or use --key-mode prod"),
            "" | "dev" => Check::pass(NAME, "mode dev: a development key is made on first use"),
            "prod" => self.production(),
            other => Check::fail(NAME, format!("there is no key mode `{other}`"))
                .command("use --key-mode dev or --key-mode prod"),
        }
    }

    fn production(&self) -> Check {
        const NAME: &str = "key_config";
        let place = |file: &Option<String>, variable: &Option<String>, flag| {
            Source::of(file.clone(), variable.clone(), flag).map_err(|fault| fault.error.clone())
        };
        let private = place(&self.private_key, &self.private_key_env, "private-key")
            .and_then(|source| source.ok_or_else(|| "no private key was named".to_owned()))
            .and_then(|source| source.private().map_err(|fault| fault.error.clone()));
        let private = match private {
            Ok(private) => private,
            Err(why) => {
                return Check::fail(NAME, format!("mode prod has no usable key: {why}"))
                    .command("set --private-key <path> or --private-key-env <VAR> for prod mode");
            }
        };
        let public = place(&self.public_key, &self.public_key_env, "public-key")
            .and_then(|source| source.map(|source| source.public()).transpose().map_err(|fault| fault.error.clone()));
        let why = match public {
            Ok(None) => return Check::pass(NAME, format!("mode prod signs as {}", private.public().key_id())),
            Ok(Some(public)) if public == private.public() => {
                return Check::pass(NAME, format!("mode prod signs as {}, and both keys match", public.key_id()));
            }
            Ok(Some(_)) => "the public key is not the private one's".to_owned(),
            Err(why) => why,
        };
        Check::fail(NAME, why).command("set a valid --public-key/--public-key-env or matching private key source")
    }
}

fn is_writable_by_others(found: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        found.permissions().mode() & 0o022 != 0
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        false
    }
}
