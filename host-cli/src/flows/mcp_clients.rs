//! Clients of the Model Context Protocol: where each keeps the servers it starts.

use std::env;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A client whose configuration gait knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// Claude Desktop.
    ClaudeDesktop,
    /// Claude Code.
    ClaudeCode,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    #[serde(rename = "vscode")]
    VsCode,
}

/// A place where servers may stand: a file, and the names that lead to the object with the servers in it.
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The names, outermost first.
    pub section: Vec<String>,
}

/// What the places of a client depend on.
pub struct Surroundings {
    /// The working folder.
    pub folder: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// Where programs keep settings: `~/.config`, `~/Library/Application Support`, `%APPDATA%`.
    pub settings: Option<PathBuf>,
    /// Where Claude Code keeps its settings, if it was told.
    pub claude: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub fn here() -> Self {
        let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = folder("HOME").or_else(|| folder("USERPROFILE").filter(|_| cfg!(windows)));
        let below = |path: &str| home.as_ref().map(|home| home.join(path));
        let settings = if cfg!(windows) {
            folder("APPDATA").or_else(|| below("AppData/Roaming"))
        } else if cfg!(target_os = "macos") {
            below("Library/Application Support")
        } else {
            folder("XDG_CONFIG_HOME").or_else(|| below(".config"))
        };
        let claude = folder("CLAUDE_CONFIG_DIR");
        Self { folder: env::current_dir().unwrap_or_default(), home, settings, claude }
    }
}

impl Client {
    /// The value of `--client`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "claude-desktop" => Ok(Self::ClaudeDesktop),
            "claude-code" => Ok(Self::ClaudeCode),
            "cursor" => Ok(Self::Cursor),
            "vscode" => Ok(Self::VsCode),
            _ => Err("use claude-desktop, claude-code, cursor or vscode".into()),
        }
    }

    /// The client's name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
        }
    }

    /// Where a server may stand, what the client looks at first coming first. A file that was named is the only one.
    pub fn places(self, around: &Surroundings, named: Option<&Path>) -> Vec<Place> {
        let own = || vec![if self == Self::VsCode { "servers" } else { "mcpServers" }.to_owned()];
        let of_folder = || vec!["projects".into(), around.folder.display().to_string(), "mcpServers".into()];
        let place = |path: PathBuf, section| Place { path, section };
        if let Some(path) = named {
            let of_folder = (self == Self::ClaudeCode).then(|| place(path.into(), of_folder()));
            return of_folder.into_iter().chain([place(path.into(), own())]).collect();
        }
        // Near the working folder, then the user's.
        let near = |path: &str| Some(place(path.into(), own()));
        let below = |folder: &Option<PathBuf>, path: &str| folder.as_ref().map(|folder| folder.join(path));
        let user = |path: Option<PathBuf>| path.map(|path| place(path, own()));
        let places = match self {
            Self::ClaudeDesktop => vec![user(below(&around.settings, "Claude/claude_desktop_config.json"))],
            Self::ClaudeCode => {
                let file = below(&around.claude, ".claude.json").or_else(|| below(&around.home, ".claude.json"));
                vec![file.clone().map(|file| place(file, of_folder())), near(".mcp.json"), user(file)]
            }
            Self::Cursor => vec![near(".cursor/mcp.json"), user(below(&around.home, ".cursor/mcp.json"))],
            Self::VsCode => vec![near(".vscode/mcp.json"), user(below(&around.settings, "Code/User/mcp.json"))],
        };
        places.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(client: Client, named: Option<&str>) -> Vec<String> {
        let path = |path: &str| Some(PathBuf::from(path));
        let around = Surroundings { folder: "/w".into(), home: path("/h"), settings: path("/s"), claude: None };
        let shown = |place: Place| format!("{} {}", place.path.display(), place.section.join(" "));
        client.places(&around, named.map(Path::new)).into_iter().map(shown).collect()
    }

    #[test]
    fn every_client_has_its_places() {
        assert_eq!(places(Client::ClaudeDesktop, None), ["/s/Claude/claude_desktop_config.json mcpServers"]);
        assert_eq!(
            places(Client::ClaudeCode, None),
            ["/h/.claude.json projects /w mcpServers", ".mcp.json mcpServers", "/h/.claude.json mcpServers"]
        );
        assert_eq!(places(Client::Cursor, None), [".cursor/mcp.json mcpServers", "/h/.cursor/mcp.json mcpServers"]);
        assert_eq!(places(Client::VsCode, None), [".vscode/mcp.json servers", "/s/Code/User/mcp.json servers"]);
        assert_eq!(places(Client::Cursor, Some("x.json")), ["x.json mcpServers"]);
        assert_eq!(places(Client::ClaudeCode, Some("x.json")), ["x.json projects /w mcpServers", "x.json mcpServers"]);
    }

    #[test]
    fn without_a_home_there_are_fewer() {
        let around = Surroundings { folder: "/w".into(), home: None, settings: None, claude: Some("/c".into()) };
        assert!(Client::ClaudeDesktop.places(&around, None).is_empty());
        assert_eq!(Client::VsCode.places(&around, None).len(), 1);
        assert_eq!(Client::ClaudeCode.places(&around, None)[2].path, Path::new("/c/.claude.json"));
    }
}
