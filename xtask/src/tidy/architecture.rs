//! ARCHITECTURE.md is short, and its code map and the tree agree.

use super::{Finding, markdown};
use crate::tree::{Crate, Tree};

const FILE: &str = "ARCHITECTURE.md";
const LINES_MAX: usize = 250;

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let Some(text) = tree.text(FILE) else { return Vec::new() };
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        let what = format!("{lines} lines, at most {LINES_MAX}; move detail to docs/");
        findings.push(Finding::new(FILE, LINES_MAX + 1, what));
    }
    let named: Vec<(usize, &str)> = markdown::code(text)
        .into_iter()
        .flat_map(|(line, code)| code.split_whitespace().map(move |word| (line, word)))
        .collect();
    for one in crates {
        if !named.iter().any(|(_, word)| is_within(word, &one.folder)) {
            let what = format!("crate `{}/` is not in the code map; add it", one.folder);
            findings.push(Finding::new(FILE, 1, what));
        }
    }
    // A map names folders with a trailing slash; from the root, from a crate's folder, or its src.
    let known = |folder: &str| {
        let within = |one: &Crate| {
            let own = &one.folder;
            tree.has(&format!("{own}/{folder}")) || tree.has(&format!("{own}/src/{folder}"))
        };
        tree.has(folder) || crates.iter().any(within)
    };
    let folders = named.iter().filter(|(_, word)| word.ends_with('/') && is_plain(word));
    for (line, word) in folders.filter(|(_, word)| !known(word.trim_end_matches('/'))) {
        let what = format!("no folder {word}; mend the code map");
        findings.push(Finding::new(FILE, *line, what));
    }
    findings
}

/// Whether the word names the folder or something in it.
fn is_within(word: &str, folder: &str) -> bool {
    word.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Not a URL, a placeholder, a pattern or a path elsewhere.
fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    word.chars().all(plain) && word.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("core/Cargo.toml", "[package]\nname = 'core'"),
            ("core/src/saga/mod.rs", ""),
            ("adapters/sqlx/Cargo.toml", "[package]\nname = 'sqlx'"),
            (FILE, text),
        ]);
        check(&tree, &tree.crates().unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_map_that_names_every_crate_is_fine() {
        for good in [
            "`core/src/saga/`, `src/saga/`, `saga/` and `adapters/sqlx`; `/v1/live/` is no folder",
            "```\ncore/            the domain\nadapters/sqlx/   SQLite\nadapters/<name>/\n```",
        ] {
            assert_eq!(found(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn a_crate_left_out_is_named() {
        let expected = ["ARCHITECTURE.md:1: crate `core/` is not in the code map; add it"];
        assert_eq!(
            found("`adapters/sqlx/` and `core-old`; core in prose does not count"),
            expected
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_named() {
        let expected = ["ARCHITECTURE.md:2: no folder core/src/sagas/; mend the code map"];
        assert_eq!(found("`core/` `adapters/sqlx/`\n`core/src/sagas/`"), expected);
    }

    #[test]
    fn it_stays_short() {
        let long = format!("`core/` `adapters/sqlx/`{}", "\n".repeat(251));
        assert!(found(&long)[0].starts_with("ARCHITECTURE.md:251: 251 lines, at most 250"));
    }
}
