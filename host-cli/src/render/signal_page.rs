//! A signal report as a page that opens from disk: one file, no scripts, nothing fetched, in the verifier's colours.
//!
//! Whatever comes from runs is text and nothing else: markup is escaped, marks that nobody sees are spelled out.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding};
use gait_contract::scout::{Family, Issue, Severity, SignalSummary};
use sha2::{Digest, Sha256};

use super::html::Text;

const STYLE: &str = include_str!("signal.css");
/// gait's mark.
const MARK: &str = r##"<svg class="mark" viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="14" fill="#102a33"/><g fill="none" stroke-linecap="round"><path d="M17 50V30a15 15 0 0 1 30 0V50" stroke="#f3f1ec" stroke-width="5"/><path d="M28 49V43M36 38V32" stroke="#74cbdc" stroke-width="6.4"/></g></svg>"##;

/// The page of a report.
pub fn page(summary: &SignalSummary, warnings: &[String]) -> String {
    let mut page = String::with_capacity(64 << 10);
    let style = Base64::encode_string(&Sha256::digest(STYLE));
    let title = "Signals · gait";
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{MARK}\n<h1>Signals</h1>\n"
    );
    let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let _ = writeln!(
        page,
        "<p class=\"promise\"><strong>{}</strong> in <strong>{}</strong>. Runs of a family called the same tools, read \
         the same sources and failed for the same reasons. This page is one file without scripts: keep it, copy it, \
         open it from disk.</p>",
        counted(summary.run_count, "run", "runs"),
        counted(summary.family_count, "family", "families"),
    );
    for warning in warnings {
        let _ = writeln!(page, "<p class=\"caution\">{}</p>", prose(warning));
    }
    for (count, one, many) in [
        (summary.unmatched_traces, "trace names", "traces name"),
        (summary.unmatched_graders, "failed grader names", "failed graders name"),
    ] {
        if count > 0 {
            let _ = writeln!(
                page,
                "<p class=\"caution\">{} none of these runs and did not count.</p>",
                counted(count, one, many)
            );
        }
    }
    page.push_str("<h2>What to look at first</h2>\n");
    for (issue, family) in summary.top_issues.iter().zip(&summary.families) {
        card(&mut page, issue, family);
    }
    families(&mut page, summary);
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(page, "</main>\n<footer><p>gait {version} · `gait scout signal`</p></footer>\n</body>\n</html>\n");
    page
}

fn card(page: &mut String, issue: &Issue, family: &Family) {
    let level = issue.severity_level;
    let _ = write!(
        page,
        "<article class=\"card {class}\">\n<header><h3>{rank}. <span class=\"level\">{word}</span> · score {score}</h3>\n\
         <p class=\"say\">{runs}, the first one is <bdi>{first}</bdi></p></header>\n<dl>\n",
        class = level.word(),
        rank = issue.rank,
        word = capitalized(level),
        score = issue.severity_score,
        runs = if issue.count == 1 { "1 run".to_owned() } else { format!("{} runs", issue.count) },
        first = Text(&issue.canonical_run_id),
    );
    let drivers: Vec<&str> = issue.drivers.iter().map(|driver| driver.word()).collect();
    let reason = |reason: &str| match reason {
        "" => "none".to_owned(),
        reason => format!("<code>{}</code>", Text(reason)),
    };
    for (name, value) in [
        ("Most frequent reason", reason(&issue.most_frequent_reason)),
        ("First reason", reason(&issue.top_failure_reason)),
        ("Probably changed", format!("<code>{}</code>", drivers.join("</code>, <code>"))),
        ("Family", format!("<code>{}</code>", Text(&issue.family_id))),
        ("Fingerprint", format!("<code>{}</code>", Text(&issue.fingerprint))),
    ] {
        let _ = writeln!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n<ul>\n");
    for suggestion in &issue.suggestions {
        let _ = writeln!(
            page,
            "<li>{}<span class=\"scope\">Concerns {}.</span></li>",
            prose(&suggestion.summary),
            prose(&suggestion.likely_scope)
        );
    }
    page.push_str("</ul>\n<details><summary>Runs</summary>\n<ul>\n");
    for run in &family.run_ids {
        let _ = writeln!(page, "<li><bdi>{}</bdi></li>", Text(run));
    }
    page.push_str("</ul>\n</details>\n<details><summary>Runpacks</summary>\n<ul>\n");
    for path in &family.artifact_pointers {
        let _ = writeln!(page, "<li><code><bdi>{}</bdi></code></li>", Text(path));
    }
    let shown = family.artifact_pointers.len() as u64;
    if shown < family.count {
        let _ = writeln!(page, "<li>and {} more in the report</li>", family.count - shown);
    }
    page.push_str("</ul>\n</details>\n</article>\n");
}

fn families(page: &mut String, summary: &SignalSummary) {
    page.push_str(
        "<h2>All families</h2>\n<div class=\"wide\">\n<table>\n<thead><tr><th>Rank</th><th>Severity</th><th>Score</th>\
         <th>Runs</th><th>Family</th><th>First run</th><th>Most frequent reason</th></tr></thead>\n<tbody>\n",
    );
    for (place, family) in summary.families.iter().enumerate() {
        let _ = writeln!(
            page,
            "<tr><td class=\"number\">{}</td><td class=\"{}\"><span class=\"level\">{}</span></td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td><td><code>{}</code></td><td><bdi>{}</bdi></td>\
             <td>{}</td></tr>",
            place + 1,
            family.severity_level.word(),
            capitalized(family.severity_level),
            family.severity_score,
            family.count,
            Text(&family.family_id),
            Text(&family.canonical_run_id),
            if family.most_frequent_reason.is_empty() {
                "none".to_owned()
            } else {
                format!("<code>{}</code>", Text(&family.most_frequent_reason))
            },
        );
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    let shown = summary.families.len() as u64;
    if shown < summary.family_count {
        let _ = writeln!(
            page,
            "<p class=\"promise\">{} more families are in the report.</p>",
            summary.family_count - shown
        );
    }
}

const fn capitalized(level: Severity) -> &'static str {
    match level {
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// A sentence in which commands and names stand in backticks.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.fold(String::new(), |mut html, (number, part)| {
        let _ =
            if number % 2 == 1 { write!(html, "<code>{}</code>", Text(part)) } else { write!(html, "{}", Text(part)) };
        html
    })
}

