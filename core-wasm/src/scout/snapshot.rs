//! An inventory: files are chosen, scanned, and what they speak of is merged, sorted and named (scout contract,
//! section 3). Finding the files is the host's work; which of them count is decided here.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use gait_contract::inventory::{
    InventoryItem, InventorySnapshot, SNAPSHOT_SCHEMA, SkippedFile, SnapshotReport, SnapshotRequest,
};
use gait_contract::limits::{DOCUMENT_BYTES, POLICY_BYTES};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::words::{identifier, risk, risk_rank};
use super::{python, servers};
use crate::digest::sha256_hex;
use crate::task::Host;
use crate::text::{compact, lower};
use crate::{document, glob, json, order};

/// Files whose omission is told one by one.
const TOLD: usize = 100;

/// Answers op `scout.snapshot`.
pub(crate) async fn snapshot(host: &Host, request: SnapshotRequest) -> Result<SnapshotReport, Fault> {
    let mut found = Found::default();
    let mut report = SnapshotReport::default();
    for path in &request.files {
        let Some(kind) = Kind::of(path) else { continue };
        let included = request.include.is_empty() || matches_any(path, &request.include);
        if !included || matches_any(path, &request.exclude) {
            continue;
        }
        report.scanned += 1;
        match scan(host, path, kind).await {
            Ok(items) => items.into_iter().for_each(|item| found.add(item)),
            // A file that calls itself an MCP configuration is not passed over in silence.
            Err(fault) if kind != Kind::Python && lower(name_of(path)).contains("mcp") || is_of_host(&fault) => {
                return Err(fault);
            }
            Err(fault) => {
                report.skipped_total += 1;
                if report.skipped.len() < TOLD {
                    report.skipped.push(SkippedFile { path: path.clone(), reason: fault.error.clone() });
                }
            }
        }
    }
    let items = found.sorted();
    let snapshot_id = id(&items, &request.workspace);
    report.snapshot_text = compact(&InventorySnapshot {
        schema_id: SNAPSHOT_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: request.created_at,
        producer_version: request.producer_version,
        snapshot_id: snapshot_id.clone(),
        workspace: request.workspace,
        items: items.clone(),
    });
    report.items = items;
    report.snapshot_id = snapshot_id;
    Ok(report)
}

/// What a file is scanned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Python,
    Json,
    Yaml,
}

impl Kind {
    fn of(path: &str) -> Option<Self> {
        let (_, extension) = name_of(path).rsplit_once('.')?;
        match lower(extension).as_str() {
            "py" => Some(Self::Python),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A pattern is a shell glob of the whole path, or a part of it.
fn matches_any(path: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| path.contains(pattern.as_str()) || glob::matches(pattern, path))
}

/// Trouble with the disk, which says nothing about what the file holds.
fn is_of_host(fault: &Fault) -> bool {
    use Code::{FileChanged, FileNotFound, FileUnreadable, FileUnwritable, SigningFailed};
    matches!(fault.error_code, FileChanged | FileNotFound | FileUnreadable | FileUnwritable | SigningFailed)
}

/// What one file speaks of.
async fn scan(host: &Host, path: &str, kind: Kind) -> Result<Vec<InventoryItem>, Fault> {
    let limit = if kind == Kind::Yaml { POLICY_BYTES } else { DOCUMENT_BYTES };
    let text = document::read_within(host, path, limit).await?;
    let at = |fault: Fault| fault.at(path);
    let servers = match kind {
        Kind::Python => {
            let name = name_of(path);
            let tools = python::tools(&text, name.rsplit_once('.').map_or(name, |(stem, _)| stem));
            let mut found = items(path, "tool", "framework:langchain", tools.langchain);
            found.extend(items(path, "tool", "framework:openai_agents", tools.openai_agents));
            return Ok(found);
        }
        Kind::Json => servers::in_json(&text),
        Kind::Yaml => servers::in_yaml(&text),
    };
    Ok(items(path, "mcp_server", "mcp", servers.map_err(at)?))
}

/// Items of one kind. The ids of tools also name their framework.
fn items(path: &str, kind: &str, tag: &str, names: Vec<String>) -> Vec<InventoryItem> {
    let prefix = if kind == "tool" { format!("{kind}:{tag}") } else { kind.to_string() };
    let item = |name: String| InventoryItem {
        id: format!("{prefix}:{}", identifier(&name)),
        kind: kind.to_string(),
        locator: path.to_string(),
        risk_level: risk(&name).to_string(),
        tags: vec![tag.to_string()],
        name,
        ..InventoryItem::default()
    };
    names.into_iter().map(item).collect()
}

/// Items by id.
#[derive(Default)]
struct Found {
    places: BTreeMap<String, usize>,
    items: Vec<InventoryItem>,
}

impl Found {
    /// Adds an item, or what is new about one that is known: the first name stays.
    fn add(&mut self, item: InventoryItem) {
        let known = self.places.get(&item.id).and_then(|place| self.items.get_mut(*place));
        let Some(known) = known else {
            self.places.insert(item.id.clone(), self.items.len());
            self.items.push(item);
            return;
        };
        if item.locator < known.locator {
            known.locator = item.locator;
        }
        if risk_rank(&item.risk_level) > risk_rank(&known.risk_level) {
            known.risk_level = item.risk_level;
        }
        known.tags.extend(item.tags);
        known.tags = order::set(core::mem::take(&mut known.tags));
    }

    fn sorted(mut self) -> Vec<InventoryItem> {
        order::by_text(&mut self.items, |item| &item.id);
        self.items
    }
}

/// The name of a snapshot follows from what it says; time and version do not count.
fn id(items: &[InventoryItem], workspace: &str) -> String {
    #[derive(Serialize)]
    struct Named<'a> {
        items: &'a [InventoryItem],
        workspace: &'a str,
    }
    let digest = sha256_hex(&json::canonical(&Named { items, workspace }));
    format!("snap_{}", digest.get(..12).unwrap_or_default())
}
