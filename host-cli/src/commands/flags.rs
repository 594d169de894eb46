//! Flags that several commands share.

use clap::{Args, ValueHint};
use gait_contract::Fault;

use crate::args::usage_fault;
use crate::flows::signing::{Mode, Wish};
use crate::flows::verify::Demand;
use crate::host::keys::Source;

/// Who signs a new runpack.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
pub struct Signing {
    /// Whose key signs: `dev` is your development key (made on first use), `prod` the one you name
    #[arg(long, value_name = "dev|prod", default_value = "dev", value_parser = Mode::parse)]
    key_mode: Mode,
    /// File of the private key, with `--key-mode prod`
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    private_key: Option<String>,
    /// Environment variable that holds the private key, with `--key-mode prod`
    #[arg(long, value_name = "name")]
    private_key_env: Option<String>,
    /// Do not sign
    #[arg(long)]
    no_sign: bool,
}

impl Signing {
    /// What is wished for.
    pub fn wish(self) -> Result<Wish, Fault> {
        let private_key = Source::of(self.private_key, self.private_key_env, "private-key")?;
        Ok(Wish { mode: self.key_mode, private_key, no_sign: self.no_sign })
    }
}

/// Where keys come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub struct Keys {
    /// File of the public key
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    public_key: Option<String>,
    /// Environment variable that holds the public key
    #[arg(long, value_name = "name")]
    public_key_env: Option<String>,
    /// File of the private key; only its public half is used
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    private_key: Option<String>,
    /// Environment variable that holds the private key
    #[arg(long, value_name = "name")]
    private_key_env: Option<String>,
}

impl Keys {
    /// The public and the private source.
    pub fn sources(self) -> Result<(Option<Source>, Option<Source>), Fault> {
        let public = Source::of(self.public_key, self.public_key_env, "public-key")?;
        Ok((public, Source::of(self.private_key, self.private_key_env, "private-key")?))
    }
}

/// How much is demanded of signatures.
#[derive(Debug, Args)]
pub struct Trust {
    /// `strict` demands a signature that verifies, and a key to hold it against
    #[arg(long, value_name = "standard|strict", default_value = "standard", value_parser = Profile::parse)]
    profile: Profile,
    /// Demand a signature that verifies
    #[arg(long)]
    require_signature: bool,
    #[command(flatten)]
    keys: Keys,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    Standard,
    Strict,
}

impl Profile {
    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "standard" | "" => Ok(Self::Standard),
            "strict" => Ok(Self::Strict),
            _ => Err("use standard or strict".into()),
        }
    }
}

impl Trust {
    /// What is demanded.
    pub fn demand(self) -> Result<Demand, Fault> {
        let (public_key, private_key) = self.keys.sources()?;
        Ok(Demand {
            strict: self.profile == Profile::Strict,
            require_signature: self.require_signature,
            public_key,
            private_key,
        })
    }
}

/// What a flag or an argument names, but not both.
pub fn named(what: &str, flag: Option<String>, argument: Option<String>, usage: &str) -> Result<String, Fault> {
    match (flag, argument) {
        (Some(_), Some(argument)) => Err(usage_fault(format!("unexpected argument `{argument}` beside the flag"))),
        (Some(named), None) | (None, Some(named)) => Ok(named),
        (None, None) => Err(usage_fault(format!("`<{what}>` is missing")).hint(format!("usage: {usage}"))),
    }
}

/// Whose key signs what the gate and the guard make.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
pub struct Signer {
    /// Whose key signs: `dev` is your development key, `prod` the one you name
    #[arg(long, value_name = "dev|prod", default_value = "dev")]
    pub key_mode: String,
    /// File of the private key, with `--key-mode prod`
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    pub private_key: String,
    /// Environment variable that holds the private key, with `--key-mode prod`
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    pub private_key_env: String,
}

/// The values of a list: split at commas, trimmed, blanks dropped.
pub fn list(text: Option<&str>) -> Vec<String> {
    let values = text.unwrap_or_default().split(',').map(str::trim);
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// A value that counts as absent when it is blank.
pub fn unless_blank(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
