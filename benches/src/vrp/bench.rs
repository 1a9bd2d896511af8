//! `vrp bench`: every instance of a folder, against the costs that are known for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use logistics_dispatch::check;

use crate::args::{Bench, Input, Notation};
use crate::clock::Stopwatch;
use crate::files;
use crate::report::{Line, violations};
use crate::search::{Budget, search};
use crate::table::Table;

/// What is known of an instance.
#[derive(Clone, Debug)]
struct Reference {
    class: String,
    unassigned: usize,
    cost: f64,
}

/// True if every plan holds and serves whom its format wants served.
pub(crate) fn bench(args: &Bench) -> anyhow::Result<bool> {
    let instances = instances(&args.dir)?;
    if instances.is_empty() {
        bail!("{}: no .vrp, .txt or .json file with a reference cost", args.dir.display());
    }
    let mut table = Table::default();
    let mut all_hold = true;
    for (file, reference) in &instances {
        for seed in 1..=args.seeds {
            all_hold &= run(args, file, reference, seed, &mut table)?;
        }
    }
    table.print(&mut io::stdout().lock())?;
    Ok(all_hold)
}

fn run(
    args: &Bench,
    file: &Path,
    reference: &Reference,
    seed: u64,
    table: &mut Table,
) -> anyhow::Result<bool> {
    let watch = Stopwatch::start(args.cpu);
    let input = Input { file: file.to_owned(), format: Notation::Auto };
    let instance = files::instance(&input)?;
    let budget =
        Budget { seconds: args.seconds, iterations: args.iterations, threads: args.threads };
    let outcome = search(&instance, budget, seed, &watch);
    let wall_s = watch.wall_s();
    // The processor time of one thread says nothing of a search on several.
    let cpu_s = watch.cpu_s().filter(|_| args.threads.get() == 1);
    let verdict = check(&instance.problem, &outcome.solution);
    violations(&instance.problem, &verdict.violations);
    let line = Line {
        name: files::stem(file),
        instance: &instance,
        plan: &outcome.solution,
        verdict: &verdict,
        iterations: outcome.iterations,
        wall_s,
        bks: Some(reference.cost),
    };
    let more = serde_json::json!({
        "class": reference.class, "seed": seed, "cpu_s": cpu_s,
        "reference_unassigned": reference.unassigned,
    });
    line.print(&mut io::stdout().lock(), Some(&more))?;
    io::stdout().flush()?;
    table.add(
        &reference.class,
        crate::table::Run {
            instance: line.name.clone(),
            gap: line.gap()?,
            left_out: verdict.score.unserved_jobs,
            expected: reference.unassigned,
            wall_s,
            cpu_s,
        },
    );
    Ok(line.is_complete())
}

/// The files of a folder and its subfolders for which a reference is known there.
fn instances(dir: &Path) -> anyhow::Result<Vec<(PathBuf, Reference)>> {
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
