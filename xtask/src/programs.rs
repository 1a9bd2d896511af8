//! Programs that tests call: found on `PATH`, or installed from Debian's packages
//! where this process may do that. A missing program is a failure, never a skip.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::process;

/// A program under any of its names, and the Debian packages that bring it.
#[derive(Debug, PartialEq)]
pub(crate) struct Program {
    names: &'static [&'static str],
    packages: &'static [&'static str],
    /// Where it lies if not on `PATH`: in `<versions>/15/bin`, for any number.
    versions: Option<&'static str>,
}

/// Each test that needs a broker starts its own.
pub(crate) const MOSQUITTO: Program = Program::new(&["mosquitto"], &["mosquitto"]);
pub(crate) const MOSQUITTO_PUB: Program = Program::new(&["mosquitto_pub"], &["mosquitto-clients"]);
pub(crate) const MOSQUITTO_SUB: Program = Program::new(&["mosquitto_sub"], &["mosquitto-clients"]);
pub(crate) const POSTGRES: Program = Program {
    versions: Some("/usr/lib/postgresql"),
    ..Program::new(&["postgres"], &["postgresql"])
};
pub(crate) const CHROMIUM: Program =
    Program::new(&["chromium", "chromium-browser", "google-chrome"], &["chromium"]);
/// Together they bring what tests need from PyPI.
pub(crate) const PYTHON: Program = Program::new(&["python3"], &["python3"]);
pub(crate) const PIP: Program = Program::new(&["pip3"], &["python3-pip"]);
pub(crate) const CXX: Program = Program::new(&["c++"], &["g++"]);
pub(crate) const NODE: Program = Program::new(&["node"], &["nodejs"]);
pub(crate) const NPM: Program = Program::new(&["npm"], &["nodejs", "npm"]);

/// Oldest Node.js the dashboard's tools run on.
const NODE_MAJOR_MIN: u32 = 20;

impl Program {
    const fn new(names: &'static [&'static str], packages: &'static [&'static str]) -> Self {
        Self { names, packages, versions: None }
    }

    /// Where it is, or what to type to have it.
    pub(crate) fn find(&self) -> Result<PathBuf> {
        self.find_in(&env::var_os("PATH").unwrap_or_default()).ok_or_else(|| {
            anyhow!("{} is not installed; run: {}", self.names[0], install_line(self.packages))
        })
    }

    fn find_in(&self, path: &OsStr) -> Option<PathBuf> {
        let versions = self.versions.map(|folder| newest_first(Path::new(folder)));
        let folders: Vec<PathBuf> = env::split_paths(path)
            // Servers of Debian's lie there, and only root's `PATH` leads there.
            .chain([PathBuf::from("/usr/sbin")])
            .chain(versions.into_iter().flatten())
            .collect();
        let mut candidates =
            self.names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
        candidates.find(|candidate| candidate.is_file())
    }
}

/// The `bin` folders of the versions in a folder that has one subfolder for each.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut versions: Vec<u32> =
        fs::read_dir(folder).into_iter().flatten().flatten().filter_map(number).collect();
    versions.sort_unstable();
    versions.iter().rev().map(|version| folder.join(version.to_string()).join("bin")).collect()
}

/// Installs what is missing, all at once, if apt-get is here and we may use it.
/// Otherwise does nothing: each part then reports what it lacks.
pub(crate) fn install_missing(needed: &[&Program]) -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    for program in needed.iter().filter(|program| program.find().is_err()) {
        packages.extend(program.packages);
    }
    packages.sort_unstable();
    packages.dedup();
    if packages.is_empty() || Command::new("apt-get").arg("--version").output().is_err() {
        return Ok(());
    }
    let Some(prefix) = become_root()? else { return Ok(()) };
    process::run(&mut apt_get(prefix, &["update"]))?;
    process::run(apt_get(prefix, &["install", "-y", "--no-install-recommends"]).args(&packages))
}

/// What to put before a command to run it as root without being asked for a password.
fn become_root() -> Result<Option<&'static [&'static str]>> {
    if is_root()? {
        return Ok(Some(&[]));
    }
    let asks_nothing = process::output(Command::new("sudo").args(["-n", "true"])).is_ok();
    Ok(asks_nothing.then_some(&["sudo", "-n"][..]))
}

/// Whether we may do everything, and some servers therefore refuse to start.
pub(crate) fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn apt_get(prefix: &[&str], args: &[&str]) -> Command {
    // `env` because sudo drops our environment.
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn install_line(packages: &[&str]) -> String {
    format!("sudo apt-get install -y --no-install-recommends {}", packages.join(" "))
}

/// Fails when the Node.js on `PATH` is too old for the dashboard's tools.
pub(crate) fn check_node_version() -> Result<()> {
    check_node_version_text(&process::output(Command::new(NODE.find()?).arg("--version"))?)
}

fn check_node_version_text(text: &str) -> Result<()> {
    let text = text.trim();
    let major = text.trim_start_matches('v').split('.').next().unwrap_or_default();
    let major: u32 = major.parse().with_context(|| format!("node --version says {text:?}"))?;
    if major < NODE_MAJOR_MIN {
        bail!("node is {text}; install {NODE_MAJOR_MIN} or newer from https://nodejs.org");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_program_under_its_second_name() {
        let shell = Program::new(&["no-such-program", "sh"], &[]);
        let found = shell.find().unwrap();
        assert!(found.ends_with("sh"), "{found:?}");
        assert_eq!(shell.find_in(OsStr::new("")), None);
    }

    #[test]
    fn the_newest_version_is_found_where_none_is_on_the_path() {
        let folder = env::temp_dir().join(format!("xtask-versions-{}", std::process::id()));
        for version in ["9", "15", "16", "common"] {
            fs::create_dir_all(folder.join(version).join("bin")).unwrap();
        }
        fs::write(folder.join("15/bin/server"), "").unwrap();
        fs::write(folder.join("9/bin/server"), "").unwrap();
        let versions = Some(&*folder.to_str().unwrap().to_owned().leak());
        let server = Program { versions, ..Program::new(&["server"], &[]) };
        assert_eq!(server.find_in(OsStr::new("")), Some(folder.join("15/bin/server")));
        let path = folder.join("9/bin");
        assert_eq!(server.find_in(path.as_os_str()), Some(path.join("server")));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_missing_program_says_what_to_type() {
        let missing = Program::new(&["no-such-program"], &["a", "b"]);
        assert_eq!(
            missing.find().unwrap_err().to_string(),
            "no-such-program is not installed; \
             run: sudo apt-get install -y --no-install-recommends a b"
        );
    }

    #[test]
    fn nothing_is_installed_when_nothing_is_missing() {
        // An unknown package would make apt-get fail, if it were asked.
        let shell = Program::new(&["sh"], &["no-such-package"]);
        install_missing(&[&shell]).unwrap();
    }

    #[test]
    fn apt_get_runs_unattended_with_and_without_sudo() {
        let words = |prefix: &[&str]| {
            let command = apt_get(prefix, &["update"]);
            let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
            let program = command.get_program().to_string_lossy().into_owned();
            std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(&[]), "env DEBIAN_FRONTEND=noninteractive apt-get update");
        assert_eq!(
            words(&["sudo", "-n"]),
            "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update"
        );
    }

    #[test]
    fn old_node_is_refused() {
        for good in ["v20.0.0\n", "v24.1.2", "v100.0.0"] {
            check_node_version_text(good).unwrap();
        }
        for bad in ["v18.19.0", "", "node"] {
            assert!(check_node_version_text(bad).is_err(), "{bad}");
        }
    }
}