#[cfg(test)]
mod tests {
    use gait_contract::scout::{Driver, Suggestion};

    use super::*;

    #[test]
    fn names_are_text_and_nothing_else() {
        let hostile = "</bdi><script>alert(1)</script>\"'&\u{202e}\u{1b}[2J\n<img src=x onerror=y>";
        let texts = || vec![hostile.to_owned(); 2];
        let family = Family {
            family_id: hostile.into(),
            fingerprint: hostile.into(),
            count: 3,
            run_ids: texts(),
            canonical_run_id: hostile.into(),
            top_failure_reason: hostile.into(),
            most_frequent_reason: hostile.into(),
            drivers: vec![Driver::PolicyChange],
            artifact_pointers: texts(),
            ..Family::default()
        };
        let issue = Issue {
            rank: 1,
            family_id: hostile.into(),
            fingerprint: hostile.into(),
            count: 3,
            canonical_run_id: hostile.into(),
            top_failure_reason: hostile.into(),
            most_frequent_reason: hostile.into(),
            drivers: vec![Driver::PolicyChange],
            suggestions: vec![Suggestion {
                kind: hostile.into(),
                summary: hostile.into(),
                likely_scope: hostile.into(),
            }],
            ..Issue::default()
        };
        let summary = SignalSummary {
            run_count: 3,
            family_count: 9,
            top_issues: vec![issue],
            families: vec![family],
            unmatched_traces: 1,
            unmatched_graders: 2,
        };
        let page = page(&summary, &texts());
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("</bdi><script"));
        assert!(!page.contains(['\u{202e}', '\u{1b}']) && page.contains("\\u{202e}"));
        assert_eq!(page.matches("&lt;script&gt;").count(), page.matches("&lt;img src=x onerror=y&gt;").count());
        assert!(page.matches("&lt;script&gt;").count() > 10);
        // Outside the head, `"` stands around attributes of the page's own only.
        let tags = page.split("<body>").nth(1).expect("a body").split('<').skip(1);
        for tag in tags.filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag)) {
            assert!(!tag.contains("alert") && !tag.contains("onerror"), "{tag}");
        }
        assert!(page.contains("1 trace names none") && page.contains("2 failed graders name none"));
        assert!(page.contains("8 more families") && page.contains("and 1 more in the report"));
    }

    #[test]
    fn the_policy_knows_the_style_and_nothing_else() {
        let page = page(&SignalSummary::default(), &[]);
        let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style");
        assert!(page.contains(&format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(style)))));
        assert!(page.contains("default-src 'none'") && !style.contains("url(") && !style.contains("@import"));
        assert!(!page.contains(" style=") && !page.contains("http:") && !page.contains("https:"));
    }

    #[test]
    fn colours_are_those_of_the_site() {
        let palette = include_str!("../../../www/src/palette.mjs");
        let mut found = 0;
        for line in palette.lines() {
            let Some((name, values)) = line.trim().split_once(": [\"#") else { continue };
            let name = name.trim_matches('"');
            let mut values =
                values.split('"').filter(|value| value.len() >= 6).map(|value| value.trim_start_matches('#'));
            let (Some(light), Some(dark)) = (values.next(), values.next()) else { continue };
            let uses: Vec<&str> = STYLE.split(&format!("--{name}:#")).skip(1).collect();
            if uses.is_empty() {
                continue;
            }
            found += 1;
            assert!(uses.len() == 2 && uses[0].starts_with(light) && uses[1].starts_with(dark), "{name}");
        }
        assert_eq!(found, STYLE.split("@media").next().map_or(0, |root| root.matches(":#").count()));
        assert!(found > 10);
    }
}
