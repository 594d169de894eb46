//! Links in pages: relative ones lead to a file that is there, and anchors to a heading of it.

use std::path::Path;

use crate::repository::{root, text};

/// Every link of a page that leads nowhere, as `page: target`.
pub fn dead_links(page: &Path) -> Vec<String> {
    let content = text(page);
    let shown = page.strip_prefix(root()).unwrap_or(page).display();
    let alive = |target: &String| is_alive(page, &content, target);
    targets(&content).into_iter().filter(|target| !alive(target)).map(|target| format!("{shown}: {target}")).collect()
}

fn is_alive(page: &Path, content: &str, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let there = page.parent().unwrap_or(page).join(path);
    if !path.is_empty() && !there.exists() {
        return false;
    }
    let is_page = path.is_empty() || path.ends_with(".md");
    anchor.is_empty() || !is_page || {
        let content = if path.is_empty() { content.to_owned() } else { text(&there) };
        anchors(&content).iter().any(|found| found == anchor)
    }
}

/// Targets of inline links and of reference definitions, outside code.
fn targets(content: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(content) {
        let line = without_code(line);
        for (at, _) in line.match_indices("](") {
            let target = line[at + 2..].split([')', ' ']).next().unwrap_or_default();
            targets.push(target.trim_matches(['<', '>']).to_owned());
        }
        if let Some((_, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
            targets.push(target.trim().to_owned());
        }
    }
    targets
}

/// Names of the headings, as they are made from their words: lower case, dashes for blanks, no punctuation.
fn anchors(content: &str) -> Vec<String> {
    let slug = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    prose(content).filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#'))).collect()
}

/// Lines outside code blocks.
fn prose(content: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    content.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::{anchors, targets};

    #[test]
    fn links_are_found_outside_code() {
        let page = "[a](b.md) and [c](d.md#e \"title\")\n`[no](x.md)`\n```\n[no](y.md)\n```\n[ref]: z.md\n![i](p.png)";
        assert_eq!(targets(page), ["b.md", "d.md#e", "z.md", "p.png"]);
    }

    #[test]
    fn headings_have_names() {
        let page = "# One core, every host\n## `gait verify`: what?\n```\n# no heading\n```\n";
        assert_eq!(anchors(page), ["one-core-every-host", "gait-verify-what"]);
    }
}
