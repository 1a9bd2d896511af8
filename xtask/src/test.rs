//! `cargo xtask test`: finds, installs or starts what the tests need, runs every part even
//! when an earlier one failed, and ends with one line per part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};

use crate::fuzz;
use crate::process::{self, cargo};
use crate::programs::{
    self, CHROMIUM, MOSQUITTO, MOSQUITTO_PUB, MOSQUITTO_SUB, NODE, NPM, Program,
};
use crate::services::{self, PAHO, POSTGRES, Running, Service};

/// A named share of the tests, with the programs it calls and the servers it talks to.
struct Part {
    name: &'static str,
    needs: &'static [Program],
    services: &'static [&'static Service],
    run: fn(&Path, &[String], &Running) -> Result<()>,
}

const PARTS: [Part; 4] = [
    Part {
        name: "unit",
        needs: &[MOSQUITTO, MOSQUITTO_PUB, MOSQUITTO_SUB],
        services: &[&POSTGRES, &PAHO],
        run: unit,
    },
    Part { name: "doc", needs: &[], services: &[], run: doc },
    Part { name: "fuzz", needs: &[], services: &[], run: |root, extra, _| fuzz::run(root, extra) },
    Part { name: "browser", needs: &[CHROMIUM, NODE, NPM], services: &[], run: browser },
];

/// All targets with all features, as every part builds them: one set of artifacts.
const EVERYTHING: [&str; 3] = ["--workspace", "--all-features", "--locked"];

const DASHBOARD: &str = "examples/server/dashboard";

/// Names that `cargo xtask test` accepts.
pub(crate) fn part_names() -> impl Iterator<Item = &'static str> {
    PARTS.iter().map(|part| part.name)
}

/// Runs the parts named in `args`, or all.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<()> {
    let (parts, extra) = select(args)?;
    let needed: Vec<&Program> = parts.iter().flat_map(|part| part.programs()).collect();
    if let Err(error) = programs::install_missing(&needed) {
        // Not the end: parts that need nothing more still run, the others say what they lack.
        eprintln!("error: {error:#}");
    }
    let mut lines = Vec::new();
    let mut failed = 0;
    for part in parts {
        println!("\n== test {}", part.name);
        let start = Instant::now();
        let outcome = part.run(root, extra);
        if let Err(error) = &outcome {
            eprintln!("error: {error:#}");
            failed += 1;
        }
        lines.push(summary_line(part.name, start.elapsed(), &outcome));
    }
    println!("\n== test summary\n{}", lines.join("\n"));
    ensure!(failed == 0, "{failed} of {} parts failed", lines.len());
    Ok(())
}

impl Part {
    fn programs(&self) -> impl Iterator<Item = &Program> {
        self.needs.iter().chain(self.services.iter().flat_map(|service| service.needs))
    }

    /// Servers run for as long as the part does.
    fn run(&self, root: &Path, extra: &[String]) -> Result<()> {
        self.programs().try_for_each(|program| program.find().map(drop))?;
        let servers = services::start(self.services)?;
        for (name, address) in servers.variables() {
            println!("{name}={address}");
        }
        (self.run)(root, extra, &servers)
    }
}

