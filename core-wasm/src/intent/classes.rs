//! What kind of access a target is, and whether it destroys something (gate contract, 2.3), inferred from the target's
//! kind, its operation and the tool's name.

/// The kinds of access.
pub(super) const ALL: [&str; 10] = [
    "fs.read",
    "fs.write",
    "fs.delete",
    "proc.exec",
    "net.http",
    "net.dns",
    "ui.click",
    "ui.type",
    "ui.navigate",
    "other",
];

/// The kind of access. All three are in normal form.
pub(super) fn class(kind: &str, operation: &str, tool_name: &str) -> &'static str {
    let hint = |words: &[&str]| {
        let name = tool_name.trim_end_matches('/');
        let last = name.rsplit('/').next().unwrap_or_default();
        words.iter().any(|word| last.contains(word))
    };
    match kind {
        "path" => match operation {
            "read" | "get" | "list" | "open" | "cat" | "head" | "download" | "stat" => "fs.read",
            "write" | "append" | "put" | "create" | "update" | "save" | "copy" | "move" | "rename" => "fs.write",
            "delete" | "remove" | "rm" | "unlink" | "rmdir" | "drop" | "truncate" => "fs.delete",
            _ if hint(&["read", "list", "fetch", "search"]) => "fs.read",
            _ if hint(&["write", "update", "save", "create"]) => "fs.write",
            _ if hint(&["delete", "remove", "rm", "drop"]) => "fs.delete",
            _ => "other",
        },
        "host" | "url" => match operation {
            "dns" | "resolve" | "lookup" => "net.dns",
            _ => "net.http",
        },
        "other" => match operation {
            "exec" | "spawn" | "run" | "shell" | "command" => "proc.exec",
            _ if hint(&["exec", "shell", "command", "spawn", "run"]) => "proc.exec",
            _ => "other",
        },
        _ => "other",
    }
}

/// What is done to a path, or to something that is no place at all, by a tool of this name, as far as the name tells;
/// [`class`] comes to the same with it and without it.
pub(crate) fn operation(kind: &str, tool_name: &str) -> &'static str {
    match (kind, class(kind, "", tool_name)) {
        ("path", "fs.read") => "read",
        ("path", "fs.write") => "write",
        ("path", "fs.delete") => "delete",
        ("other", "proc.exec") => "exec",
        _ => "",
    }
}

/// Whether an access of this class, by this operation, destroys something.
pub(super) fn is_destructive(class: &str, operation: &str) -> bool {
    matches!(class, "fs.delete" | "proc.exec")
        || matches!(operation, "delete" | "remove" | "rm" | "unlink" | "rmdir" | "drop" | "truncate" | "exec" | "spawn")
}

#[cfg(test)]
mod tests {
    use super::{class, is_destructive};

    #[track_caller]
    fn all(kind: &str, operations: &str, expected: &str) {
        for operation in operations.split(' ') {
            assert_eq!(class(kind, operation, "crane.move"), expected, "{kind} {operation}");
        }
    }

    #[test]
    fn an_operation_tells_the_class() {
        all("path", "read get list open cat head download stat", "fs.read");
        all("path", "write append put create update save copy move rename", "fs.write");
        all("path", "delete remove rm unlink rmdir drop truncate", "fs.delete");
        all("path", "exec dns sync reads", "other");
        all("host", "dns resolve lookup", "net.dns");
        all("url", "dns resolve lookup", "net.dns");
        all("host", "get delete exec sync", "net.http");
        all("url", "get delete exec sync", "net.http");
        all("other", "exec spawn run shell command", "proc.exec");
        all("other", "read delete sync", "other");
        for kind in ["repo", "bucket", "table", "queue", "topic"] {
            all(kind, "read write delete exec dns sync", "other");
        }
    }

    #[test]
    fn the_last_segment_of_the_tools_name_is_a_hint() {
        let path = |tool: &str| class("path", "", tool);
        for (tool, expected) in [
            ("fs.read", "fs.read"),
            ("mylist", "fs.read"),
            ("prefetch", "fs.read"),
            ("research", "fs.read"),
            ("fs.write", "fs.write"),
            ("updater", "fs.write"),
            ("autosave", "fs.write"),
            ("recreate", "fs.write"),
            ("fs.delete", "fs.delete"),
            ("removal", "other"),
            ("remover", "fs.delete"),
            ("form", "fs.delete"),
            ("raindrop", "fs.delete"),
            // Reading comes before writing, and writing before deleting.
            ("readwrite", "fs.read"),
            ("save_or_delete", "fs.write"),
            ("read/tool", "other"),
            ("tool/read", "fs.read"),
            ("tool/read///", "fs.read"),
            ("read/", "fs.read"),
            ("///", "other"),
            ("exec", "other"),
        ] {
            assert_eq!(path(tool), expected, "{tool}");
        }
        let other = |tool: &str| class("other", "sync", tool);
        for tool in ["exec", "myshell", "command.com", "respawn", "prune", "a/runner"] {
            assert_eq!(other(tool), "proc.exec", "{tool}");
        }
        for tool in ["delete", "read", "run/tool"] {
            assert_eq!(other(tool), "other", "{tool}");
        }
        // An operation that is known comes before any hint.
        assert_eq!(class("path", "read", "fs.delete"), "fs.read");
        assert_eq!(class("host", "get", "exec"), "net.http");
        assert_eq!(class("table", "", "exec"), "other");
    }

    #[test]
    fn deleting_and_executing_destroy() {
        for class in super::ALL {
            let expected = matches!(class, "fs.delete" | "proc.exec");
            assert_eq!(is_destructive(class, ""), expected, "{class}");
            assert_eq!(is_destructive(class, "read"), expected, "{class}");
        }
        for operation in "delete remove rm unlink rmdir drop truncate exec spawn".split(' ') {
            assert!(is_destructive("net.http", operation), "{operation}");
        }
        for operation in "run shell command write move deletes".split(' ') {
            assert!(!is_destructive("other", operation), "{operation}");
        }
    }
}
