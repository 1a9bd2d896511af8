//! A PostgreSQL server of a test's own, which it may stop as it likes and whose files it may read.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// To make a cluster takes a second or two; a busy machine with a slow disk takes longer.
const START_MAX: Duration = Duration::from_secs(120);

pub(crate) struct Cluster {
    dir: TempDir,
    port: u16,
    account: Option<Account>,
    server: Option<Child>,
}

/// Whom the server runs as where we are root, which it refuses to be.
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    fn unprivileged() -> Option<Self> {
        let id = |args: &[&str]| {
            let output = Command::new("id").args(args).output().expect("`id` runs");
            String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().ok()
        };
        if id(&["-u"]) != Some(0) {
            return None;
        }
        let named = |name| Some(Self { uid: id(&["-u", name])?, gid: id(&["-g", name])? });
        Some(["postgres", "nobody"].into_iter().find_map(named).expect("an account of no rights"))
    }
}

impl Cluster {
    /// Makes a cluster and runs its server.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let account = Account::unprivileged();
        if let Some(account) = &account {
            chown(dir.path(), Some(account.uid), Some(account.gid)).unwrap();
        }
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut cluster = Self { dir, port, account, server: None };
        let mut make = cluster.command("initdb");
        make.args(["--username=logistics", "--auth=trust", "--encoding=UTF8", "--no-locale"]);
        let made = make.args(["--no-sync", "--pgdata"]).arg(cluster.data()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.run();
        cluster
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://logistics@127.0.0.1:{}/postgres", self.port)
    }

    /// Where the server keeps its files.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Runs the server and waits until it answers.
    pub(crate) fn run(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories="] {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::create(self.dir.path().join("log")).unwrap();
        let server = command.args(["-c", &format!("port={}", self.port)]).stderr(log).spawn();
        self.server = Some(server.unwrap());
        let begun = Instant::now();
        while !self.is_ready() {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap();
            assert!(ended.is_none() && begun.elapsed() < START_MAX, "no server: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_ready(&self) -> bool {
        let mut asks = self.command("pg_isready");
        asks.args(["--quiet", "--host=127.0.0.1", "--username=logistics", "--dbname=postgres"]);
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
            && asks.arg(format!("--port={}", self.port)).status().unwrap().success()
    }

    /// Stops the server without letting it finish anything; it recovers from its log when it runs
    /// again.
    pub(crate) fn stop_at_once(&mut self) {
        self.stop("QUIT");
    }

    fn stop(&mut self, signal: &str) {
        let Some(mut server) = self.server.take() else { return };
        let pid = server.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        server.wait().unwrap();
    }

    /// A program of PostgreSQL, which ends with this process.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=KILL");
        if let Some(Account { uid, gid }) = &self.account {
            command.args([format!("--reuid={uid}"), format!("--regid={gid}")]);
            command.arg("--clear-groups");
        }
        command.arg("--").arg(programs().join(program)).stdin(Stdio::null()).stdout(Stdio::null());
        command.current_dir(self.dir.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop("INT");
    }
}

/// Where the programs of one version lie together; on `PATH` there may be links to some.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("postgres"));
    let server = found.find(|program| program.is_file()).unwrap_or_else(|| {
        panic!("postgres is not on PATH: run the tests with `cargo xtask test unit`")
    });
    server.canonicalize().unwrap().parent().unwrap_or(Path::new("/")).to_owned()
}
