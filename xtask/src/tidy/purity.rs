//! What the pure crates draw in: no runtime, no randomness, no network, no clock, no threads
//! but in the one file that a feature adds. And what nothing here draws in.

use std::path::Path;

use anyhow::Result;

use super::Finding;
use crate::process::{self, cargo};
use crate::tree::{Crate, Tree};

const PURE: [&str; 3] = ["logistics-core", "logistics-geofence", "logistics-dispatch"];

/// Lines of `cargo tree` (package, or package and feature) that a pure crate may not have.
const IMPURE: [&str; 12] = [
    "tokio",
    "rayon",
    "crossbeam-utils",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "rand",
    "getrandom",
    "chrono feature \"clock\"",
];

/// The only file of a pure crate that may start threads, and the lines of its parent that put
/// it behind a feature.
const THREADED: &str = "logistics-dispatch/src/search/parallel.rs";
const PARENT: &str = "logistics-dispatch/src/search/mod.rs";
const GATE: &str = "#[cfg(feature = \"parallel\")]\nmod parallel;";
/// In two pieces, so that this file does not hold it.
const THREADS: &str = concat!("std::", "thread");

/// Needs a C toolchain and CMake; rustls takes ring instead.
const UNWANTED: [&str; 1] = ["aws-lc-sys"];

pub(super) fn check(root: &Path, crates: &[Crate]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for one in crates.iter().filter(|one| PURE.contains(&one.name.as_str())) {
        for word in impurities(root, one)? {
            let what =
                format!("a pure crate depends on {word}; cargo tree -p {} shows how", one.name);
            findings.push(Finding::new(&format!("{}/Cargo.toml", one.folder), 1, what));
        }
    }
    let mut tree = cargo(root);
    tree.args(["tree", "--locked", "--prefix", "none", "--workspace", "--all-features"]);
    for word in named(&process::output(&mut tree)?, &UNWANTED) {
        let what = format!("{word} is in the build; cargo tree -i {word} shows how it came");
        findings.push(Finding::new("Cargo.lock", 1, what));
    }
    Ok(findings)
}

/// Threads in the sources of a pure crate, outside of the file that its feature adds.
pub(super) fn threads(tree: &Tree) -> Vec<Finding> {
    let pure = |path: &str| PURE.iter().any(|name| path.starts_with(&format!("{name}/src/")));
    let mut findings = Vec::new();
    for (path, text) in tree.with_ending(".rs").filter(|(path, _)| pure(path)) {
        let gated = || tree.text(PARENT).is_some_and(|parent| parent.contains(GATE));
        if path == THREADED && gated() {
            continue;
        }
        for (at, _) in text.lines().enumerate().filter(|(_, line)| line.contains(THREADS)) {
            let what = "a pure crate starts no threads; the caller owns them".to_owned();
            findings.push(Finding::new(path, at + 1, what));
        }
    }
    findings
}

/// What the crate draws in with all features but `testing`, which is for tests: those may
/// draw randomness through proptest.
fn impurities(root: &Path, one: &Crate) -> Result<Vec<&'static str>> {
    let features = one.features.iter().filter(|name| *name != "testing");
    let features = features.map(String::as_str).collect::<Vec<_>>().join(",");
    let mut tree = cargo(root);
    tree.args(["tree", "--locked", "--prefix", "none", "--edges", "normal,features"]);
    tree.args(["--package", &one.name, "--features", &features]);
    Ok(named(&process::output(&mut tree)?, &IMPURE))
}

/// Those of the words that a line of the tree begins with.
fn named<'a>(tree: &str, words: &[&'a str]) -> Vec<&'a str> {
    let begins = |line: &str, word: &str| {
        line.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    words.iter().copied().filter(|word| tree.lines().any(|line| begins(line, word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn impure_packages_and_features_are_found_by_whole_name() {
        let tree = "core v0.1.0 (/x)\nchrono v0.4.44\nchrono feature \"clock\" (*)\n\
                    rand v0.9.0\ntokio-util v0.7.0\nrand_core v0.9.0\n";
        assert_eq!(named(tree, &IMPURE), ["rand", "chrono feature \"clock\""]);
    }

    #[test]
    fn a_pure_tree_has_nothing_to_report() {
        let tree = "core v0.1.0 (/x)\nchrono v0.4.44\nchrono feature \"alloc\"\n";
        assert!(named(tree, &IMPURE).is_empty());
    }

    #[test]
    fn threads_are_found_outside_of_the_file_that_the_feature_adds() {
        let text = format!("//! x\nuse {THREADS}::scope;\n");
        let lines = |files: &[(&str, &str)]| -> Vec<String> {
            threads(&Tree::of(files)).iter().map(|finding| finding.path.clone()).collect()
        };
        let elsewhere = "logistics-core/src/x.rs";
        let other = ("adapters/mqtt/src/x.rs", &*text);
        assert_eq!(
            lines(&[(elsewhere, &text), (THREADED, &text), (PARENT, GATE), other]),
            [elsewhere]
        );
        assert_eq!(lines(&[(THREADED, &text), (PARENT, "mod parallel;")]), [THREADED]);
    }

    #[test]
    fn the_server_is_seen_to_be_impure() {
        let crates = Tree::read(crate::root()).unwrap().crates().unwrap();
        let server = crates.iter().find(|one| one.name == "logistics-server").unwrap();
        let found = impurities(crate::root(), server).unwrap();
        assert!(
            found.contains(&"tokio") && found.contains(&"chrono feature \"clock\""),
            "{found:?}"
        );
    }
}
