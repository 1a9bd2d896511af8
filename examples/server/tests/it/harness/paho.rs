//! An enrolled device that is a paho-mqtt client (PyPI): one connection, many messages under way.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use super::device::Device;

/// Where the tests find the Python package.
const PATH: &str = "LOGISTICS_PAHO_PATH";
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/harness/paho_device.py");

/// A client that publishes without pause and connects again whenever it has to.
pub(crate) struct Paho {
    pub(crate) partner: String,
    child: Child,
    output: JoinHandle<Seen>,
}

/// What the client saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Times of the fixes that were acknowledged, in epoch milliseconds.
    pub(crate) acknowledged: BTreeSet<i64>,
    pub(crate) connections: usize,
}

impl Paho {
    /// Begins to publish fixes, one for each millisecond from the given time.
    pub(crate) fn start(device: &Device, broker: SocketAddr, version: &str, first_ms: i64) -> Self {
        let path = std::env::var(PATH).unwrap_or_else(|_| {
            panic!(
                "{PATH} is not set: run the tests with `cargo xtask test unit`, or set what \
                 `cargo xtask services` prints"
            )
        });
        let mut child = Command::new("python3")
            .arg(PROGRAM)
            .args([&broker.ip().to_string(), &broker.port().to_string(), version])
            .args([&device.partner, &device.authority, &device.certificate, &device.key])
            .arg(first_ms.to_string())
            .env("PYTHONPATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs (Debian: python3)");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let output = std::thread::spawn(move || {
            let mut seen = Seen::default();
            for line in lines.map_while(Result::ok) {
                match line.as_str() {
                    "connected" => seen.connections += 1,
                    time => assert!(seen.acknowledged.insert(time.parse().expect(time))),
                }
            }
            seen
        });
        Self { partner: device.partner.clone(), child, output }
    }

    /// Publishes no more; what it saw, once all that it has published is acknowledged.
    pub(crate) fn finish(mut self) -> Seen {
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("it ends").success());
        self.output.join().expect("lines as expected")
    }
}
