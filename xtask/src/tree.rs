//! The files of the repository, read once. Everything tidy judges is derived from this,
//! so that each check is a function of a tree and can be shown to fail on a small one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;

/// Paths (from the root, with `/`) and texts; binary files have no text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

/// What a crate's manifest says.
#[derive(Debug)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Folder from the root; its manifest is `<folder>/Cargo.toml`.
    pub(crate) folder: String,
    pub(crate) published: bool,
    /// Without `default`.
    pub(crate) features: Vec<String>,
    pub(crate) programs: Vec<String>,
}

impl Tree {
    /// Files that git tracks or would track: a new file is judged before it is added.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        // A clone owned by another user (a mounted volume) is fine to list.
        git.current_dir(root).args(["-c", "safe.directory=*", "ls-files", "-z"]);
        git.args(["--cached", "--others", "--exclude-standard"]);
        let mut files = BTreeMap::new();
        for path in process::output(&mut git)?.split_terminator('\0') {
            let full = root.join(path);
            if full.is_file() {
                let bytes = fs::read(&full).with_context(|| path.to_owned())?;
                files.insert(path.to_owned(), String::from_utf8(bytes).ok());
            }
        }
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self { files: files.iter().map(own).collect() }
    }

    /// All text files with their paths.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The text files whose names end so.
    pub(crate) fn with_ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(ending))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether there is such a file or folder; the root is the empty path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&folder))
    }

    /// Every crate, by its manifest.
    pub(crate) fn crates(&self) -> Result<Vec<Crate>> {
        let manifests = self.with_ending("/Cargo.toml");
        let crates = manifests.map(|(path, text)| self.parse(path, text).context(path.to_owned()));
        crates
            .collect::<Result<Vec<Option<Crate>>>>()
            .map(|all| all.into_iter().flatten().collect())
    }

    fn parse(&self, path: &str, text: &str) -> Result<Option<Crate>> {
        let manifest: toml::Table = text.parse()?;
        let Some(package) = manifest.get("package") else { return Ok(None) };
        let name = package.get("name").and_then(toml::Value::as_str).context("no package.name")?;
        let folder = path.trim_end_matches("/Cargo.toml");
        let features = manifest.get("features").and_then(toml::Value::as_table);
        let features = features.into_iter().flat_map(toml::Table::keys);
        let named = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
        let named = named.filter_map(|bin| bin.get("name")?.as_str());
        let mut programs: Vec<String> = named.map(str::to_owned).collect();
        if self.has(&format!("{folder}/src/main.rs")) {
            programs.push(name.to_owned());
        }
        Ok(Some(Crate {
            name: name.to_owned(),
            folder: folder.to_owned(),
            published: package.get("publish").and_then(toml::Value::as_bool) != Some(false),
            features: features.filter(|name| *name != "default").cloned().collect(),
            programs,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_tells_name_folder_features_and_programs() {
        let manifest = "[package]\nname = 'x'\npublish = false\n\
                        [features]\ndefault = ['a']\na = []\n[[bin]]\nname = 'tool'";
        let tree = Tree::of(&[("dir/x/Cargo.toml", manifest), ("dir/x/src/main.rs", "")]);
        let [found] = &tree.crates().unwrap()[..] else { panic!("one crate") };
        assert_eq!((found.name.as_str(), found.folder.as_str()), ("x", "dir/x"));
        assert!(!found.published);
        assert_eq!(found.features, ["a"]);
        assert_eq!(found.programs, ["tool", "x"]);
    }

    #[test]
    fn a_broken_manifest_is_named() {
        let error = Tree::of(&[("x/Cargo.toml", "[package")]).crates().unwrap_err();
        assert_eq!(error.to_string(), "x/Cargo.toml");
    }

    #[test]
    fn has_knows_files_and_folders_but_not_prefixes() {
        let tree = Tree::of(&[("docs/concepts/a.md", ""), ("docs-old.md", "")]);
        for path in ["", "docs", "docs/concepts", "docs/concepts/a.md"] {
            assert!(tree.has(path), "{path}");
        }
        for path in ["doc", "docs/con", "docs/concepts/a", "docs-old"] {
            assert!(!tree.has(path), "{path}");
        }
    }
}
