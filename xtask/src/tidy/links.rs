//! Relative links in Markdown lead to files of the repository.

use super::{Finding, markdown};
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ending(".md") {
        for (line, prose) in markdown::prose(text) {
            for target in targets(&prose) {
                if !resolve(path, target).is_some_and(|file| tree.has(&file)) {
                    let what = format!("no file {target:?}; mend the link");
                    findings.push(Finding::new(path, line, what));
                }
            }
        }
    }
    findings
}

/// File links of a line: `](target)` and `[name]: target`, without anchors.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let defined = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
    let all = inline.chain(defined.map(|(_, target)| target));
    all.filter_map(|target| {
        let target = target.split_whitespace().next()?.trim_matches(['<', '>']);
        let file = target.split('#').next()?;
        // A bare word, a `::` path or an `@` is an item that rustdoc links and checks.
        let is_item = file.contains("::") || file.contains('@') || !file.contains(['/', '.', '-']);
        (!target.contains(':') && !is_item).then_some(file)
    })
    .collect()
}

/// The path from the root of what a file links to, unless that leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if !target.starts_with('/') {
        parts.extend(from.split('/'));
        parts.pop();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> usize {
        let others =
            [("LICENSE-MIT", ""), ("docs/guide/b.md", ""), ("adapters/mqtt/src/lib.rs", "")];
        let files: Vec<_> = others.into_iter().chain([("docs/guide/a.md", text)]).collect();
        check(&Tree::of(&files)).len()
    }

    #[test]
    fn links_to_files_and_folders_are_followed() {
        for good in [
            "[b](b.md) [b](./b.md#part) [top](../../LICENSE-MIT \"title\") [x](/docs/)",
            "[`adapter`](../../adapters/mqtt)\n[ref]: ../guide/b.md",
            "[web](https://example.com/x.md) [mail](mailto:a@b.c) [here](#part)",
            "[item](Shipment) [item](crate::ids::ShipmentId) [item](struct@Zone)",
            "`[code](nowhere.md)`\n```\n[code](nowhere.md)\n```",
        ] {
            assert_eq!(broken(good), 0, "{good}");
        }
    }

    #[test]
    fn dead_links_are_found() {
        for bad in [
            "[x](c.md)",
            "[x](b.md) [`x`](nowhere/)",
            "[x](../../../outside.md)",
            "[ref]: nowhere.md",
            "![image](nowhere.png)",
            "[licence](LICENSE-MIT)",
        ] {
            assert_eq!(broken(bad), 1, "{bad}");
        }
    }
}
