//! Put gait in front of a server that a client starts: find the server in the client's configuration, change how it is
//! started, and leave everything else as it is.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use gait_contract::{Code, Fault};
use serde::Serialize;
use serde_json::Value;

use super::mcp_clients::{Client, Place, Surroundings};
use super::policy;
use super::policy_init;
use crate::host::fs::{self, Draft};
use crate::host::interrupt;
use crate::host::jsonc::Settings;

/// Most bytes of a configuration; Claude Code's grows with its history.
const MOST_BYTES: usize = 64 << 20;
/// The words that make gait a gateway.
const GATEWAY: [&str; 2] = ["mcp", "gateway"];
/// What variables begin with that clients fill in, as in `${workspaceFolder}/gait.policy.yaml`.
const VARIABLE: &str = "${";
/// Where evidence goes unless told otherwise.
const OUT_DIR: &str = "gait-out/mcp-gateway";
/// What stands in answers in the place of a value that may be a secret.
const HIDDEN: &str = "(as it is)";

/// What is wanted.
pub struct Wish {
    /// The client.
    pub client: Client,
    /// Name of the server in the client's configuration.
    pub server: String,
    /// The policy that judges the server's calls.
    pub policy: Option<String>,
    /// The client's configuration, where it is not in one of the usual places.
    pub config: Option<String>,
    /// Folder for traces and runpacks.
    pub out_dir: Option<String>,
    /// How the client is to start gait, if not by its path.
    pub program: Option<String>,
    /// Change the file.
    pub write: bool,
    /// Take gait away again.
    pub undo: bool,
}

