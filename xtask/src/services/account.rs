//! Whom a server runs as that refuses to be root.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{process, programs};

/// The first that exists is taken; Debian's package makes the first, Debian itself the other.
const NAMES: [&str; 2] = ["postgres", "nobody"];

/// An account without rights.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` where we have no rights to give up: the server runs as we do.
    pub(super) fn unprivileged() -> Result<Option<Self>> {
        if !programs::is_root()? {
            return Ok(None);
        }
        match NAMES.iter().find_map(|name| Self::named(name)) {
            Some(account) => Ok(Some(account)),
            None => bail!("no account to run a server as; make one of {NAMES:?}"),
        }
    }

    fn named(name: &str) -> Option<Self> {
        let number = |flag| process::output(Command::new("id").args([flag, name])).ok();
        Some(Self {
            uid: number("-u")?.trim().parse().ok()?,
            gid: number("-g")?.trim().parse().ok()?,
        })
    }

    /// Makes the folder theirs.
    pub(super) fn give(&self, folder: &Path) -> Result<()> {
        chown(folder, Some(self.uid), Some(self.gid)).with_context(|| folder.display().to_string())
    }

    /// A command that they run. It replaces `setpriv`, so that signals reach it.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={}", self.uid)).arg(format!("--regid={}", self.gid));
        command.args(["--clear-groups", "--"]).arg(program);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_known_by_name() {
        assert_eq!(Account::named("root"), Some(Account { uid: 0, gid: 0 }));
        assert_eq!(Account::named("no-such-account"), None);
    }

    #[test]
    fn root_gives_up_its_rights_and_nobody_else_does() {
        match Account::unprivileged().unwrap() {
            Some(account) => {
                assert!(programs::is_root().unwrap());
                let uid = process::output(account.command("id").arg("-u")).unwrap();
                assert_eq!(uid.trim(), account.uid.to_string());
                assert_ne!(account.uid, 0);
            }
            None => assert!(!programs::is_root().unwrap()),
        }
    }
}
