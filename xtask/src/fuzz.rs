//! The fuzz part of the tests: on stable the corpora are replayed; where a nightly toolchain is
//! installed, libFuzzer then looks around each corpus for a moment. `fuzz/` is a workspace of its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{self, cargo};
use crate::programs::{self, CXX};

/// What `cargo fuzz` gives rustc for a build without a sanitizer, which safe code has no use for.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "--cfg=fuzzing",
];

/// The same inputs on every machine, unless it is too slow for them.
const LIBFUZZER: [&str; 4] = ["-seed=1", "-runs=100000", "-max_total_time=15", "-timeout=10"];

/// Of what libFuzzer wrote, what an error shows.
const OUTPUT_LINES: usize = 20;

/// Replays all, or what the arguments name, and lets libFuzzer look further.
pub(crate) fn run(root: &Path, extra: &[String]) -> Result<()> {
    let target = target_folder(root, env::var_os("CARGO_TARGET_DIR").map(PathBuf::from));
    replay(root, &target, extra)?;
    match nightly_host() {
        Some(host) => smoke(root, &target.join("fuzz"), &host, extra),
        None => {
            println!("no nightly toolchain: the corpora were replayed, libFuzzer did not run");
            Ok(())
        }
    }
}

/// The root's target folder, so that dependencies need not be built twice where versions and
/// features agree.
fn target_folder(root: &Path, set: Option<PathBuf>) -> PathBuf {
    root.join(set.unwrap_or_else(|| "target".into()))
}

fn replay(root: &Path, target: &Path, extra: &[String]) -> Result<()> {
    let mut command = cargo(root);
    command.args(["test", "--manifest-path", "fuzz/Cargo.toml", "--tests", "--locked", "--"]);
    process::run(command.args(extra).env("CARGO_TARGET_DIR", target))
}

/// The machine for which an installed nightly builds.
fn nightly_host() -> Option<String> {
    let version = process::output(Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]));
    host_in(&version.ok()?)
}

fn host_in(version: &str) -> Option<String> {
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// Builds every program and runs those that the arguments name, on copies of their corpora.
fn smoke(root: &Path, target: &Path, host: &str, extra: &[String]) -> Result<()> {
    programs::install_missing(&[&CXX])?;
    CXX.find()?;
    process::run(&mut build(root, target, host))?;
    let built = target.join(host).join("release");
    for name in selected(&program_names(root)?, extra) {
        let corpus = target.join("corpus").join(name);
        copy_afresh(&root.join("fuzz/corpus").join(name), &corpus)?;
        look(name, &built.join(name), &corpus)?;
    }
    Ok(())
}

/// For a named host, so that the flags are not for build scripts and procedural macros.
fn build(root: &Path, target: &Path, host: &str) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(root).args(["run", "nightly", "cargo", "build", "--release", "--locked"]);
    command.args(["--manifest-path", "fuzz/Cargo.toml", "--features", "fuzzing", "--bins"]);
    command.args(["--target", host]).env("CARGO_TARGET_DIR", target);
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"));
    command
}

fn program_names(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    ensure!(!names.is_empty(), "{}: no files", folder.display());
    Ok(names)
}

/// As the test runner reads its arguments: options, and parts of names.
fn selected<'a>(names: &'a [String], extra: &[String]) -> Vec<&'a str> {
    let parts: Vec<&String> = extra.iter().filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &&str| parts.is_empty() || parts.iter().any(|part| name.contains(*part));
    names.iter().map(String::as_str).filter(wanted).collect()
}

