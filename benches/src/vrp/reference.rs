//! The instances of a folder, and what is known of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::files;

/// What is known of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) class: String,
    pub(crate) unassigned: usize,
    pub(crate) cost: f64,
}

/// The files of a folder and its subfolders for which a reference is known there.
pub(crate) fn instances(dir: &Path) -> anyhow::Result<Vec<(PathBuf, Reference)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        entries.push(entry?.path());
    }
    entries.sort();
    let known = references(dir)?;
    let mut found = Vec::new();
    for path in &entries {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            found.extend(instances(path)?);
        } else if ["vrp", "txt", "json"].contains(&&*ending)
            && let Some(reference) = known.get(&files::stem(path))
        {
            found.push((path.clone(), reference.clone()));
        }
    }
    Ok(found)
}

/// `bks.csv` (instance, class, cost) and `best.csv` (instance, unassigned, cost).
fn references(dir: &Path) -> anyhow::Result<BTreeMap<String, Reference>> {
    let mut found = BTreeMap::new();
    for name in ["bks.csv", "best.csv"] {
        let file = dir.join(name);
        if !file.exists() {
            continue;
        }
        let wrong = || file.display().to_string();
        let mut reader = csv::Reader::from_path(&file).with_context(wrong)?;
        for row in reader.deserialize::<BTreeMap<String, String>>() {
            let row = row.with_context(wrong)?;
            let column = |name: &str| row.get(name).map_or("", String::as_str);
            let reference = Reference {
                class: row.get("class").cloned().unwrap_or_else(|| "dispatch".to_owned()),
                unassigned: match column("unassigned") {
                    "" => 0,
                    number => number.parse().with_context(wrong)?,
                },
                cost: column("cost").parse().with_context(wrong)?,
            };
            found.insert(column("instance").to_owned(), reference);
        }
    }
    Ok(found)
}
