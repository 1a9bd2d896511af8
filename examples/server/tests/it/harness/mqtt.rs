//! Mosquitto's command line clients (Debian package `mosquitto-clients`) as devices.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

pub(super) fn client(program: &str, broker: SocketAddr) -> Command {
    let mut command = Command::new(program);
    let (host, port) = (broker.ip().to_string(), broker.port().to_string());
    command.args(["-h", &host, "-p", &port, "-q", "1"]);
    command
}

/// Publishes one message at QoS 1; returns when it is acknowledged.
#[track_caller]
pub(crate) fn publish(broker: SocketAddr, version: &str, topic: &str, message: &str) {
    if let Err(refused) = try_publish(broker, version, topic, message) {
        panic!("{topic}: {refused}");
    }
}

/// Publishes one message at QoS 1 to a server that may be dying.
pub(crate) fn try_publish(
    broker: SocketAddr,
    version: &str,
    topic: &str,
    message: &str,
) -> Result<(), String> {
    run(client("mosquitto_pub", broker).args(["-V", version, "-t", topic, "-m", message]))
}

/// Runs a client to its end; what it says when that is a bad one.
pub(super) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().expect("it runs (Debian: mosquitto-clients)");
    let said = String::from_utf8_lossy(&output.stderr);
    // A message that version 5 acknowledges with a reason is no failure to the client itself.
    if output.status.success() && !said.contains("failed") {
        Ok(())
    } else {
        Err(said.into_owned())
    }
}

/// Publishes each line as one message at QoS 1 over one connection; returns when all are
/// acknowledged.
pub(crate) fn publish_lines(broker: SocketAddr, topic: &str, lines: &[String]) {
    let mut child = client("mosquitto_pub", broker)
        .args(["-t", topic, "-l"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("mosquitto_pub runs (Debian: mosquitto-clients)");
    let mut input = child.stdin.take().expect("piped");
    for line in lines {
        writeln!(input, "{line}").expect("mosquitto_pub reads");
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

/// A `mosquitto_sub` that prints what arrives.
pub(crate) struct Subscription {
    child: Child,
    messages: Receiver<(String, Value)>,
}

impl Subscription {
    pub(crate) fn new(broker: SocketAddr, topic: &str) -> Self {
        let mut child = client("mosquitto_sub", broker)
            .args(["-v", "-t", topic])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mosquitto_sub runs (Debian: mosquitto-clients)");
        let output = child.stdout.take().expect("piped");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let (topic, payload) = line.split_once(' ').expect("topic and payload");
                let payload = serde_json::from_str(payload).expect("JSON");
                let _ = sender.send((topic.to_owned(), payload));
            }
        });
        Self { child, messages }
    }

    /// The next message that arrives, with its topic.
    #[track_caller]
    pub(crate) fn next(&self) -> (String, Value) {
        self.messages.recv_timeout(Duration::from_secs(20)).expect("a message in time")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
