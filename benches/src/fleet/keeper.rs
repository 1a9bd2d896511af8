//! Ends the server when this program ends, however that comes about: by a signal, too.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// Arguments: the server's process, its folder. The input ends when we do, for the kernel closes it.
const KEEP: &str = r#"read -r _; kill -s KILL "$1"; sleep 1; rm -rf -- "$2""#;

/// A shell that waits for our end beside the server.
pub(crate) struct Keeper(Child);

impl Keeper {
    /// Watches over a server that has its data in this folder.
    pub(crate) fn of(server: &Child, folder: &Path) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEP, "keeper", &server.id().to_string()]).arg(folder);
        // Nothing of ours may wait for it, and Ctrl-C is not for it.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        shell.spawn().map(Self).context("cannot start sh, which stops the server")
    }

    /// Nothing is left to do.
    pub(crate) fn dismiss(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
