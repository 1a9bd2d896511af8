//! A Mosquitto broker for one test, with the configuration that the documentation gives.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use logistics_mqtt::broker::Server;
use logistics_mqtt::client::{ClientOptions, DeviceClient, DeviceEvents};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::client::quick;
use crate::host::partner;
use crate::pki::{Authority, Credential, Files};

const DOCUMENTATION: &str = include_str!("../../../../../docs/brokers.md");

/// A running broker; killed when the test ends.
pub(crate) struct Mosquitto {
    child: Child,
    folder: TempDir,
    pub(crate) authority: Authority,
    /// Where devices connect.
    pub(crate) devices: u16,
    /// Where the platform connects.
    pub(crate) platform: u16,
}

/// The documentation's code blocks of this kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    DOCUMENTATION.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Two ports that nobody listened on a moment ago. Both are held until both are known: else the
/// second may be the first again.
fn free_ports() -> [u16; 2] {
    let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}

impl Mosquitto {
    pub(crate) async fn start() -> Self {
        Self::start_with(str::to_owned).await
    }

    /// With a configuration that differs from the documentation's.
    pub(crate) async fn start_with(change: impl Fn(&str) -> String) -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::new("devices");
        let [devices, platform] = free_ports();
        let own = authority.local_server();
        let [configuration, rules] = blocks("conf")[..] else { panic!("two files are documented") };
        let path = format!("{}/", folder.path().display());
        let configuration = configuration
            .replace("/etc/mosquitto/", &path)
            .replace("/var/lib/mosquitto/", &path)
            .replace("listener 8883", &format!("listener {devices} 127.0.0.1"))
            .replace("listener 8884", &format!("listener {platform}"));
        // Not as another user, who could not read the files, when the tests run as root.
        let configuration = change(&format!("user root\n{configuration}"));
        for (name, text) in [
            ("mosquitto.conf", &*configuration),
            ("logistics.acl", rules),
            ("authority.pem", &authority.pem()),
            ("broker.pem", &own.certificate),
            ("broker.key", &own.key),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let child = launch(folder.path(), platform).await;
        Self { child, folder, authority, devices, platform }
    }

    /// Ends it in order: it saves what it knows.
    pub(crate) async fn stop(&mut self) {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(told.expect("kill runs").success());
        self.ended().await;
    }

    /// Ends it without warning (SIGKILL).
    pub(crate) async fn kill(&mut self) {
        self.child.start_kill().unwrap();
        self.ended().await;
    }

    async fn ended(&mut self) {
        let ended = timeout(Duration::from_secs(20), self.child.wait()).await;
        ended.expect("mosquitto does not end").unwrap();
    }

    /// Starts it again, with what it has saved.
    pub(crate) async fn start_again(&mut self) {
        self.child = launch(self.folder.path(), self.platform).await;
    }

    /// Forgets all that it has saved.
    pub(crate) fn forget(&self) {
        std::fs::remove_file(self.folder.path().join("mosquitto.db")).unwrap();
    }

    /// The broker as the platform sees it, over this port.
    pub(crate) fn server_at(&self, port: u16) -> Server {
        let own = self.authority.named("logistics-platform");
        Server::tls("localhost", port, own.client(&self.authority))
    }

    pub(crate) fn server(&self) -> Server {
        self.server_at(self.platform)
    }

    /// A partner's device that is connected to the broker, soon.
    pub(crate) fn device(&self, id: &str) -> (DeviceClient, DeviceEvents) {
        self.device_with(id, quick())
    }

    pub(crate) fn device_with(
        &self,
        id: &str,
        options: ClientOptions,
    ) -> (DeviceClient, DeviceEvents) {
        let tls = self.authority.named(id).client(&self.authority);
        let server = Server::tls("localhost", self.devices, tls);
        DeviceClient::connect(server, &partner(id), options)
    }

    /// A command line client with this certificate.
    pub(crate) fn tool(&self, program: &str, credential: &Credential) -> (Command, Files) {
        let files = Files::new(&self.authority, credential);
        let mut command = Command::new(program);
        command.args(["-h", "localhost", "-p", &self.devices.to_string()]);
        command.args(files.arguments()).kill_on_drop(true);
        (command, files)
    }
}

/// Starts the broker, and waits until it listens.
async fn launch(folder: &Path, port: u16) -> Child {
    let usual = Path::new("/usr/sbin/mosquitto");
    // Debian keeps it where only root's PATH leads.
    let program = if usual.is_file() { usual } else { Path::new("mosquitto") };
    let mut child = Command::new(program)
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).unwrap())
        .kill_on_drop(true)
        .spawn()
        .expect("mosquitto (Debian package mosquitto) must be installed");
    for _ in 0..1_000 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return child;
        }
        if child.try_wait().unwrap().is_some() {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    panic!("mosquitto does not listen: {log}");
}
