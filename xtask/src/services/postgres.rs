//! PostgreSQL with its default durability, in a new cluster. Tests make a schema each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Service;
use super::account::Account;
use super::server::Server;
use crate::programs;

pub(crate) const POSTGRES: Service =
    Service { variable: "LOGISTICS_POSTGRES_URL", needs: &[programs::POSTGRES], start };

/// Makes a cluster and becomes its server. Arguments: the folder of the programs, the port.
///
/// Only the making is not synced, a crash in it leaves nothing to keep. The locale is the same
/// on every machine. Many connections, for each test is a process with a pool.
const RUN: &str = r#"
"$1/initdb" --pgdata=data --username=logistics --auth=trust --encoding=UTF8 --no-locale --no-sync &&
exec "$1/postgres" -D data -c listen_addresses=127.0.0.1 -c port="$2" \
    -c unix_socket_directories= -c max_connections=300
"#;

/// PostgreSQL's fast shutdown: it does not wait for its clients to leave.
const STOP: &str = "INT";

/// To make a cluster takes a second or two; a busy machine with a slow disk takes longer.
const START_MAX: Duration = Duration::from_secs(120);

fn start() -> Result<(Option<Server>, String)> {
    let programs = programs_folder()?;
    let port = super::free_port()?;
    let account = Account::unprivileged()?;
    let command = command(account.as_ref(), &programs, port);
    let mut server = Server::start("postgres", account.as_ref(), STOP, &command)?;
    server.wait_until(START_MAX, || is_ready(&programs, port))?;
    Ok((Some(server), format!("postgres://logistics@127.0.0.1:{port}/postgres")))
}

/// Where the programs of one version lie together; on `PATH` there may be links to some.
fn programs_folder() -> Result<PathBuf> {
    let server = programs::POSTGRES.find()?;
    let server = server.canonicalize().with_context(|| server.display().to_string())?;
    Ok(server.parent().unwrap_or(Path::new("/")).to_owned())
}

fn command(account: Option<&Account>, programs: &Path, port: u16) -> Command {
    let mut command = account.map_or_else(|| Command::new("sh"), |account| account.command("sh"));
    command.args(["-c", RUN, "postgres"]).arg(programs).arg(port.to_string());
    command
}

fn is_ready(programs: &Path, port: u16) -> bool {
    let mut asks = Command::new(programs.join("pg_isready"));
    asks.args(["--quiet", "--host=127.0.0.1", "--username=logistics", "--dbname=postgres"]);
    asks.arg(format!("--port={port}")).stdin(Stdio::null());
    asks.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;
    use crate::process;

    fn words(command: &Command) -> Vec<String> {
        let all = std::iter::once(command.get_program()).chain(command.get_args());
        all.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn root_starts_it_as_another() {
        let programs = Path::new("/pg/bin");
        let own = ["sh", "-c", RUN, "postgres", "/pg/bin", "5433"];
        assert_eq!(words(&command(None, programs, 5433)), own);
        if let Some(account) = Account::unprivileged().unwrap() {
            let words = words(&command(Some(&account), programs, 5433));
            assert_eq!((words[0].as_str(), &words[5..]), ("setpriv", &own.map(String::from)[..]));
        }
    }

    #[test]
    fn it_answers_keeps_its_durability_and_is_gone_afterwards() {
        let (server, url) = start().unwrap();
        let programs = programs_folder().unwrap();
        let asked = "select string_agg(current_setting(name), ' ') from unnest(array['fsync', \
                     'full_page_writes', 'synchronous_commit', 'max_connections']) name";
        let mut psql = Command::new(programs.join("psql"));
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", asked, &url]);
        assert_eq!(process::output(&mut psql).unwrap().trim(), "on on on 300");
        drop(server);
        let port = url.trim_end_matches("/postgres").rsplit(':').next().unwrap();
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().unwrap())).is_err());
    }

    #[test]
    fn a_port_that_is_taken_is_a_failure_with_the_servers_words() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let account = Account::unprivileged().unwrap();
        let command = command(account.as_ref(), &programs_folder().unwrap(), port);
        let mut server = Server::start("postgres", account.as_ref(), STOP, &command).unwrap();
        let error = server.wait_until(START_MAX, || false).unwrap_err().to_string();
        assert!(error.starts_with("postgres did not start: exit status: 1\n"), "{error}");
        assert!(error.contains("Address already in use"), "{error}");
    }
}
