//! An enrolled device: Mosquitto's clients with the certificate that the server issued.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::certificate::Credential;
use super::mqtt::{client, run};
use super::server::Server;

/// A partner's device with its certificate.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) partner: String,
    pub(crate) serial: String,
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Device {
    /// Has a certificate issued for the partner.
    pub(crate) fn enrol(server: &Server, partner: &str) -> Self {
        let said = server.device(&["enrol", partner, "--json"]).expect("enrolled");
        let issued: Value = serde_json::from_str(&said).expect("JSON");
        let text = |name: &str| issued[name].as_str().expect(name).to_owned();
        Self {
            partner: text("partner"),
            serial: text("serial"),
            authority: text("authority"),
            certificate: text("certificate"),
            key: text("key"),
        }
    }

    /// With another certificate, kept beside its own.
    pub(crate) fn with(&self, credential: &Credential) -> Self {
        let beside = |ending: &str, pem: &str| {
            let path = format!("{}.{ending}", self.certificate);
            fs::write(&path, pem).expect("written");
            path
        };
        Self {
            certificate: beside("other.crt", &credential.certificate),
            key: beside("other.key", &credential.key),
            ..self.clone()
        }
    }

    pub(crate) fn topic(&self, channel: &str) -> String {
        format!("logistics/dp/{}/{channel}", self.partner)
    }

    /// A client of the broker with this device's client id and certificate.
    pub(crate) fn client(&self, program: &str, broker: SocketAddr) -> Command {
        let mut command = client(program, broker);
        command.args(["-i", &self.partner, "--cafile", &self.authority]);
        command.args(["--cert", &self.certificate, "--key", &self.key]);
        command
    }

    /// Publishes one message at QoS 1; an error when it is not acknowledged.
    pub(crate) fn publish(
        &self,
        broker: SocketAddr,
        version: &str,
        topic: &str,
        message: &str,
    ) -> Result<(), String> {
        let mut command = self.client("mosquitto_pub", broker);
        run(command.args(["-V", version, "-t", topic, "-m", message]))
    }

    /// The first line that `mosquitto_sub` prints with these arguments; an error when none comes.
    pub(crate) fn receive(&self, broker: SocketAddr, arguments: &[&str]) -> Result<String, String> {
        let mut command = self.client("mosquitto_sub", broker);
        command.args(["-C", "1", "-W", "15"]).args(arguments);
        let output = command.stdin(Stdio::null()).output().expect("mosquitto_sub runs");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if said.is_empty() {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        } else {
            Ok(said)
        }
    }
}
