//! The floor plan, checked: who may import whom, where printing and `unsafe` may stand, how long files are, what the
//! module looks like from outside, and that no link in the docs is dead.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gait_contract::Code;
use gait_tests::links::dead_links;
use gait_tests::repository::{self, files, has_extension, root, text};
use gait_tests::wasm::Module;
use gait_tests::world::sha256;

/// Most lines of a file that people write.
const LINES: usize = 600;
/// Most bytes of the module.
const MODULE_BYTES: usize = 1_780_000;

/// Packages and everything they may depend on.
const PACKAGES: &[(&str, &[&str])] = &[
    ("core-wasm/contract", &["serde", "schemars"]),
    ("core-wasm", &["gait-contract", "serde", "ryu-js", "sha2", "ed25519-dalek", "zlib-rs", "memchr", "saphyr-parser"]),
    ("core-wasm/abi", &["gait-core", "wasm-bindgen"]),
];

/// Packages that may not depend on others.
const STRANGERS: &[(&str, &[&str])] = &[
    ("host-cli", &["gait-core", "gait-abi"]),
    ("host-cli/gen", &["gait-core", "gait-abi"]),
    ("core-wasm/recipe", &["gait-core", "gait-cli"]),
];

/// Modules and the modules of the same crate they may import: their own floor's faces, and floors below.
const FLOORS: &[(&str, &[&str])] = &[
    ("core-wasm/src/json", &["json", "order"]),
    ("core-wasm/src/zip", &["zip", "digest", "order", "task"]),
    ("core-wasm/src/yaml", &["yaml", "order"]),
    ("core-wasm/src/order.rs", &[]),
    ("core-wasm/src/digest.rs", &[]),
    ("core-wasm/src/sign.rs", &["digest"]),
    ("core-wasm/src/text.rs", &["json"]),
    ("core-wasm/src/document.rs", &["digest", "task"]),
    ("core-wasm/src/task.rs", &["json", "ops"]),
    ("core-wasm/src/runpack", &["runpack", "digest", "document", "json", "order", "sign", "task", "text", "zip"]),
    ("core-wasm/src/trace.rs", &["digest", "document", "json", "runpack", "sign", "task"]),
    (
        "core-wasm/src/guard",
        &[
            "guard", "digest", "document", "duration", "json", "order", "runpack", "sign", "task", "text", "trace",
            "zip",
        ],
    ),
    ("core-wasm/src/intent", &["intent", "digest", "document", "json", "order", "task", "text"]),
    (
        "core-wasm/src/approval",
        &["approval", "digest", "document", "duration", "json", "order", "sign", "task", "text"],
    ),
    ("core-wasm/src/calls", &["calls", "digest", "document", "intent", "json", "runpack", "task", "text"]),
    ("core-wasm/src/primitives.rs", &["digest", "document", "json", "sign", "task"]),
    ("core-wasm/src/glob.rs", &[]),
    ("core-wasm/src/config.rs", &["document", "task", "yaml"]),
    (
        "core-wasm/src/policy",
        &["policy", "digest", "document", "duration", "glob", "intent", "json", "order", "task", "text", "yaml"],
    ),
    (
        "core-wasm/src/gate",
        &[
            "gate", "approval", "calls", "digest", "document", "intent", "json", "order", "policy", "runpack", "sign",
            "task", "text", "trace", "trust",
        ],
    ),
    ("core-wasm/src/trust", &["trust", "document", "intent", "json", "order", "policy", "task", "text"]),
    ("core-wasm/src/adoption.rs", &["json", "task"]),
    ("core-wasm/src/registry.rs", &["digest", "document", "json", "sign", "task", "text"]),
    (
        "core-wasm/src/gateway",
        &[
            "gateway", "digest", "document", "intent", "json", "order", "policy", "runpack", "sign", "task", "text",
            "yaml",
        ],
    ),
    (
        "core-wasm/src/scout",
        &["scout", "digest", "document", "glob", "json", "order", "policy", "runpack", "task", "text", "yaml"],
    ),
    ("core-wasm/src/regress", &["regress", "digest", "document", "json", "order", "runpack", "task", "text"]),
    ("host-cli/src/core.rs", &["core"]),
    ("host-cli/src/core", &["core"]),
    ("host-cli/src/host", &["core", "host"]),
    ("host-cli/src/flows", &["core", "host", "flows"]),
    ("host-cli/src/render", &["render"]),
    ("host-cli/src/server", &["core", "host", "flows", "render", "server"]),
    ("host-cli/src/commands", &["core", "host", "flows", "render", "server", "args", "cli", "commands"]),
];

