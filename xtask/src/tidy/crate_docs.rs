//! A published crate's README is its crate documentation and explains its features.

use super::Finding;
use crate::tree::{Crate, Tree};

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in crates {
        let manifest = format!("{}/Cargo.toml", one.folder);
        let readme = format!("{}/README.md", one.folder);
        let text = tree.text(&readme).unwrap_or_default();
        if one.published && text.is_empty() {
            let what = "published without a README.md; write it or set publish = false";
            findings.push(Finding::new(&manifest, 1, what));
        }
        let library = format!("{}/src/lib.rs", one.folder);
        let is_doc = |lib: &str| lib.contains("#![doc = include_str!(\"../README.md\")]");
        if one.published && tree.text(&library).is_some_and(|lib| !is_doc(lib)) {
            let what = "README.md is not the crate doc; \
                        open with #![doc = include_str!(\"../README.md\")]";
            findings.push(Finding::new(&library, 1, what));
        }
        for feature in one.features.iter().filter(|name| !text.contains(&format!("`{name}`"))) {
            let what = format!("feature `{feature}` is not explained; add it to {readme}");
            findings.push(Finding::new(&manifest, 1, what));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = 'x'\n[features]\ndefault = ['a']\na = []\nb = []";
    const LIB: &str = "#![doc = include_str!(\"../README.md\")]\n";

    fn found(manifest: &str, lib: &str, readme: &str) -> Vec<String> {
        let tree =
            Tree::of(&[("x/Cargo.toml", manifest), ("x/src/lib.rs", lib), ("x/README.md", readme)]);
        check(&tree, &tree.crates().unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_documented_crate_is_fine() {
        assert!(found(MANIFEST, LIB, "Features: `a` and `b`.").is_empty());
        assert!(found("[package]\nname = 'x'\npublish = false", "//! tool", "").is_empty());
    }

    #[test]
    fn an_unexplained_feature_is_named() {
        let found = found(MANIFEST, LIB, "Features: `a` but b is not in backticks.");
        assert_eq!(found, ["x/Cargo.toml:1: feature `b` is not explained; add it to x/README.md"]);
    }

    #[test]
    fn a_published_crate_needs_a_readme_that_is_its_doc() {
        let manifest = "[package]\nname = 'x'";
        assert!(found(manifest, "//! other\n", "x")[0].starts_with("x/src/lib.rs:1: README.md is"));
        assert!(found(manifest, LIB, "")[0].starts_with("x/Cargo.toml:1: published without"));
    }
}
