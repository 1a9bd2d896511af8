//! Words that mark unfinished work or a test that does not run.

use super::Finding;
use crate::tree::Tree;

/// In two pieces, so that this file does not hold them itself.
const WORDS: [(&str, &str); 4] = [
    (concat!("to", "do!"), "finish it or leave it out"),
    (concat!("unimple", "mented!"), "finish it or leave it out"),
    (concat!("db", "g!"), "remove it or use tracing"),
    (concat!("#[ig", "nore"), "mend the test or delete it"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ending(".rs").chain(tree.with_ending(".ts")) {
        for (at, line) in text.lines().enumerate() {
            for (word, advice) in WORDS.iter().filter(|(word, _)| contains_word(line, word)) {
                findings.push(Finding::new(
                    path,
                    at + 1,
                    format!("{word} is not allowed; {advice}"),
                ));
            }
        }
    }
    findings
}

/// The word, and not as the end of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_where_it_stands() {
        for (word, _) in WORDS {
            let text = format!("//! x\n    {word}(\"x\")\n");
            let tree = Tree::of(&[("a.rs", &text), ("b.ts", &text), ("c.md", &text)]);
            let found: Vec<_> = check(&tree).iter().map(|f| (f.path.clone(), f.line)).collect();
            assert_eq!(found, [("a.rs".into(), 2), ("b.ts".into(), 2)], "{word}");
        }
    }

    #[test]
    fn a_longer_name_is_another_word() {
        let text = format!("my_{}(x); {}(x);", WORDS[0].0, WORDS[2].0.to_uppercase());
        assert!(check(&Tree::of(&[("a.rs", &text)])).is_empty());
    }
}
