//! The server as a child process in a temporary folder, killed when the test ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tempfile::TempDir;

use super::http::Http;
use super::mqtt::publish;
use super::{eventually, fix, now_ms};

/// Nothing is dispatched unless a test asks for it.
pub(crate) const NO_WINDOWS: [&str; 2] = ["--dispatch-at", "never"];

const PROGRAM: &str = env!("CARGO_BIN_EXE_logistics-server");

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) http_addr: SocketAddr,
    pub(crate) mqtt_addr: SocketAddr,
    /// TLS with certificates.
    pub(crate) mqtts_addr: SocketAddr,
    log: Log,
    data: TempDir,
}

/// The lines that the server has logged.
type Log = Arc<Mutex<Vec<String>>>;

/// Where a server says that it listens: HTTP, MQTT, MQTT over TLS.
type Addresses = [SocketAddr; 3];

impl Server {
    /// Starts an empty server.
    pub(crate) fn start() -> Self {
        Self::start_in(TempDir::new().expect("a temporary folder"))
    }

    fn start_in(data: TempDir) -> Self {
        let (child, log, [http_addr, mqtt_addr, mqtts_addr]) = launch(data.path(), &NO_WINDOWS);
        Self { child, http_addr, mqtt_addr, mqtts_addr, log, data }
    }

    /// Kills the process without warning (SIGKILL) and starts it again on the same data.
    pub(crate) fn kill_and_restart(self) -> Self {
        self.kill_and_restart_with(&NO_WINDOWS)
    }

    /// The same, with other arguments.
    pub(crate) fn kill_and_restart_with(mut self, arguments: &[&str]) -> Self {
        self.kill();
        let (child, log, addresses) = launch(self.data.path(), arguments);
        (self.child, self.log) = (child, log);
        [self.http_addr, self.mqtt_addr, self.mqtts_addr] = addresses;
        self
    }

    /// Kills the process without warning (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the server was running");
        self.child.wait().expect("the server has ended");
    }

    /// Partners say where they are, each at its longitude; when this returns, the server has seen it.
    pub(crate) fn locate(&self, partners: &[(&str, f64)], lat: f64) {
        for (partner, lon) in partners {
            let topic = format!("logistics/dp/{partner}/location");
            publish(self.mqtt_addr, "mqttv311", &topic, &fix(*lon, lat, now_ms()).to_string());
        }
        let http = self.http();
        for (partner, _) in partners {
            // Acknowledged is stored; it is seen a moment later.
            eventually("the position", || {
                let seen = http.get(&format!("/v1/partners/{partner}")).ok();
                seen["position"].is_object().then_some(())
            });
        }
    }

    /// Runs `logistics-server device …` on the server's data; what it prints, or complains of.
    pub(crate) fn device(&self, arguments: &[&str]) -> Result<String, String> {
        run(Command::new(PROGRAM).arg("device").args(arguments).arg("--data").arg(self.data.path()))
    }

    /// Runs `logistics-server dead-letters …` against the server.
    pub(crate) fn dead_letters(&self, arguments: &[&str]) -> Result<String, String> {
        let url = format!("http://{}", self.http_addr);
        run(Command::new(PROGRAM).arg("dead-letters").args(arguments).args(["--server", &url]))
    }

    /// Whether it has logged a line with all of these words.
    pub(crate) fn has_logged(&self, words: &[&str]) -> bool {
        let log = self.log.lock().expect("lock");
        log.iter().any(|line| words.iter().all(|word| line.contains(word)))
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn http(&self) -> Http {
        Http::new(self.http_addr)
    }
}

/// Runs the command to its end; what it prints, or complains of.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("it runs");
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    if output.status.success() { Ok(said(output.stdout)) } else { Err(said(output.stderr)) }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the process and reads from its output where it listens.
fn launch(data: &Path, arguments: &[&str]) -> (Child, Log, Addresses) {
    let any = "127.0.0.1:0";
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--http", any, "--mqtt", any, "--mqtts", any, "--data"])
        .arg(data)
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let log = follow(child.stderr.take().expect("piped"));
    let output = child.stdout.take().expect("piped");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut found: [Option<SocketAddr>; 3] = [None; 3];
    while found.contains(&None) {
        let line =
            receiver.recv_timeout(Duration::from_secs(60)).expect("the server announces itself");
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("dashboard"), Some(url)) => {
                let host = url.trim_start_matches("http://").trim_end_matches('/');
                found[0] = Some(host.parse().expect("an address"));
            }
            (Some("mqtt"), Some(address)) => found[1] = Some(address.parse().expect("an address")),
            (Some("mqtts"), Some(address)) => found[2] = Some(address.parse().expect("an address")),
            _ => {}
        }
    }
    (child, log, found.map(|address| address.expect("announced")))
}

/// Keeps the lines of a log, and passes them on to the test's own.
fn follow(output: ChildStderr) -> Log {
    let log = Log::default();
    let kept = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(std::io::stderr(), "{line}");
            kept.lock().expect("lock").push(line);
        }
    });
    log
}