/// What became of the configuration, or would.
#[derive(Debug, Serialize)]
pub struct Wired {
    /// Always true.
    pub ok: bool,
    /// The client.
    pub client: Client,
    /// The server.
    pub server: String,
    /// The file.
    pub config_path: String,
    /// The names that lead to the server.
    pub section: Vec<String>,
    /// gait stands in front of the server afterwards.
    pub guarded: bool,
    /// The entry is, or would be, another one than before.
    pub changed: bool,
    /// The file was changed.
    pub written: bool,
    /// The file as it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_path: Option<String>,
    /// The policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_path: Option<String>,
    /// Digest of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_digest: Option<String>,
    /// Folder for traces and runpacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_dir: Option<String>,
    /// The server's entry. Values that may be secrets are not shown.
    pub entry: Value,
    /// What deserves a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Puts gait in front of a server, or takes it away.
pub fn init(wish: &Wish) -> Result<Wired, Fault> {
    let found = find(wish)?;
    let entry = found.entry()?;
    let mut wired = Wired {
        ok: true,
        client: wish.client,
        server: wish.server.clone(),
        config_path: found.path.display().to_string(),
        section: found.section.clone(),
        guarded: !wish.undo,
        changed: false,
        written: false,
        backup_path: None,
        policy_path: None,
        policy_digest: None,
        out_dir: None,
        entry: Value::Null,
        warnings: Vec::new(),
    };
    let changes = match (entry.guard(), wish.undo) {
        (Guard::Nested, _) => {
            return Err(found
                .refusal("starts gait through another program")
                .hint("gait cannot tell where its own part ends there; change the entry by hand"));
        }
        (Guard::None, true) => Vec::new(),
        (Guard::None, false) => {
            let policy = policy_of(wish, &mut wired)?;
            let out_dir = absolute(wish.out_dir.as_deref().unwrap_or(OUT_DIR))?;
            wired.out_dir = Some(out_dir.clone());
            entry.guarded(&program(wish), &flags(&policy, &out_dir), &mut wired.warnings)
        }
        (Guard::Front(own), true) => entry.unguarded(own),
        (Guard::Front(_), false) => {
            if wish.policy.is_some() {
                wired
                    .warnings
                    .push("gait was there already, with the policy shown; `--undo` first, to change it".into());
            }
            Vec::new()
        }
    };
    let text = found.settings.changed(&changes);
    wired.changed = !changes.is_empty();
    wired.entry = shown(found.again(text.clone())?.entry()?.value());
    if wish.write && wired.changed {
        wired.backup_path = Some(write(&found, &text)?.display().to_string());
        wired.written = true;
    }
    Ok(wired)
}

/// The absolute path of the policy, which has to be one.
fn policy_of(wish: &Wish, wired: &mut Wired) -> Result<String, Fault> {
    let given = wish.policy.as_deref().unwrap_or(policy_init::PATH);
    if given.starts_with(VARIABLE) {
        wired.warnings.push(format!("`{given}` is for {} to fill in, so the policy was not read", wish.client.title()));
        wired.policy_path = Some(given.to_owned());
        return Ok(given.to_owned());
    }
    let report = policy::validate(given).map_err(|fault| match fault.error_code {
        Code::FileNotFound => {
            fault.hint("`gait policy init medium` writes a policy to begin with; `--policy` names another")
        }
        _ => fault,
    })?;
    let path = absolute(given)?;
    wired.policy_digest = Some(report.policy_digest);
    wired.policy_path = Some(path.clone());
    Ok(path)
}

/// A path that does not depend on the working folder: clients start servers in whatever folder they like.
fn absolute(path: &str) -> Result<String, Fault> {
    if path.starts_with(VARIABLE) {
        return Ok(path.to_owned());
    }
    let absolute = std::path::absolute(path).map_err(|error| fs::unreadable(Path::new(path), &error))?;
    Ok(absolute.display().to_string())
}

/// What the gateway is told.
fn flags(policy: &str, out_dir: &str) -> Vec<String> {
    let below = |name: &str| format!("{}/{name}", out_dir.trim_end_matches('/'));
    let flags = [
        ("--policy", policy.to_owned()),
        ("--trace-dir", below("traces")),
        ("--runpack-dir", out_dir.to_owned()),
        ("--rate-limit-state", below("rate_limits.json")),
    ];
    flags.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect()
}

/// How a client starts this program.
fn program(wish: &Wish) -> String {
    if let Some(program) = &wish.program {
        return program.clone();
    }
    let own = env::current_exe().unwrap_or_else(|_| "gait".into());
    let file = own.file_name().unwrap_or(OsStr::new("gait"));
    // A link that package managers keep pointing at the newest version is better than the place of this one.
    let is_own = |path: &PathBuf| path.is_absolute() && path.canonicalize().ok() == own.canonicalize().ok();
    let on_path =
        env::var_os("PATH").and_then(|path| env::split_paths(&path).map(|folder| folder.join(file)).find(is_own));
    on_path.unwrap_or(own).display().to_string()
}

/// A client's configuration with the server in it.
struct Found {
    path: PathBuf,
    section: Vec<String>,
    server: String,
    settings: Settings,
}

fn find(wish: &Wish) -> Result<Found, Fault> {
    let places = wish.client.places(&Surroundings::here(), wish.config.as_deref().map(Path::new));
    let (mut looked, mut others) = (Vec::new(), Vec::new());
    for Place { path, section } in places {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let fault = fs::unreadable(&path, &error);
                if wish.config.is_some() || fault.error_code != Code::FileNotFound {
                    return Err(fault);
                }
                continue;
            }
        };
        let settings = read(bytes, &path)?;
        let found = Found { path, section, server: wish.server.clone(), settings };
        let servers = found.servers()?;
        if servers.contains(&wish.server) {
            return Ok(found);
        }
        let shown = format!("`{}`", found.path.display());
        if !looked.contains(&shown) {
            looked.push(shown);
        }
        others.extend(servers);
    }
    let title = wish.client.title();
    if looked.is_empty() {
        return Err(Fault::new(Code::FileNotFound, format!("{title} has no configuration with servers here"))
            .hint("run this in the folder of the project, or name the file with `--config`"));
    }
    let hint = match others.as_slice() {
        [] => format!("add the server to {title} first; gait goes in front of what is there"),
        names => format!("servers that are there: {}", names.join(", ")),
    };
    Err(Fault::new(Code::InvalidInput, format!("there is no server `{}` in {}", wish.server, looked.join(", ")))
        .hint(hint))
}

fn read(bytes: Vec<u8>, path: &Path) -> Result<Settings, Fault> {
    let read = if bytes.len() > MOST_BYTES {
        Err(format!("it has more than {MOST_BYTES} bytes"))
    } else {
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()).and_then(Settings::read)
    };
    read.map_err(|what| unusable(path, &format!("cannot be used: {what}")).hint("mend the file; nothing was changed"))
}

fn unusable(path: &Path, what: &str) -> Fault {
    let path = path.display().to_string();
    Fault::new(Code::ConfigInvalid, format!("`{path}` {what}")).at(path)
}

impl Found {
    /// The same with another text.
    fn again(&self, text: String) -> Result<Self, Fault> {
        let settings = read(text.into_bytes(), &self.path)?;
        Ok(Self { path: self.path.clone(), section: self.section.clone(), server: self.server.clone(), settings })
    }

