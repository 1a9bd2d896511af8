//! Commands that READMEs and CONTRIBUTING tell people to type exist.

use super::{Finding, markdown};
use crate::tree::{Crate, Tree};

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ending("README.md").chain(tree.with_ending("CONTRIBUTING.md")) {
        for (line, code) in markdown::code(text) {
            let wrong = commands(code, "cargo run ")
                .find_map(|words| wrong_run(tree, crates, &words))
                .or_else(|| commands(code, "cargo xtask ").find_map(|words| wrong_xtask(&words)));
            if let Some(what) = wrong {
                let what = format!("{what} in {:?}; mend the command", code.trim());
                findings.push(Finding::new(path, line, what));
            }
        }
    }
    findings
}

/// The words after each occurrence of the command, up to a comment or the next command.
fn commands<'a>(code: &'a str, start: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
    let commands = code.split(start).skip(1);
    commands
        .map(|rest| rest.split([';', '&', '|', '#']).next().unwrap_or_default())
        .map(|command| command.split_whitespace().collect())
}

fn wrong_run(tree: &Tree, crates: &[Crate], words: &[&str]) -> Option<String> {
    let words = words.split(|word| *word == "--").next().unwrap_or_default();
    let value = |names: [&str; 2]| {
        let pair = words.windows(2).find(|pair| names.contains(&pair[0]));
        let joined = words
            .iter()
            .find_map(|word| word.split_once('=').filter(|(name, _)| names.contains(name)));
        pair.map(|pair| pair[1]).or(joined.map(|(_, value)| value))
    };
    let package = value(["-p", "--package"]);
    let mut packages = crates.iter().filter(|one| package.is_none_or(|name| name == one.name));
    if packages.clone().next().is_none() {
        return Some(format!("no package {}", package.unwrap_or_default()));
    }
    if let Some(program) = value(["--bin", "--bin"]) {
        let found = packages.any(|one| one.programs.iter().any(|name| name == program));
        return (!found).then(|| format!("no program {program}"));
    }
    if let Some(example) = value(["--example", "--example"]) {
        let file = |one: &Crate, end| tree.has(&format!("{}/examples/{example}{end}", one.folder));
        let found = packages.any(|one| file(one, ".rs") || file(one, "/main.rs"));
        return (!found).then(|| format!("no example {example}"));
    }
    None
}

fn wrong_xtask(words: &[&str]) -> Option<String> {
    let (command, names) = words.split_first()?;
    if !crate::COMMANDS.contains(command) {
        return Some(format!("no command {command}"));
    }
    // NAME, <name> and […] stand for any.
    let is_literal = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let mut names = names.iter().take_while(|word| **word != "--").filter(|word| is_literal(word));
    let unknown = names.find(|name| !crate::test::part_names().any(|part| part == **name))?;
    Some(format!("no part {unknown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(command: &str) -> Vec<String> {
        let text = format!("# x\n\n```sh\n{command}\n```\n");
        let manifest = "[package]\nname = 'server'\n[[bin]]\nname = 'tool'";
        let tree = Tree::of(&[
            ("examples/server/Cargo.toml", manifest),
            ("examples/server/src/main.rs", ""),
            ("examples/server/examples/small.rs", ""),
            ("README.md", &text),
        ]);
        let findings = check(&tree, &tree.crates().unwrap());
        findings.iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
    }

    #[test]
    fn commands_that_exist_are_fine() {
        for good in [
            "cargo run --release -p server -- demo --bin x",
            "cargo run --package=server --bin tool # a comment",
            "cargo run -p server --example small",
            "cargo xtask test && cargo xtask tidy",
            "cargo xtask test unit doc -- some_test",
            "cargo xtask test [NAME…]",
            "cargo test -p elsewhere",
        ] {
            assert_eq!(wrong(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn commands_that_do_not_exist_are_found() {
        for (bad, what) in [
            ("cargo run -p serve", "no package serve "),
            ("cargo run --bin tol", "no program tol "),
            ("cargo run -p server --example large", "no example large "),
            ("cargo xtask tst", "no command tst "),
            ("cargo xtask test unti", "no part unti "),
            ("cargo xtask tidy; cargo xtask nothing", "no command nothing "),
        ] {
            let found = wrong(bad);
            assert!(found.len() == 1 && found[0].starts_with(&format!("4: {what}")), "{found:?}");
        }
    }
}
