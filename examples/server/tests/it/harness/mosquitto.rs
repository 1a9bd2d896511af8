//! A Mosquitto broker with the configuration that the documentation gives, and the certificates that
//! a server has issued.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::eventually;
use super::server::Server;

const DOCUMENTATION: &str = include_str!("../../../../../docs/brokers.md");

/// A running broker; killed when the test ends.
pub(crate) struct Mosquitto {
    child: Child,
    folder: TempDir,
    /// Where devices connect.
    pub(crate) devices: SocketAddr,
    /// What the server is to be started with.
    pub(crate) arguments: Vec<String>,
}

impl Mosquitto {
    pub(crate) fn start(server: &Server) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let said = server.device(&["broker", "localhost", "127.0.0.1"]).expect("certificates");
        let files = |whose: &str| -> Vec<String> {
            let line = said.lines().find_map(|line| line.strip_prefix(whose)).expect(whose);
            line.split_whitespace().map(str::to_owned).collect()
        };
        let (authority, broker, platform) =
            (files("authority"), files("broker"), files("platform"));
        let [devices, own] = free_ports();
        let mut blocks = DOCUMENTATION.split("```conf\n").skip(1);
        let mut block = || blocks.next().expect("documented").split("```").next().expect("text");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let configuration = block()
            .replace("/etc/mosquitto/authority.pem", &authority[0])
            .replace("/etc/mosquitto/broker.pem", &broker[0])
            .replace("/etc/mosquitto/broker.key", &broker[1])
            .replace("/etc/mosquitto/logistics.acl", &path("logistics.acl"))
            .replace("/var/lib/mosquitto/", &path(""))
            .replace("listener 8883", &format!("listener {} 127.0.0.1", devices.port()))
            .replace("listener 8884", &format!("listener {}", own.port()));
        // Not as another user, who could not read the files, when the tests run as root.
        let configuration = format!("user root\n{configuration}");
        std::fs::write(path("mosquitto.conf"), configuration).expect("written");
        std::fs::write(path("logistics.acl"), block()).expect("written");
        let arguments = [
            ("--broker", &format!("mqtts://localhost:{}", own.port())),
            ("--broker-ca", &authority[0]),
            ("--broker-cert", &platform[0]),
            ("--broker-key", &platform[1]),
            ("--dispatch-at", &"never".to_owned()),
        ];
        let arguments =
            arguments.iter().flat_map(|(flag, value)| [flag.to_string(), value.to_string()]);
        let arguments = arguments.chain(["--broker-owntracks".to_owned()]).collect();
        let child = launch(folder.path(), devices);
        Self { child, folder, devices, arguments }
    }

    /// Ends it in order, so that it saves what it knows, and starts it again.
    pub(crate) fn restart(&mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        self.child.wait().expect("it ends");
        self.child = launch(self.folder.path(), self.devices);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two ports that nobody listened on a moment ago. Both are held until both are known: else the
/// second may be the first again.
fn free_ports() -> [SocketAddr; 2] {
    let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.each_ref().map(|listener| listener.local_addr().expect("a free port"))
}

/// Starts the broker, and waits until it listens.
fn launch(folder: &Path, address: SocketAddr) -> Child {
    let usual = Path::new("/usr/sbin/mosquitto");
    // Debian keeps it where only root's PATH leads.
    let child = Command::new(if usual.is_file() { usual } else { Path::new("mosquitto") })
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).expect("a log"))
        .spawn()
        .expect("mosquitto runs (Debian: mosquitto)");
    eventually("mosquitto listens", || {
        TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()
    });
    child
}
