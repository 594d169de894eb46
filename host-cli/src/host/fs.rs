//! Files: written atomically (schemas contract, C.7), with the modes that artifacts and keys have.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gait_contract::{Code, Fault};
use tempfile::NamedTempFile;

/// A file that is being written in the folder it will stand in. Unless it is put in place, nothing of it remains.
pub struct Draft {
    temp: NamedTempFile,
    // Dropped after the file, so that the folders are empty by then.
    made: Made,
}

impl Draft {
    /// Begins a file in a folder that exists; `name` only tells people what the temporary file is for.
    pub fn inside(folder: &Path, name: &str) -> Result<Self, Fault> {
        let temp = tempfile::Builder::new().prefix(&draft_prefix(name)).tempfile_in(folder);
        Ok(Self { temp: temp.map_err(|error| unwritable(folder, &error))?, made: Made::default() })
    }

    /// Begins a file in a folder, which is made if need be.
    pub fn inside_new(folder: &Path, name: &str) -> Result<Self, Fault> {
        let made = make_folder(folder, 0o750)?;
        Ok(Self { made, ..Self::inside(folder, name)? })
    }

    /// Begins a file with its content, beside where it will stand.
    pub fn holding(target: &Path, content: &[u8]) -> Result<Self, Fault> {
        if is_stream(target) {
            return Err(unwritable(target, &io::Error::other("it is a device or a pipe, not a file")));
        }
        if target.is_dir() {
            return Err(unwritable(target, &io::ErrorKind::IsADirectory.into()));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut draft = Self::inside(parent(target), &name)?;
        draft.file().write_all(content).map_err(|error| unwritable(target, &error))?;
        Ok(draft)
    }

    /// The open file.
    pub fn file(&mut self) -> &mut File {
        self.temp.as_file_mut()
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        self.temp.path()
    }

    /// Makes the content durable, then gives the file its name, replacing what had it.
    pub fn put(mut self, target: &Path) -> Result<(), Fault> {
        if is_stream(target) {
            return Err(unwritable(target, &io::Error::other("it is a device or a pipe, not a file")));
        }
        self.temp.as_file().sync_all().map_err(|error| unwritable(target, &error))?;
        self.temp.persist(target).map_err(|error| unwritable(target, &error.error))?;
        self.made.keep();
        sync_folder(parent(target));
        Ok(())
    }

    /// As `put`, but refuses to replace anything: `Ok(false)` when the name is taken.
    pub fn put_new(self, target: &Path) -> Result<bool, Fault> {
        self.temp.as_file().sync_all().map_err(|error| unwritable(target, &error))?;
        match self.temp.persist_noclobber(target) {
            Ok(_) => {
                sync_folder(parent(target));
                Ok(true)
            }
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(unwritable(target, &error.error)),
        }
    }

    /// Sets the permission bits.
    pub fn mode(&mut self, mode: u32) -> Result<(), Fault> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let set = self.temp.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
            set.map_err(|error| unwritable(self.temp.path(), &error))?;
        }
        #[cfg(not(unix))]
        let _ = mode;
        Ok(())
    }
}

/// What names of drafts begin with.
pub(super) fn draft_prefix(name: &str) -> String {
    let name = if name.len() < 200 { name } else { "gait" };
    format!(".{name}.tmp-")
}

/// Folders that were made, outermost first. Unless they are kept, they go away again, as far as they are empty.
#[derive(Default)]
pub struct Made(Vec<PathBuf>);

