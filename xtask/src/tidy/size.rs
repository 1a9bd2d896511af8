//! Files open with what they are and stay small enough to read.

use super::Finding;
use crate::tree::Tree;

/// Lines of code in one file, and over all files.
const LINES_MAX: usize = 500;
const LINES_P90_MAX: usize = 250;
const LINES_MEDIAN_MAX: usize = 80;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ending(".rs") {
        if !opens_with_docs(text) {
            let what = "no module doc; open the file with a //! line that says what it is";
            findings.push(Finding::new(path, 1, what));
        }
        let lines = code_lines(path, text);
        if lines > LINES_MAX {
            let what = format!("{lines} lines of code, at most {LINES_MAX}; split it by meaning");
            findings.push(Finding::new(path, 1, what));
        }
    }
    let sizes = sizes(tree);
    for (name, found, max) in [
        ("median", percentile(&sizes, 50), LINES_MEDIAN_MAX),
        ("90th percentile", percentile(&sizes, 90), LINES_P90_MAX),
    ] {
        if found > max {
            let what = format!("{name} of code lines per file is {found}, at most {max}; split");
            let largest = sizes.last().map_or("", |(_, path)| path);
            findings.push(Finding::new(largest, 1, what));
        }
    }
    findings
}

/// The sizes in one line.
pub(super) fn figures(tree: &Tree) -> String {
    let sizes = sizes(tree);
    let (max, largest) = sizes.last().copied().unwrap_or_default();
    format!(
        "code lines per file: median {}, 90th percentile {}, largest {max} ({largest}), {} files",
        percentile(&sizes, 50),
        percentile(&sizes, 90),
        sizes.len()
    )
}

fn sizes(tree: &Tree) -> Vec<(usize, &str)> {
    let files = tree.with_ending(".rs").map(|(path, text)| (code_lines(path, text), path));
    let mut sizes: Vec<_> = files.collect();
    sizes.sort_unstable();
    sizes
}

/// The smallest size that is not below that share of all files.
fn percentile(sizes: &[(usize, &str)], percent: usize) -> usize {
    let rank = (sizes.len() * percent).div_ceil(100);
    sizes.get(rank.saturating_sub(1)).map_or(0, |(size, _)| *size)
}

fn opens_with_docs(text: &str) -> bool {
    text.starts_with("//!") || text.starts_with("#![doc = include_str!(")
}

/// Lines that are neither blank nor comment. Unit tests beside the code, below the first
/// `#[cfg(test)] mod … {`, do not count; files in a tests folder count whole.
fn code_lines(path: &str, text: &str) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_test = path.starts_with("tests/") || path.contains("/tests/");
    let own = (0..lines.len()).find(|&at| opens_test_module(&lines[at..]));
    let end = own.filter(|_| !is_test).unwrap_or(lines.len());
    let mut in_comment = false;
    let is_code = |line: &&&str| {
        let opens = line.starts_with("/*");
        let was_comment = in_comment || opens;
        in_comment = was_comment && !line.contains("*/");
        !was_comment && !line.is_empty() && !line.starts_with("//")
    };
    lines[..end].iter().filter(is_code).count()
}

fn opens_test_module(lines: &[&str]) -> bool {
    let Some((&"#[cfg(test)]", rest)) = lines.split_first() else { return false };
    // Other attributes may stand between; the first line of the item decides.
    let item = rest.iter().find(|line| {
        let word = line.split([' ', '(']).next().unwrap_or_default();
        matches!(word, "mod" | "pub" | "fn" | "use" | "impl" | "struct" | "const" | "type")
    });
    item.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize) -> String {
        format!("//! doc\n{}", "x();\n".repeat(lines))
    }

    #[test]
    fn counts_code_only_and_stops_at_the_test_module() {
        let cases = [
            ("a.rs", "//! x\n\n// why\nfn f() {}\n", 1),
            ("a.rs", "/* a\n b */\nfn f() {} /* c */\nlet x;", 2),
            ("a.rs", "x;\n#[cfg(test)]\nmod tests {\n y;\n}\n", 1),
            ("a.rs", "x;\n#[cfg(test)]\n#[allow(a, reason = \"b\")]\nmod tests {\n y;\n}\n", 1),
            ("a.rs", "x;\n#[cfg(test)]\nmod tests;\ny;", 4),
            ("a.rs", "x;\n#[cfg(test)]\nfn f() {}\nmod m {\n}", 5),
            ("c/tests/it/a.rs", "x;\n#[cfg(test)]\nmod tests {\n y;\n}\n", 5),
        ];
        for (path, text, lines) in cases {
            assert_eq!(code_lines(path, text), lines, "{path}: {text}");
        }
    }

    #[test]
    fn a_file_must_open_with_docs() {
        let tree = |text| Tree::of(&[("a.rs", text)]);
        for good in ["//! x", "#![doc = include_str!(\"../README.md\")]\n"] {
            assert!(check(&tree(good)).is_empty(), "{good}");
        }
        for bad in ["", "use x;\n//! late", "// x"] {
            assert_eq!(check(&tree(bad)).len(), 1, "{bad}");
        }
    }

    #[test]
    fn one_long_file_is_named() {
        let (small, long) = (file(1), file(501));
        let files: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].to_vec();
        let mut files: Vec<_> = files.into_iter().map(|name| (name, small.as_str())).collect();
        files.push(("z", &long));
        let files: Vec<_> =
            files.iter().map(|(name, text)| (format!("{name}.rs"), *text)).collect();
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let [finding] = &check(&Tree::of(&files))[..] else { panic!("one finding") };
        assert!(finding.to_string().starts_with("z.rs:1: 501 lines"), "{finding}");
    }

    #[test]
    fn many_longish_files_break_the_median_and_the_percentile() {
        let (fine, longish) = (file(80), file(251));
        let tree = Tree::of(&[("a.rs", &fine), ("b.rs", &fine), ("c.rs", &longish)]);
        let [p90] = &check(&tree)[..] else { panic!("one finding") };
        assert!(p90.what.starts_with("90th percentile of code lines per file is 251"), "{p90}");
        let tree = Tree::of(&[("a.rs", &file(81))]);
        let [median] = &check(&tree)[..] else { panic!("one finding") };
        assert!(median.what.starts_with("median of code lines per file is 81"), "{median}");
    }
}