    /// Names of the servers that stand there; none when there is no such section.
    fn servers(&self) -> Result<Vec<String>, Fault> {
        let place = self.section()?;
        let members = place.map(|place| self.settings.members(&place)).unwrap_or_default();
        Ok(members.into_iter().map(|member| member.name).collect())
    }

    fn section(&self) -> Result<Option<std::ops::Range<usize>>, Fault> {
        let mut place = self.settings.root();
        for name in &self.section {
            match self.member(&place, name)? {
                Some(inner) => place = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(place))
    }

    /// A member that stands once.
    fn member(&self, place: &std::ops::Range<usize>, name: &str) -> Result<Option<std::ops::Range<usize>>, Fault> {
        let mut members = self.settings.members(place).into_iter().filter(|member| member.name == name);
        let first = members.next();
        if members.next().is_some() {
            return Err(unusable(&self.path, &format!("says `{name}` twice"))
                .hint("readers disagree about which one counts; keep one"));
        }
        Ok(first.map(|member| member.value))
    }

    fn entry(&self) -> Result<Entry<'_>, Fault> {
        let missing = || self.refusal("is no object");
        let servers = self.section()?.ok_or_else(missing)?;
        let place = self.member(&servers, &self.server)?.ok_or_else(missing)?;
        let entry = Entry { settings: &self.settings, place: place.clone(), command: String::new(), args: Vec::new() };
        let value = entry.value();
        if !value.is_object() {
            return Err(missing());
        }
        let Some(command) = self.member(&place, "command")?.and(value["command"].as_str()) else {
            return Err(match value.get("url").or_else(|| value.get("serverUrl")) {
                Some(_) => self
                    .refusal("is reached by an address, not started by a command")
                    .hint("gait stands in front of servers that it starts; start one locally that reaches the address"),
                None => self.refusal("has no `command`"),
            });
        };
        let texts = |args: &Value| {
            args.as_array()?.iter().map(|arg| arg.as_str().map(String::from)).collect::<Option<Vec<_>>>()
        };
        let args = match self.member(&place, "args")? {
            Some(_) => texts(&value["args"]).ok_or_else(|| self.refusal("has `args` that are no list of texts"))?,
            None => Vec::new(),
        };
        Ok(Entry { command: command.to_owned(), args, ..entry })
    }

    fn refusal(&self, what: &str) -> Fault {
        unusable(&self.path, &format!("is not changed: server `{}` {what}", self.server))
    }
}

/// How a server is started.
struct Entry<'a> {
    settings: &'a Settings,
    place: std::ops::Range<usize>,
    command: String,
    args: Vec<String>,
}

/// Where gait stands in an entry.
enum Guard {
    /// Nowhere.
    None,
    /// In front. That many arguments are gait's own, the server's command included.
    Front(usize),
    /// Behind something else.
    Nested,
}

