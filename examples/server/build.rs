//! Builds the dashboard with npm and leaves it in `$OUT_DIR/dashboard`, where `http/assets.rs`
//! embeds it from. Works on a copy: nothing is written into the sources.
//!
//! `LOGISTICS_DASHBOARD`: `require` makes a failed build of the dashboard fail the crate's build,
//! `skip` does not try. Without Node.js, or when npm fails, a plain page takes the dashboard's place.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: [&str; 4] = ["package.json", "package-lock.json", "build.mjs", "src"];
const PLAIN_PAGE: &str = include_str!("dashboard/src/plain.html");
/// A finished build holds this file, with the hash of the sources it was made from.
const STAMP: &str = ".sources";

fn main() -> Result<(), String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mode = std::env::var("LOGISTICS_DASHBOARD").unwrap_or_default();
    println!("cargo::rerun-if-env-changed=LOGISTICS_DASHBOARD");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=dashboard/{source}");
    }

    let target = out.join("dashboard");
    if mode == "skip" || std::env::var_os("DOCS_RS").is_some() {
        return plain_page(&target).map_err(|error| error.to_string());
    }
    let Err(why) = dashboard(&out, &target) else {
        return Ok(());
    };
    if mode == "require" {
        return Err(format!("the dashboard was not built: {why}"));
    }
    println!("cargo::warning=no dashboard, a plain page takes its place: {why}");
    plain_page(&target).map_err(|error| error.to_string())
}

/// Takes the build of these very sources if there is one, from here or from another profile.
fn dashboard(out: &Path, target: &Path) -> Result<(), String> {
    let sources = Path::new("dashboard");
    let hash = hash_of(sources).map_err(|error| error.to_string())?;
    if is_build_of(target, &hash) {
        return Ok(());
    }
    let shared = shared_folder(out).map(|folder| folder.join(&hash));
    if let Some(shared) = shared.as_deref().filter(|shared| is_build_of(shared, &hash)) {
        return replace(shared, target).map_err(|error| error.to_string());
    }
    let work = out.join("dashboard-work");
    npm_build(sources, &work)?;
    fs::write(work.join("dist").join(STAMP), &hash).map_err(|error| error.to_string())?;
    replace(&work.join("dist"), target).map_err(|error| error.to_string())?;
    if let Some(shared) = shared {
        // Another profile may be doing the same: a rename shows all of it or nothing. Losing the
        // race, or having no place to share, costs only time.
        let _ = fs::create_dir_all(shared.parent().unwrap_or(out))
            .and_then(|()| fs::rename(work.join("dist"), &shared));
    }
    // About 150 MB of packages; the next change of the sources fetches them from npm's cache.
    fs::remove_dir_all(&work).map_err(|error| error.to_string())
}

fn npm_build(sources: &Path, work: &Path) -> Result<(), String> {
    let copied = fresh(work).and_then(|()| {
        SOURCES.iter().try_for_each(|name| copy(&sources.join(name), &work.join(name)))
    });
    copied.map_err(|error| format!("copying its sources: {error}"))?;
    // esbuild's binary comes as a package of its own, so no package has to run a script.
    npm(
        work,
        &["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    )?;
    npm(work, &["run", "--silent", "build", "--", "--outdir=dist"])
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output =
        Command::new(program).args(arguments).current_dir(folder).output().map_err(|error| {
            match error.kind() {
                io::ErrorKind::NotFound => "Node.js with npm is not installed".to_owned(),
                _ => format!("npm: {error}"),
            }
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(6)..].join(" | ");
    let command = arguments.first().copied().unwrap_or_default();
    Err(format!("npm {command}: {last}"))
}

/// `target/logistics-dashboard`: cargo marks its target folder with this tag.
fn shared_folder(out: &Path) -> Option<PathBuf> {
    out.ancestors()
        .filter(|folder| folder.join("CACHEDIR.TAG").is_file())
        .last()
        .map(|folder| folder.join("logistics-dashboard"))
}

fn is_build_of(folder: &Path, hash: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|stamp| stamp == hash)
}

fn plain_page(target: &Path) -> io::Result<()> {
    fresh(target)?;
    for page in ["index.html", "track.html"] {
        fs::write(target.join(page), PLAIN_PAGE)?;
    }
    Ok(())
}

fn fresh(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

fn replace(from: &Path, to: &Path) -> io::Result<()> {
    fresh(to)?;
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Not against forgers: only to see that two trees are the same.
fn hash_of(sources: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for name in SOURCES {
        list(&sources.join(name), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.to_string_lossy().as_bytes());
        hasher.write(&fs::read(&file)?);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        list(&entry?.path(), files)?;
    }
    Ok(())
}