/// libFuzzer adds to the corpus that it is given.
fn copy_afresh(from: &Path, to: &Path) -> Result<()> {
    let copy = || {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        std::io::Result::Ok(())
    };
    copy().with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// An input that fails is kept beside the copy of the corpus, and its path printed.
fn look(name: &str, program: &Path, corpus: &Path) -> Result<()> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(LIBFUZZER).arg(format!("-artifact_prefix={}-", corpus.display())).arg(corpus);
    // A panic's message stands before its backtrace, and both before libFuzzer's last words.
    command.env("RUST_BACKTRACE", "0");
    let output = command.output().with_context(|| program.display().to_string())?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let end = process::last_lines(&text, OUTPUT_LINES);
        bail!("libFuzzer on {name}: {}\n{end}", output.status);
    }
    let runs =
        runs_in(&text).with_context(|| format!("libFuzzer on {name} did not say its runs"))?;
    println!("libFuzzer on {name:<16} {runs:>6} runs {:>6.1}s", start.elapsed().as_secs_f64());
    Ok(())
}

/// From its last line, `Done 100000 runs in 3 second(s)`.
fn runs_in(text: &str) -> Option<u64> {
    text.lines().rev().find_map(|line| line.strip_prefix("Done ")?.split(' ').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("xtask-fuzz-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn the_flags_are_for_our_code_alone() {
        let command = build(Path::new("/r"), Path::new("/r/target/fuzz"), "x86_64-some-host");
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        assert_eq!(args[..4], ["run", "nightly", "cargo", "build"]);
        assert!(args.ends_with(&["--target".into(), "x86_64-some-host".into()]), "{args:?}");
        let set = command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?)));
        let set: Vec<_> = set.map(|(name, value)| (name, value.to_str().unwrap())).collect();
        assert!(set.contains(&("CARGO_TARGET_DIR", "/r/target/fuzz")), "{set:?}");
        let flags = set.iter().find(|(name, _)| *name == "CARGO_ENCODED_RUSTFLAGS").unwrap().1;
        assert_eq!(flags.split('\x1f').collect::<Vec<_>>(), FLAGS);
    }

    #[test]
    fn one_target_folder_is_used_wherever_it_is() {
        let root = Path::new("/r");
        assert_eq!(target_folder(root, None), Path::new("/r/target"));
        assert_eq!(target_folder(root, Some("/elsewhere".into())), Path::new("/elsewhere"));
    }

    #[test]
    fn the_host_is_read_from_the_version() {
        let version = "rustc 1.97.0-nightly\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\n";
        assert_eq!(host_in(version).as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(host_in("rustc 1.97.0-nightly"), None);
    }

    #[test]
    fn arguments_choose_programs_as_they_choose_tests() {
        let names = program_names(crate::root()).unwrap();
        let chosen = |extra: &[&str]| {
            let extra: Vec<String> = extra.iter().map(ToString::to_string).collect();
            selected(&names, &extra).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&["--nocapture"]), names);
        assert_eq!(chosen(&["vr", "solo"]), ["solomon", "vroom", "vrplib"]);
        assert_eq!(chosen(&["nothing"]), Vec::<String>::new());
    }

    #[test]
    fn a_corpus_is_copied_without_what_was_found_before() {
        let folder = folder("corpus");
        let (from, to) = (folder.join("from"), folder.join("to"));
        for (path, text) in [(from.join("seed"), "s"), (to.join("found"), "f")] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        copy_afresh(&from, &to).unwrap();
        let files: Vec<_> = fs::read_dir(&to).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(files, ["seed"]);
        assert!(copy_afresh(&folder.join("none"), &to).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_program_that_fails_or_does_nothing_is_an_error() {
        let error = |program: &str| {
            let name = Path::new(program);
            look("x", name, Path::new("/none")).map_err(|error| error.to_string())
        };
        assert_eq!(error("true"), Err("libFuzzer on x did not say its runs".into()));
        let failed = error("false").unwrap_err();
        assert!(failed.starts_with("libFuzzer on x: exit status: 1"), "{failed}");
    }

    #[test]
    fn the_number_of_runs_is_on_the_last_line() {
        let text = "INFO: x\nDone 5 of it\nDone 100000 runs in 3 second(s)\n";
        assert_eq!(runs_in(text), Some(100_000));
        assert_eq!(runs_in("INFO: x\n"), None);
    }
}
