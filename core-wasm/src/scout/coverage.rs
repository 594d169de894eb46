//! How much of an inventory policies speak of (scout contract, section 3).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::inventory::{Coverage, CoverageReport, CoverageRequest};

use super::words::risk_rank;
use crate::task::Host;
use crate::text::{compact, lower};
use crate::{order, policy};

/// Answers op `scout.coverage`.
pub(crate) async fn coverage(host: &Host, request: CoverageRequest) -> Result<CoverageReport, Fault> {
    let (mut digests, mut gated) = (Vec::new(), Vec::new());
    for source in order::set(request.policies) {
        let policy = policy::open(host, &source).await?;
        gated.extend(policy.tool_names().map(ToString::to_string));
        digests.push(policy.digest);
    }
    let gated = order::set(gated);
    let name = |name: &str| lower(name.trim());
    let names = order::set(request.items.iter().map(|item| name(&item.name)).collect());
    let is_gated = |name: &String| order::place(&gated, name).is_some();
    let risky = request.items.iter().filter(|item| risk_rank(&item.risk_level) > risk_rank("medium"));
    let ungated: Vec<String> = risky.filter(|item| !is_gated(&name(&item.name))).map(|item| item.id.clone()).collect();
    let gated_tools = names.iter().filter(|name| is_gated(name)).count() as u64;
    let coverage = Coverage {
        snapshot_id: request.snapshot_id,
        discovered_tools: names.len() as u64,
        gated_tools,
        high_risk_ungated_tools: ungated.len() as u64,
        coverage_percent: percent(gated_tools, names.len() as u64),
        policy_digests: order::set(digests),
        discovered_tool_names: names,
        gated_tool_names: gated,
        high_risk_ungated_tool_ids: order::set(ungated),
    };
    Ok(CoverageReport { coverage_text: compact(&coverage), coverage })
}

/// With two decimals, halves rounded up; all of nothing is everything.
fn percent(part: u64, whole: u64) -> f64 {
    let hundredths = if whole == 0 { 10_000 } else { (2 * 10_000 * part + whole) / (2 * whole) };
    // Below 2^53, so the quotient is the double nearest to the decimal.
    hundredths as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn halves_are_rounded_up() {
        for (part, whole, value) in
            [(0, 0, 100.0), (0, 3, 0.0), (1, 3, 33.33), (2, 3, 66.67), (1, 8, 12.5), (1, 800, 0.13), (7, 7, 100.0)]
        {
            assert_eq!(percent(part, whole).to_bits(), f64::to_bits(value), "{part} of {whole}");
        }
    }
}