#[test]
fn packages_depend_on_what_the_plan_says() {
    let dependencies = |package: &str| -> BTreeSet<String> {
        let manifest = text(&root().join(package).join("Cargo.toml"));
        let mut inside = false;
        let mut names = BTreeSet::new();
        for line in manifest.lines() {
            if line.starts_with('[') {
                // What tests and build scripts use never reaches what is shipped.
                inside = line.ends_with("dependencies]") && !line.contains("dev-") && !line.contains("build-");
            } else if let Some(end) = line.find([' ', '.', '=']).filter(|_| inside) {
                names.insert(line[..end].to_owned());
            }
        }
        names
    };
    for (package, allowed) in PACKAGES {
        let found = dependencies(package);
        assert!(!found.is_empty(), "{package} has no dependencies; is its manifest read rightly?");
        let odd: Vec<_> = found.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(odd.is_empty(), "{package} depends on {odd:?}");
    }
    for (package, strangers) in STRANGERS {
        let found = dependencies(package);
        let odd: Vec<_> = found.iter().filter(|name| strangers.contains(&name.as_str())).collect();
        assert!(odd.is_empty(), "{package} depends on {odd:?}");
    }
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (place, allowed) in FLOORS {
        for path in rust_files(place) {
            for import in imports(&text(&path)) {
                let module = import.split("::").next().unwrap_or_default();
                // Items that stand in lib.rs itself are everybody's.
                if module.starts_with(|first: char| first.is_ascii_lowercase()) && !allowed.contains(&module) {
                    wrong.push(format!("{}: crate::{import}", shown(&path)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these point up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn neighbours_are_met_at_their_door() {
    let mut wrong = Vec::new();
    for krate in ["core-wasm/src", "host-cli/src"] {
        for path in rust_files(krate) {
            let inside = shown(&path);
            for import in imports(&text(&path)) {
                let mut parts = import.split("::");
                let (Some(module), Some(inner)) = (parts.next(), parts.next()) else { continue };
                let own = inside.starts_with(&format!("{krate}/{module}/")) || inside == format!("{krate}/{module}.rs");
                // The modules of a folder that is only a list (commands, flows, host) are doors themselves.
                let lists = ["commands", "flows", "host", "render", "server"];
                if !own
                    && !lists.contains(&module)
                    && root().join(krate).join(module).join(format!("{inner}.rs")).exists()
                {
                    wrong.push(format!("{inside}: crate::{import}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these reach into a neighbour's inside:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_floor() {
    let has_floor = |path: &PathBuf| FLOORS.iter().any(|(place, _)| path.starts_with(root().join(place)));
    let roofs = ["lib.rs", "main.rs", "ops.rs", "args.rs", "cli.rs"];
    let modules = ["core-wasm/src", "host-cli/src"].map(rust_files).concat();
    let homeless: Vec<String> = modules
        .iter()
        .filter(|path| !has_floor(path) && !roofs.iter().any(|roof| path.ends_with(roof)))
        .map(|path| shown(path))
        .collect();
    assert!(homeless.is_empty(), "add these to the floor plan: {homeless:?}");
}

#[test]
fn the_core_has_no_clock_no_chance_and_no_files() {
    for path in rust_files("core-wasm/src").into_iter().chain(rust_files("core-wasm/contract/src")) {
        let source = text(&path);
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        if path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for word in ["std::", "HashMap", "HashSet", "SystemTime", "Instant::", "getrandom", "unsafe {"] {
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.into_iter().any(|line| line.contains(word)), "{} mentions {word}", shown(&path));
        }
    }
    let lib = text(&root().join("core-wasm/src/lib.rs"));
    assert!(lib.contains("#![no_std]"));
    assert!(text(&root().join("core-wasm/contract/src/lib.rs")).contains("no_std"));
}

#[test]
fn printing_has_one_home() {
    let printing = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "io::stdout", "io::stderr"];
    for krate in ["core-wasm/src", "core-wasm/contract/src", "core-wasm/abi/src", "host-cli/src"] {
        for path in rust_files(krate) {
            let inside = shown(&path);
            let at_home = inside.starts_with("host-cli/src/render/");
            // Looking whether standard error is a terminal is no printing.
            let source = text(&path).replace("io::stderr().is_terminal()", "");
            let found = printing.iter().find(|word| source.contains(*word)).filter(|_| !at_home);
            assert!(found.is_none(), "{inside} prints with {found:?}");
        }
    }
}

#[test]
fn unsafe_code_has_two_homes() {
    let homes = ["core-wasm/abi/src/", "host-cli/src/core/embedded.rs"];
    for krate in ["core-wasm/src", "core-wasm/contract/src", "core-wasm/abi/src", "host-cli/src", "host-cli/gen/src"] {
        for path in rust_files(krate) {
            let inside = shown(&path);
            let at_home = homes.iter().any(|home| inside.starts_with(home));
            let block =
                |line: &str| line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("unsafe impl");
            assert!(at_home || !text(&path).lines().any(block), "{inside} is unsafe");
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let written = sources();
    assert!(written.len() > 100, "only {} source files were found", written.len());
    for path in written {
        let (name, source) = (shown(&path), text(&path));
        let lines = source.lines().count();
        assert!(lines <= LINES, "{name} has {lines} lines; look for the seam");
        let head = source.trim_start_matches("#!/usr/bin/env node\n");
        assert!(head.starts_with("//"), "{name} does not begin with what lives there");
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "common", "helpers", "manager", "misc"].contains(&stem.as_str()),
            "{name} has no name"
        );
        // Put together here, so that this file does not say it.
        for word in [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["X", "XX"].concat()] {
            let finds = |line: &str| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|found| found == word);
            assert!(!source.lines().any(finds), "{name} says {word}");
        }
    }
}

#[test]
fn the_module_stands_alone() {
    let path = root().join("core-wasm/dist/gait_core.wasm");
    let bytes = fs::read(&path).expect("`make core` writes the module");
    assert!(bytes.len() < MODULE_BYTES, "the module has {} bytes", bytes.len());
    let module = Module::read(&bytes).expect("the module is one");
    assert_eq!(module.imports, 0, "the module imports something");
    for name in ["memory", "gait_alloc", "gait_call", "call"] {
        assert!(module.exports.iter().any(|export| export == name), "the module does not export {name}");
    }
    assert!(module.memory_limited, "the module's memory has no maximum");
    let lock = text(&root().join("core-wasm/dist/core.lock"));
    assert!(lock.contains(&sha256(&bytes)), "core.lock names another module");
    assert_eq!(gait_cli::core::Core::digest(), sha256(&bytes), "the program carries another module");
}

#[test]
fn every_code_is_given_by_somebody() {
    let mut sources = String::new();
    for place in ["core-wasm/src", "host-cli/src"] {
        sources.extend(rust_files(place).iter().map(|path| text(path)));
    }
    let unused: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !sources.contains(&format!("Code::{code:?}")))
        .map(|code| code.token())
        .collect();
    assert!(unused.is_empty(), "nobody gives these codes: {unused:?}");
}

#[test]
fn no_link_in_the_docs_is_dead() {
    let mut pages = files(&root().join("docs"), has_extension("md"));
    pages.extend(files(&root().join("examples"), has_extension("md")));
    let at_the_top = |path: &Path| has_extension("md")(path) && path.parent() == Some(&root());
    pages.extend(files(&root(), at_the_top));
    pages.extend(files(&repository::folder("."), |path| path.ends_with("README.md")));
    let dead: Vec<String> = pages.iter().flat_map(|page| dead_links(page)).collect();
    assert!(pages.len() > 10, "only {} pages were found", pages.len());
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// Every source file that people write.
fn sources() -> Vec<PathBuf> {
    let generated = ["host-js/dist/", "host-js/src/contract.ts", "core-wasm/dist/"];
    let is_source = |path: &Path| {
        let of_kind = ["rs", "ts", "mjs"].iter().any(|extension| has_extension(extension)(path));
        of_kind && !generated.iter().any(|folder| path.starts_with(root().join(folder)))
    };
    files(&root(), is_source)
}

fn rust_files(place: &str) -> Vec<PathBuf> {
    let place = root().join(place);
    if place.is_file() { vec![place] } else { files(&place, has_extension("rs")) }
}

/// What a file imports from its own crate: `a::b` for `use crate::a::b` and for `use crate::{a::b, c}`.
fn imports(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        // `pub(crate)` has no `::`, and `$crate::` is a macro's.
        if before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | '$')) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(list.split('}').next().unwrap_or_default().split(',').map(path_of)),
            None => found.push(path_of(rest)),
        }
    }
    found.retain(|import| !import.is_empty());
    found
}

/// The path at the start of a text.
fn path_of(text: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    text.trim().chars().take_while(|c| is_path(*c)).collect::<String>().trim_end_matches(':').to_owned()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
