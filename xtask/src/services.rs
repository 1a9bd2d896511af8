//! Real servers for the tests, as children of this process: none outlives it, none is a daemon.
//! `cargo xtask services` runs them without the tests.

mod account;
mod paho;
mod postgres;
mod server;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::programs::{self, Program};
pub(crate) use paho::PAHO;
pub(crate) use postgres::POSTGRES;
use server::Server;

/// What `cargo xtask services` starts: everything that any part of the tests needs.
const ALL: [&Service; 2] = [&POSTGRES, &PAHO];

/// One server: how tests find it, what it takes, how it starts.
pub(crate) struct Service {
    /// The environment variable with its address.
    variable: &'static str,
    pub(crate) needs: &'static [Program],
    /// Gives the server once it answers, and its address; no server where files are all.
    start: fn() -> Result<(Option<Server>, String)>,
}

/// Servers that answer, each with its variable and address; dropping it stops them.
pub(crate) struct Running(Vec<(Option<Server>, &'static str, String)>);

impl Running {
    /// The environment in which tests find the servers.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(_, name, address)| (*name, address.as_str()))
    }
}

/// Starts all, or none.
pub(crate) fn start(services: &[&Service]) -> Result<Running> {
    let start = |service: &&Service| {
        let (server, address) = (service.start)()?;
        Ok((server, service.variable, address))
    };
    services.iter().map(start).collect::<Result<_>>().map(Running)
}

/// Runs the command after `--` with all servers, or keeps them until stdin ends.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let command = match args {
        [] => None,
        [dashes, program, rest @ ..] if dashes == "--" => Some((program, rest)),
        _ => bail!("services takes nothing, or -- and a command"),
    };
    let needed: Vec<&Program> = ALL.iter().flat_map(|service| service.needs).collect();
    programs::install_missing(&needed)?;
    let running = start(&ALL)?;
    if let Some((program, rest)) = command {
        return process::finish(Command::new(program).args(rest).envs(running.variables()));
    }
    let mut out = io::stdout().lock();
    for (name, value) in running.variables() {
        writeln!(out, "export {name}={value}").context("stdout")?;
    }
    eprintln!("Ctrl-C stops the servers");
    // It ends this process at once; their keepers see that.
    io::copy(&mut io::stdin(), &mut io::sink()).context("stdin")?;
    Ok(())
}

/// A port of 127.0.0.1 that nobody listened on a moment ago.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_needs_its_dashes() {
        for wrong in [&["psql"][..], &["--"], &["postgres", "--", "psql"]] {
            let args: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            assert!(run(&args).is_err(), "{wrong:?}");
        }
    }

    fn sleeper() -> Result<(Option<Server>, String)> {
        let server = Server::start("sleeper", None, "TERM", Command::new("sleep").arg("600"))?;
        Ok((Some(server), "here".into()))
    }

    fn sleepers() -> usize {
        let own = format!("logistics-sleeper-{}-", std::process::id());
        let folders = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        folders.filter(|entry| entry.file_name().to_string_lossy().starts_with(&own)).count()
    }

    #[test]
    fn all_servers_run_or_none() {
        let good = Service { variable: "GOOD", needs: &[], start: sleeper };
        let bad = Service { variable: "BAD", needs: &[], start: || bail!("no") };
        let running = start(&[&good, &good]).unwrap();
        assert_eq!(running.variables().collect::<Vec<_>>(), [("GOOD", "here"); 2]);
        assert_eq!(sleepers(), 2);
        drop(running);
        assert_eq!(sleepers(), 0);
        assert_eq!(start(&[&good, &bad]).map(drop).unwrap_err().to_string(), "no");
        assert_eq!(sleepers(), 0);
    }

    #[test]
    fn a_free_port_can_be_listened_on() {
        TcpListener::bind((Ipv4Addr::LOCALHOST, free_port().unwrap())).unwrap();
    }
}