impl Made {
    /// They are wanted.
    pub fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Writes a file in one step: the old content or the new one, never a part.
pub fn write(target: &Path, content: &[u8]) -> Result<(), Fault> {
    if is_stream(target) {
        // Appending, because what `/dev/stdout` leads to may hold something already.
        let opened = File::options().append(true).open(target);
        return opened.and_then(|mut stream| stream.write_all(content)).map_err(|error| unwritable(target, &error));
    }
    Draft::holding(target, content)?.put(target)
}

/// As `write`, in a folder that is made if need be.
pub fn write_with_folders(target: &Path, content: &[u8]) -> Result<(), Fault> {
    let mut made = make_folder(parent(target), 0o750)?;
    write(target, content)?;
    made.keep();
    Ok(())
}

/// Finds out whether a file could be written, and leaves nothing behind.
pub fn try_writing(target: &Path) -> Result<(), Fault> {
    if is_stream(target) {
        return Ok(());
    }
    if target.is_dir() {
        return Err(unwritable(target, &io::ErrorKind::IsADirectory.into()));
    }
    let _made = make_folder(parent(target), 0o750)?;
    tempfile::tempfile_in(parent(target)).map(drop).map_err(|error| unwritable(target, &error))
}

/// True for devices and pipes: they have no place beside them, and are not to be replaced.
pub fn is_stream(path: &Path) -> bool {
    // `/dev/stdout` is a link that may lead to a plain file; replacing the link would break it for everybody.
    let system = |folder: PathBuf| folder == Path::new("/dev") || folder.starts_with("/proc");
    cfg!(unix) && path.exists() && parent(path).canonicalize().is_ok_and(system)
        || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Makes a folder and those above it, as far as they are missing.
pub fn make_folder(folder: &Path, mode: u32) -> Result<Made, Fault> {
    let missing: Vec<_> = folder
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.is_dir())
        .map(Path::to_path_buf)
        .collect();
    if missing.is_empty() {
        return Ok(Made::default());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
    #[cfg(not(unix))]
    let _ = mode;
    builder.create(folder).map_err(|error| unwritable(folder, &error))?;
    Ok(Made(missing.into_iter().rev().collect()))
}

/// Waits until no other gait changes the files of a folder; the turn ends when the result is dropped. Where folders
/// cannot be locked there is nothing to wait for.
pub fn wait_for_folder(folder: &Path) -> Option<File> {
    let held = File::open(folder).ok()?;
    held.lock().ok()?;
    Some(held)
}

/// The folder of a path; `.` for a bare name.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename durable, as far as the system lets us.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// The fault for a file that cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> Fault {
    let path = path.display().to_string();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Fault::new(Code::FileNotFound, format!("`{path}` cannot be found: {}", words(error))).at(path)
        }
        _ => Fault::new(Code::FileUnreadable, format!("`{path}` cannot be read: {}", words(error))).at(path),
    }
}

/// The fault for a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Fault {
    let path = path.display().to_string();
    Fault::new(Code::FileUnwritable, format!("`{path}` cannot be written: {}", words(error))).at(path)
}

/// The operating system's words, without its error number and the temporary name.
pub fn words(error: &io::Error) -> String {
    // tempfile wraps errors to name the temporary file, which helps nobody.
    let inner = error.get_ref().and_then(|inner| inner.source()).and_then(|source| source.downcast_ref::<io::Error>());
    let text = inner.unwrap_or(error).to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_is_not_put_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("a/b");
        let draft = Draft::inside_new(&folder, "x").expect("a draft");
        assert!(folder.is_dir());
        drop(draft);
        assert!(!root.path().join("a").exists());

        let draft = Draft::inside_new(&folder, "x").expect("a draft");
        draft.put(&folder.join("x")).expect("put");
        assert!(folder.join("x").is_file());
        assert_eq!(std::fs::read_dir(&folder).expect("list").count(), 1);
    }

    #[test]
    fn trying_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("a/b/x");
        try_writing(&path).expect("possible");
        assert!(!root.path().join("a").exists());
        write_with_folders(&path, b"x").expect("written");
        try_writing(&path).expect("possible");
        assert_eq!(std::fs::read(&path).expect("read"), b"x");
        for impossible in [root.path().to_path_buf(), path.join("y"), "/proc/nothing/x".into()] {
            let fault = try_writing(&impossible).expect_err("impossible");
            assert_eq!(fault.error_code, Code::FileUnwritable, "{}", impossible.display());
        }
    }

    #[test]
    fn writing_replaces_whole_files() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("x");
        write(&path, b"one").expect("written");
        write(&path, b"two").expect("written");
        assert_eq!(std::fs::read(&path).expect("read"), b"two");
        assert!(!Draft::holding(&path, b"3").expect("draft").put_new(&path).expect("tried"));
        assert_eq!(std::fs::read_dir(root.path()).expect("list").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        }
        assert!(!cfg!(unix) || is_stream(Path::new("/dev/null")) && is_stream(Path::new("/dev/stdout")));
        assert!(Draft::holding(&path, b"x").expect("draft").put(Path::new("/dev/null")).is_err());
        let fault = write(&root.path().join("no/such/x"), b"").expect_err("no folder");
        assert_eq!(fault.error_code, Code::FileUnwritable);
        assert!(fault.error.ends_with("no such file or directory"), "{}", fault.error);
    }
}
