//! The server under load: started on a temporary folder, or joined.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::api::Api;
use crate::args::Args;
use crate::keeper::Keeper;

/// A server and how to reach it.
pub(crate) struct Server {
    pub(crate) api: Api,
    pub(crate) mqtt: SocketAddr,
    program: PathBuf,
    data: PathBuf,
    pid: Option<u32>,
    /// Ours to stop, and the folder to remove.
    own: Option<(Child, Keeper, TempDir)>,
}

impl Server {
    pub(crate) fn start_or_join(args: &Args) -> Result<Self> {
        let program = match &args.server {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("logistics-server"),
        };
        match (args.mqtt, args.http) {
            (Some(mqtt), Some(http)) => {
                let (api, data) = (Api::new(http), args.data.clone());
                Ok(Self { api, mqtt, program, data, pid: args.pid, own: None })
            }
            _ => Self::start(program, args.plain),
        }
    }

    fn start(program: PathBuf, plain: bool) -> Result<Self> {
        ensure!(
            program.is_file(),
            "no {}: build it (cargo build --release -p logistics-server), or give --server PATH",
            program.display()
        );
        let folder = TempDir::new().context("no temporary folder")?;
        let mqtt = if plain { "--mqtt" } else { "--mqtts" };
        let mut child = Command::new(&program)
            .args(["serve", "--http", "127.0.0.1:0", mqtt, "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            // Ctrl-C is for us; its keeper stops it.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let keeper = Keeper::of(&child, folder.path()).or_else(|error| {
            child.kill()?;
            Err(error)
        })?;
        let addresses = announced(&mut child, &mqtt[2..]);
        let (pid, data) = (Some(child.id()), folder.path().to_owned());
        let own = Some((child, keeper, folder));
        // From here on the child ends with us, whatever fails.
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { api: Api::new(unknown), mqtt: unknown, program, data, pid, own };
        let (http, mqtt) = addresses?;
        (server.api, server.mqtt) = (Api::new(http), mqtt);
        Ok(server)
    }

    pub(crate) fn process(&self) -> Option<u32> {
        self.pid
    }

    /// What `logistics-server device enrol --json` prints for these partners.
    pub(crate) fn enrol(&self, partners: &[String]) -> Result<String> {
        let output = Command::new(&self.program)
            .args(["device", "enrol", "--json", "--data"])
            .arg(&self.data)
            .args(partners)
            .output()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        if !output.status.success() {
            bail!("enrolment fails: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((child, keeper, _)) = &mut self.own {
            // It may have ended already.
            let _ = child.kill();
            // Before it is waited for: until then no other process bears its number.
            keeper.dismiss();
            let _ = child.wait();
        }
    }
}

/// Where the server says that it listens, to HTTP and to devices.
fn announced(child: &mut Child, mqtt: &str) -> Result<(SocketAddr, SocketAddr)> {
    let output = child.stdout.take().context("no output of the server")?;
    let mut lines = BufReader::new(output).lines();
    let (mut http, mut devices) = (None, None);
    loop {
        if let (Some(http), Some(devices)) = (http, devices) {
            // A pipe that nobody reads would be closed under it.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok((http, devices));
        }
        let line = lines.next().context("the server ended before it listened")??;
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["dashboard", url] => {
                http = Some(url.trim_start_matches("http://").trim_end_matches('/').parse()?);
            }
            [name, address] if name == mqtt => devices = Some(address.parse()?),
            _ => {}
        }
    }
}

/// Text of a file that the enrolment has written.
pub(crate) fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(Path::new(path)).with_context(|| format!("cannot read {path}"))
}
