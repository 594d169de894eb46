//! From what the user typed to the path of a runpack (runpack contract, section 10).

use std::path::{MAIN_SEPARATOR, Path};

use gait_contract::{Code, Fault};

use super::fs;

/// Where `demo` and `run record` put runpacks unless told otherwise.
pub const OUT_DIR: &str = "./gait-out";

/// The file name of a run's archive. The run id becomes part of it, so it must not lead anywhere else.
pub fn archive_name(run_id: &str) -> Result<String, Fault> {
    let escapes = run_id.contains(['/', '\\']) || run_id.contains("..") || run_id.chars().any(char::is_control);
    if escapes || run_id.is_empty() {
        return Err(Fault::new(Code::RunIdInvalid, format!("run id `{run_id}` cannot be part of a file name")));
    }
    // 255 bytes is what file systems allow; the ending and a temporary name need some of them.
    if run_id.len() > 200 {
        return Err(Fault::new(
            Code::RunIdInvalid,
            format!("run id of {} bytes is too long for a file name", run_id.len()),
        )
        .hint("use a run id of at most 200 bytes"));
    }
    Ok(format!("runpack_{run_id}.zip"))
}

/// The path of the runpack that an argument names: a path, or the id of a run in `./gait-out` or the home store.
pub fn resolve(argument: &str) -> Result<String, Fault> {
    if argument.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "the run id or path is empty")
            .hint("give a run id, or the path of a runpack"));
    }
    if argument.contains(['/', '\\']) || is_zip(argument) {
        let path = Path::new(argument);
        return match path.metadata() {
            Ok(found) if found.is_dir() => {
                Err(Fault::new(Code::FileUnreadable, format!("`{argument}` is a folder, not a runpack")))
            }
            Ok(_) => Ok(argument.to_owned()),
            Err(error) => Err(fs::unreadable(path, &error)),
        };
    }
    let near = format!("{OUT_DIR}/runpack_{argument}.zip");
    let home = home().map(|home| format!("{home}/.gait/runpacks/runpack_{argument}.zip"));
    let mut places = std::iter::once(near).chain(home);
    places.find(|place| Path::new(place).is_file()).ok_or_else(|| unknown_run(argument))
}

fn unknown_run(run_id: &str) -> Fault {
    let fault =
        Fault::new(Code::FileNotFound, format!("no runpack of run `{run_id}` in {OUT_DIR} or ~/.gait/runpacks"));
    if Path::new(run_id).is_file() {
        return fault.hint(format!("a name without a slash is a run id; `./{run_id}` is the file"));
    }
    fault.hint("check the run id, or give the path of the runpack; `gait demo` makes one to try")
}

/// The user's home folder: `$HOME`, and nothing when that is unset or empty.
pub fn home() -> Option<String> {
    std::env::var("HOME").ok().filter(|home| !home.is_empty())
}

/// True for names that end in `.zip`, in any case.
pub fn is_zip(name: &str) -> bool {
    name.len() >= 4 && name.is_char_boundary(name.len() - 4) && name[name.len() - 4..].eq_ignore_ascii_case(".zip")
}

/// The path without empty parts, `.` and what `..` takes back; never empty.
pub fn clean(path: &str) -> String {
    let separator = |c: char| c == '/' || c == MAIN_SEPARATOR;
    let rooted = path.starts_with(separator);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(separator) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let cleaned = parts.join("/");
    match (rooted, cleaned.is_empty()) {
        (true, _) => format!("/{cleaned}"),
        (false, true) => ".".into(),
        (false, false) => cleaned,
    }
}

/// A file in a folder, spelled the way answers spell it: cleaned, with `./` when relative.
pub fn shown(folder: &str, name: &str) -> String {
    let path = clean(&format!("{folder}/{name}"));
    if path.starts_with(['/', '.']) || Path::new(&path).is_absolute() { path } else { format!("./{path}") }
}

/// The folder a path is in, as it is spelled; `.` for a bare name.
pub fn folder_of(path: &str) -> &str {
    match path.rfind(['/', MAIN_SEPARATOR]) {
        Some(0) => "/",
        Some(end) => &path[..end],
        None => ".",
    }
}

/// A file beside another one.
pub fn beside(path: &str, name: &str) -> String {
    match path.rfind(['/', MAIN_SEPARATOR]) {
        Some(end) => format!("{}{name}", &path[..=end]),
        None => name.to_owned(),
    }
}

/// True when two paths name one place, whether or not something is there yet.
pub fn same_place(left: &str, right: &str) -> bool {
    if clean(left) == clean(right) {
        return true;
    }
    // Whatever their folders are, other names are other places; looking costs less than asking the system.
    if Path::new(left).file_name() != Path::new(right).file_name() {
        return false;
    }
    let real = |path: &str| {
        let path = Path::new(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    real(left).is_some_and(|left| Some(left) == real(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_keeps_the_place() {
        for (path, cleaned) in [
            ("./signed.zip", "signed.zip"),
            ("a//b/./c", "a/b/c"),
            ("a/../b", "b"),
            ("../x", "../x"),
            ("a/../../x", "../x"),
            ("/../x", "/x"),
            ("", "."),
            (".", "."),
            ("a/..", "."),
            ("/", "/"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(shown("./gait-out", "x.zip"), "./gait-out/x.zip");
        assert_eq!(shown("deep/er/", "x.zip"), "./deep/er/x.zip");
        assert_eq!(shown(".", "x.zip"), "./x.zip");
        assert_eq!(shown("..", "x.zip"), "../x.zip");
        assert_eq!(shown("/srv", "x.zip"), "/srv/x.zip");
        assert_eq!(beside("a.zip", "b"), "b");
        assert_eq!(beside("./d/a.zip", "b"), "./d/b");
        assert!(same_place("./signed.zip", "x/../signed.zip"));
        assert!(!same_place("a.zip", "b.zip"));
    }

    #[test]
    fn run_ids_stay_in_their_folder() {
        assert_eq!(archive_name("run_ñandú v1.2").as_deref(), Ok("runpack_run_ñandú v1.2.zip"));
        for run_id in ["", "a/b", "..", "../x", "a\\b", "a..b", "a\nb", "a\0b", &"x".repeat(300)] {
            assert_eq!(archive_name(run_id).map_err(|fault| fault.error_code), Err(Code::RunIdInvalid), "{run_id}");
        }
    }

    #[test]
    fn what_looks_like_a_path_is_one() {
        assert!(is_zip("COPY.ZIP") && is_zip(".zip") && !is_zip("zip") && !is_zip("é"));
        let code = |argument: &str| resolve(argument).map_err(|fault| fault.error_code);
        assert_eq!(code(""), Err(Code::InvalidInput));
        assert_eq!(code("./src"), Err(Code::FileUnreadable));
        assert_eq!(code("no/such.zip"), Err(Code::FileNotFound));
        assert_eq!(code("run_that_is_nowhere"), Err(Code::FileNotFound));
        assert_eq!(code("./Cargo.toml"), Ok("./Cargo.toml".into()));
    }
}
