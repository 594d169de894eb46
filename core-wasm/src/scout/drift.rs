//! What changed from one inventory to another (scout contract, section 4).

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::inventory::{
    Drift, DriftChange, DriftItem, DriftReport, DriftRequest, InventoryItem, InventorySnapshot,
};

use crate::json::{Kind, Scanner};
use crate::task::Host;
use crate::text::compact;
use crate::{document, json, order};

/// Answers op `scout.diff`.
pub(crate) async fn drift(host: &Host, request: DriftRequest) -> Result<DriftReport, Fault> {
    let left = read(host, &request.left).await?;
    let right = read(host, &request.right).await?;
    let mut diff =
        Drift { left_snapshot_id: left.snapshot_id, right_snapshot_id: right.snapshot_id, ..Drift::default() };
    let (left, right) = (by_id(left.items), by_id(right.items));
    diff.removed = left.iter().filter(|item| find(&right, &item.id).is_none()).map(alone).collect();
    for item in &right {
        match find(&left, &item.id) {
            None => diff.added.push(alone(item)),
            Some(before) if differ(before, item) => diff.changed.push(DriftChange {
                id: item.id.clone(),
                kind: item.kind.clone(),
                name: item.name.clone(),
                before_locator: before.locator.clone(),
                after_locator: item.locator.clone(),
                before_risk_level: before.risk_level.clone(),
                after_risk_level: item.risk_level.clone(),
            }),
            Some(_) => {}
        }
    }
    diff.added_count = diff.added.len() as u64;
    diff.removed_count = diff.removed.len() as u64;
    diff.changed_count = diff.changed.len() as u64;
    let ok = diff.added_count + diff.removed_count + diff.changed_count == 0;
    Ok(DriftReport { ok, diff_text: compact(&diff), diff })
}

/// Schema id and version are not looked at.
async fn read(host: &Host, source: &str) -> Result<InventorySnapshot, Fault> {
    let text = document::read(host, source).await?;
    let is_object = Scanner::new(&text).and_then(|mut scanner| scanner.of_kind(Kind::Object));
    let read = is_object.map_err(|error| error.fault(&text)).and_then(|()| json::read(&text));
    read.map_err(|fault| fault.at(source))
}

/// Sorted by id; of several items with one id the last one counts.
fn by_id(mut items: Vec<InventoryItem>) -> Vec<InventoryItem> {
    order::by_text(&mut items, |item| &item.id);
    items.dedup_by(|later, kept| {
        let same = later.id == kept.id;
        if same {
            core::mem::swap(later, kept);
        }
        same
    });
    items
}

fn find<'i>(items: &'i [InventoryItem], id: &str) -> Option<&'i InventoryItem> {
    items.binary_search_by(|item| item.id.as_str().cmp(id)).ok().and_then(|place| items.get(place))
}

fn alone(item: &InventoryItem) -> DriftItem {
    let InventoryItem { id, kind, name, locator, risk_level, .. } = item.clone();
    DriftItem { id, kind, name, locator, risk_level }
}

/// When an item was last seen does not matter.
fn differ(one: &InventoryItem, other: &InventoryItem) -> bool {
    let tags = |item: &InventoryItem| order::set(item.tags.iter().map(|tag| String::from(tag.trim())).collect());
    one.kind != other.kind
        || one.name != other.name
        || one.locator != other.locator
        || one.risk_level != other.risk_level
        || tags(one) != tags(other)
}
