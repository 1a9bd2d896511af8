//! `cargo xtask tidy`: the house rules that neither rustc nor clippy checks, each a small
//! function from the tree to findings. It also runs as a test of this crate.

mod architecture;
mod commands;
mod crate_docs;
mod links;
mod markdown;
mod paths;
mod purity;
mod size;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::tree::Tree;

/// A broken rule: where, what, and how to mend it.
#[derive(Debug, Clone)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Checks the whole tree and prints every finding.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let crates = tree.crates()?;
    println!("{}", size::figures(&tree));
    let findings = [
        size::check(&tree),
        words::check(&tree),
        paths::check(&tree),
        links::check(&tree),
        commands::check(&tree, &crates),
        crate_docs::check(&tree, &crates),
        architecture::check(&tree, &crates),
        purity::check(root, &crates)?,
        purity::threads(&tree),
    ]
    .concat();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings", findings.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() -> anyhow::Result<()> {
        super::run(crate::root())
    }
}