/// The parts to run and what follows `--`.
fn select(args: &[String]) -> Result<(Vec<&'static Part>, &[String])> {
    let split = args.iter().position(|arg| arg == "--");
    let (names, extra) = match split {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    for name in names {
        if !part_names().any(|part| part == name) {
            let known: Vec<&str> = part_names().collect();
            bail!("no part of the tests is called {name:?}; parts: {}", known.join(" "));
        }
    }
    let wanted = |part: &&Part| names.is_empty() || names.iter().any(|name| name == part.name);
    let parts: Vec<&Part> = PARTS.iter().filter(wanted).collect();
    ensure!(extra.is_empty() || parts.len() == 1, "arguments after -- need one part named");
    Ok((parts, extra))
}

fn summary_line(name: &str, elapsed: Duration, outcome: &Result<()>) -> String {
    let time = format!("{:.1}s", elapsed.as_secs_f64());
    match outcome {
        Ok(()) => format!("{name:<8} ok     {time:>8}"),
        Err(error) => {
            let why = format!("{error:#}");
            format!("{name:<8} FAILED {time:>8}  {}", why.lines().next().unwrap_or_default())
        }
    }
}

/// Unit, property and integration tests, among them the end-to-end tests that start the
/// built server.
fn unit(root: &Path, extra: &[String], servers: &Running) -> Result<()> {
    let has_nextest = process::output(cargo(root).args(["nextest", "--version"])).is_ok();
    let mut command = cargo(root);
    if has_nextest {
        command.args(["nextest", "run"]).args(EVERYTHING).args(extra);
    } else {
        command.args(["test", "--tests", "--no-fail-fast"]).args(EVERYTHING).arg("--").args(extra);
    }
    process::run(command.envs(servers.variables()))
}

/// The examples in the documentation.
fn doc(root: &Path, extra: &[String], _: &Running) -> Result<()> {
    let mut command = cargo(root);
    process::run(command.args(["test", "--doc"]).args(EVERYTHING).arg("--").args(extra))
}

/// The dashboard of a running server in a real browser.
fn browser(root: &Path, extra: &[String], _: &Running) -> Result<()> {
    programs::check_node_version()?;
    let dashboard = root.join(DASHBOARD);
    let manifest = dashboard.join("package.json");
    let text =
        fs::read_to_string(&manifest).with_context(|| format!("{DASHBOARD}/package.json"))?;
    ensure!(text.contains("\"test:browser\""), "{DASHBOARD}/package.json: no script test:browser");
    if stale(&dashboard.join("package-lock.json"), &dashboard.join("node_modules")) {
        let mut npm = Command::new(NPM.find()?);
        process::run(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&dashboard))?;
    }
    // `--tests` resolves features as the unit part does, so that nothing is built twice.
    let mut build = cargo(root);
    process::run(build.args(["build", "--tests", "--bin", "logistics-server"]).args(EVERYTHING))?;
    let mut npm = Command::new(NPM.find()?);
    npm.args(["run", "test:browser", "--"]).args(extra).current_dir(&dashboard);
    npm.env("LOGISTICS_SERVER_BIN", built("logistics-server")?).env("CHROMIUM", CHROMIUM.find()?);
    process::run(&mut npm)
}

/// A program that cargo built beside this one: same target folder, same profile.
fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("own path")?;
    Ok(own.with_file_name(name))
}

/// Whether the folder that npm filled is missing or older than the lock file.
fn stale(lock: &Path, modules: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let filled: Option<SystemTime> = changed(&modules.join(".package-lock.json"));
    filled.is_none() || filled < changed(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(args: &[&str]) -> Result<(Vec<&'static str>, Vec<String>)> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        let (parts, extra) = select(&args)?;
        Ok((parts.iter().map(|part| part.name).collect(), extra.to_vec()))
    }

    #[test]
    fn all_parts_run_unless_some_are_named() {
        assert_eq!(selected(&[]).unwrap().0, part_names().collect::<Vec<_>>());
        assert_eq!(selected(&["doc", "unit"]).unwrap().0, ["unit", "doc"]);
        assert_eq!(selected(&["unit", "--", "a", "b"]).unwrap().1, ["a", "b"]);
    }

    #[test]
    fn unknown_parts_and_stray_arguments_are_refused() {
        let error = selected(&["unti"]).unwrap_err().to_string();
        assert!(error.contains("\"unti\"") && error.contains("unit doc"), "{error}");
        assert!(selected(&["--", "filter"]).is_err());
    }

    #[test]
    fn a_failed_part_shows_in_its_summary_line() {
        let error = anyhow::anyhow!("why\nlong story");
        let line = summary_line("doc", Duration::from_millis(1250), &Err(error));
        assert_eq!(line, "doc      FAILED     1.2s  why");
        assert_eq!(summary_line("doc", Duration::ZERO, &Ok(())), "doc      ok         0.0s");
    }

    #[test]
    fn node_modules_older_than_the_lock_file_are_stale() {
        let folder = std::env::temp_dir().join(format!("xtask-stale-{}", std::process::id()));
        let (lock, modules) = (folder.join("package-lock.json"), folder.join("node_modules"));
        fs::create_dir_all(&modules).unwrap();
        let touch = |path: &Path, age_s| {
            let file = fs::File::create(path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age_s)).unwrap();
        };
        touch(&lock, 60);
        assert!(stale(&lock, &modules), "never filled");
        touch(&modules.join(".package-lock.json"), 30);
        assert!(!stale(&lock, &modules), "filled after the lock file changed");
        touch(&lock, 0);
        assert!(stale(&lock, &modules), "the lock file changed since");
        fs::remove_dir_all(&folder).unwrap();
    }
}
