//! The MQTT client paho-mqtt, from PyPI: no server, but files that tests find the same way.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::Service;
use super::server::Server;
use crate::process;
use crate::programs::{PIP, PYTHON};

/// The folder that Python must look for modules in.
pub(crate) const PAHO: Service =
    Service { variable: "LOGISTICS_PAHO_PATH", needs: &[PYTHON, PIP], start };

const NAME: &str = "paho-mqtt-2.2.0";
/// The version, with the hash of the one file that is taken.
const REQUIREMENT: &str = "paho-mqtt==2.2.0 \
    --hash=sha256:3243630f7c2b05f71d1de8c6f59865eb04d3a59ae8c866e92377faed6753db4d\n";

/// Beside this program, so that it is downloaded once and goes with the target folder.
fn start() -> Result<(Option<Server>, String)> {
    let own = env::current_exe().context("own path")?;
    let folder = own.with_file_name("python").join(NAME);
    if !folder.is_dir() {
        install(&folder)?;
    }
    Ok((None, folder.display().to_string()))
}

/// Fills a folder beside and renames it, so that one half filled is never used.
fn install(folder: &Path) -> Result<()> {
    let beside = folder.with_file_name(format!("{NAME}-new-{}", std::process::id()));
    fs::create_dir_all(&beside).with_context(|| beside.display().to_string())?;
    let requirements = beside.join("requirements.txt");
    fs::write(&requirements, REQUIREMENT).with_context(|| requirements.display().to_string())?;
    // In silence: `services` prints what a shell reads.
    process::finish(&mut pip_install(&PIP.find()?, &requirements, &beside))?;
    match fs::rename(&beside, folder) {
        // Another process was faster, with the same files.
        Err(_) if folder.is_dir() => fs::remove_dir_all(&beside),
        renamed => renamed,
    }
    .with_context(|| folder.display().to_string())
}

/// The one wheel, nothing it depends on, and no code of the package run.
fn pip_install(pip: &Path, requirements: &Path, folder: &Path) -> Command {
    let mut command = Command::new(pip);
    command.args(["install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
    command.args(["--no-deps", "--only-binary=:all:", "--root-user-action=ignore"]);
    command.arg("--target").arg(folder).arg("--requirement").arg(requirements);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirement_is_the_version_that_the_folder_is_named_after() {
        let (requirement, hash) = REQUIREMENT.split_once(' ').unwrap();
        assert_eq!(requirement.replace("==", "-"), NAME);
        let digits = hash.trim().strip_prefix("--hash=sha256:").unwrap();
        assert!(digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn pip_takes_nothing_but_the_file_with_that_hash() {
        let command = pip_install(Path::new("pip3"), Path::new("r.txt"), Path::new("here"));
        let words: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        for word in ["--require-hashes", "--no-deps", "--only-binary=:all:"] {
            assert!(words.contains(&word.into()), "{words:?}");
        }
        assert!(words.join(" ").ends_with("--target here --requirement r.txt"), "{words:?}");
    }
}