impl Entry<'_> {
    fn value(&self) -> Value {
        self.settings.value(&self.place)
    }

    fn guard(&self) -> Guard {
        let is_gait = |word: &str| {
            let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
            matches!(name, "gait" | "gait.exe")
        };
        let in_front = self.args.starts_with(&GATEWAY.map(String::from));
        if in_front && let Some(end) = self.args.iter().position(|arg| arg == "--") {
            // A client may start gait by another name, but nothing else begins in this way.
            return if end + 1 < self.args.len() { Guard::Front(end + 2) } else { Guard::Nested };
        }
        let words: Vec<&str> = std::iter::once(&self.command).chain(&self.args).map(String::as_str).collect();
        let behind = words.windows(3).any(|three| is_gait(three[0]) && three[1..] == GATEWAY);
        let inside = words.iter().any(|word| word.contains("gait mcp gateway"));
        if in_front || behind || inside { Guard::Nested } else { Guard::None }
    }

    /// What has to be changed so that gait starts the server.
    fn guarded(
        &self,
        program: &str,
        flags: &[String],
        warnings: &mut Vec<String>,
    ) -> Vec<(std::ops::Range<usize>, String)> {
        let value = self.value();
        let mut own: Vec<String> = GATEWAY.map(String::from).to_vec();
        own.extend_from_slice(flags);
        // Names only: arguments are seen by every process of the machine.
        for (name, _) in value["env"].as_object().into_iter().flatten() {
            own.extend(["--env".into(), name.clone()]);
        }
        if value.get("envFile").is_some() {
            warnings.push("variables of `envFile` reach the server only when `--env` names them".into());
        }
        if self.args.is_empty() && self.command.contains(' ') {
            warnings.push(format!("`{}` is started as one program, spaces included", self.command));
        }
        own.extend(["--".into(), self.command.clone()]);
        let words: Vec<String> = own.into_iter().map(|word| Value::String(word).to_string()).collect();
        let members = self.settings.members(&self.place);
        let place = |name: &str| members.iter().find(|member| member.name == name);
        let mut changes = Vec::new();
        if let Some(command) = place("command") {
            changes.push((command.value.clone(), Value::String(program.to_owned()).to_string()));
            match place("args") {
                Some(args) => changes.push(self.before_all(&args.value, &words)),
                None => {
                    let indentation = self.settings.indentation(command.key.start);
                    let gap = indentation.map_or_else(|| " ".to_owned(), |blanks| format!("\n{blanks}"));
                    let end = command.value.end;
                    changes.push((end..end, format!(",{gap}\"args\": [{}]", words.join(", "))));
                }
            }
        }
        changes.sort_by_key(|(place, _)| place.start);
        changes
    }

    /// Words in front of those that are in a list, laid out like those.
    fn before_all(&self, list: &std::ops::Range<usize>, words: &[String]) -> (std::ops::Range<usize>, String) {
        let Some(first) = self.settings.elements(list).first().map(|first| first.start) else {
            let inside = list.start + 1;
            return (inside..inside, words.join(", "));
        };
        let gap = self.settings.indentation(first).map_or_else(|| " ".to_owned(), |blanks| format!("\n{blanks}"));
        (first..first, words.iter().map(|word| format!("{word},{gap}")).collect())
    }

    /// What has to be changed so that the client starts the server itself; `own` arguments are gait's.
    fn unguarded(&self, own: usize) -> Vec<(std::ops::Range<usize>, String)> {
        let members = self.settings.members(&self.place);
        let place = |name: &str| members.iter().find(|member| member.name == name).map(|member| member.value.clone());
        let (Some(command), Some(args)) = (place("command"), place("args")) else { return Vec::new() };
        let elements = self.settings.elements(&args);
        let (Some(first), Some(last), Some(server)) = (elements.first(), elements.last(), self.args.get(own - 1))
        else {
            return Vec::new();
        };
        let end = elements.get(own).map_or(last.end, |rest| rest.start);
        let mut changes = vec![(command, Value::String(server.clone()).to_string()), (first.start..end, String::new())];
        changes.sort_by_key(|(place, _)| place.start);
        changes
    }
}

/// An entry without the values that may be secrets.
fn shown(mut entry: Value) -> Value {
    for name in ["env", "headers"] {
        let values = entry.get_mut(name).and_then(Value::as_object_mut);
        values.into_iter().flat_map(|values| values.values_mut()).for_each(|value| *value = HIDDEN.into());
    }
    entry
}

/// Writes the new text and, before that, a copy of the old one beside it.
fn write(found: &Found, text: &str) -> Result<PathBuf, Fault> {
    interrupt::hold();
    // Settings are often links into a folder under version control; the link is to stay.
    let target = found.path.canonicalize().map_err(|error| fs::unwritable(&found.path, &error))?;
    let mut draft = Draft::holding(&target, text.as_bytes())?;
    draft.mode(mode(&target))?;
    let backup = back_up(&target, found.settings.source())?;
    let unchanged = std::fs::read(&target).is_ok_and(|now| now == found.settings.source().as_bytes());
    if !unchanged {
        let _ = std::fs::remove_file(&backup);
        let path = found.path.display().to_string();
        return Err(Fault::new(Code::FileChanged, format!("`{path}` was changed by another program meanwhile"))
            .at(path)
            .hint("close the client, then run the command again"));
    }
    draft.put(&target)?;
    Ok(backup)
}

fn mode(path: &Path) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().map_or(0o600, |found| found.permissions().mode() & 0o777)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        0o600
    }
}

/// A copy with a name of its own; configurations hold secrets, so nobody else may read it.
fn back_up(target: &Path, text: &str) -> Result<PathBuf, Fault> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    for number in 1..1000 {
        let ending = if number == 1 { String::new() } else { format!(".{number}") };
        let backup = target.with_file_name(format!("{name}.before-gait{ending}"));
        if Draft::holding(&backup, text.as_bytes())?.put_new(&backup)? {
            return Ok(backup);
        }
    }
    Err(fs::unwritable(target, &std::io::Error::other("there are a thousand copies beside it already")))
}
