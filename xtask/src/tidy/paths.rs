//! Paths that exist on one machine only.

use super::Finding;
use crate::tree::Tree;

/// Folders at the top of a machine that hold someone's work; what follows them is that person's
/// business. Without their slashes, so that this file does not hold a path itself.
const PRIVATE: [&str; 4] = ["home", "root", "Users", "work"];
/// In two pieces, for the same reason.
const OUTSIDE: &str = concat!("..", "/shared");

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let folders = folders();
    for (path, text) in tree.texts() {
        for (at, line) in text.lines().enumerate() {
            let private = folders.iter().filter(|folder| names_path_in(line, folder));
            let outside = Some(OUTSIDE).filter(|word| line.contains(word));
            for word in private.map(String::as_str).chain(outside) {
                let what = format!("{word} is a path of one machine; take it as an argument");
                findings.push(Finding::new(path, at + 1, what));
            }
        }
    }
    findings
}

/// The private folders as they stand in a path.
fn folders() -> [String; 4] {
    PRIVATE.map(|name| format!("/{name}/"))
}

/// Whether the line holds an absolute path into the folder: nothing of a path before it,
/// a name after it.
fn names_path_in(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let within = |c: char| c.is_alphanumeric() || "_-.~*/}>)".contains(c);
        let named = |c: char| c.is_alphanumeric() || "_-.$<{".contains(c);
        !line[..at].ends_with(within) && line[at + folder.len()..].starts_with(named)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&Tree::of(&[("docs/a.md", text)])).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn private_paths_are_found() {
        for folder in folders() {
            let text = format!("fine\nopen(\"{folder}ada/x.json\")\nPATH=a:{folder}.cargo/bin\n");
            assert_eq!(lines(&text), [2, 3], "{folder}");
        }
        assert_eq!(lines(&format!("cat {OUTSIDE}/data\n")), [1]);
    }

    #[test]
    fn urls_and_folders_of_that_name_are_fine() {
        for folder in folders() {
            let text = format!("https://example.com{folder}x, src{folder}x and {folder} itself");
            assert!(lines(&text).is_empty(), "{folder}");
        }
    }
}
