//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use logistics_core::PartnerId;

use crate::broker::{BrokerArgs, PLATFORM};
use crate::dispatch::{Fairness, Windows};

/// Real-time shipment tracking, geofencing and dispatch in one binary.
#[derive(Debug, Parser)]
#[command(name = "logistics-server", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start with a simulated city: zones, a moving fleet, shipments on their way.
    Demo {
        #[command(flatten)]
        listen: Listen,
        /// Where to keep data; without it, a temporary directory that is removed at the end.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// How many delivery partners drive around.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=2_000))]
        partners: u16,
        /// The same seed makes the same city, fleet and orders.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Start empty, as in production.
    Serve {
        #[command(flatten)]
        listen: Listen,
        #[command(flatten)]
        broker: BrokerArgs,
        /// Where to keep data.
        #[arg(long, value_name = "DIR", default_value = DATA)]
        data: PathBuf,
        /// The IANA time zone of promises and business days that name none.
        #[arg(long, value_name = "ZONE", default_value = "Asia/Kolkata", value_parser = time_zone)]
        time_zone: chrono_tz::Tz,
        /// When shipments at hubs are dispatched, in the local time of --time-zone; `never`: only
        /// when asked for.
        #[arg(long, value_name = "TIMES", default_value = "06:00,09:00,12:00")]
        dispatch_at: Windows,
        /// What uneven work costs in dispatch runs, in seconds of driving for the square of one stop,
        /// hour or kilometer: such as `stops:5`, `hours:300`, `kilometers:10`; `off`: nothing.
        #[arg(long, value_name = "WORK:WEIGHT", default_value = "off")]
        fairness: Fairness,
    },
    /// Certificates of devices: issue, revoke, list. A running server follows within seconds.
    #[command(subcommand)]
    Device(Device),
    /// Messages that could not be taken, of a running server: list them, take them again.
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// Show them, oldest first: number, time, reason, partner, source, detail.
    List {
        /// Only those with this reason.
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// Where the server listens to HTTP.
        #[arg(long, value_name = "URL", default_value = SERVER)]
        server: String,
    },
    /// Take them in again. What is refused again is kept with the new reason.
    Replay {
        #[command(flatten)]
        which: Which,
        /// Where the server listens to HTTP.
        #[arg(long, value_name = "URL", default_value = SERVER)]
        server: String,
    },
}

/// Which dead letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The one with this number.
    #[arg(long, value_name = "N")]
    pub(crate) id: Option<u64>,
    /// Those with this reason.
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
}

/// Where `serve` listens to HTTP.
const SERVER: &str = "http://127.0.0.1:8080";

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Issue a certificate for each partner's device, and show how to publish with it. Older ones
    /// stay good until they are revoked.
    Enrol(Enrol),
    /// Revoke a partner's certificates, or one by its serial number. It is disconnected, too.
    Revoke {
        /// A partner's id, or a certificate's serial number.
        #[arg(value_name = "PARTNER|SERIAL")]
        whose: String,
        /// Where the server keeps its data.
        #[arg(long, value_name = "DIR", default_value = DATA)]
        data: PathBuf,
    },
    /// Issue certificates for an external broker, under the names by which it is reached, and for
    /// this server as its client.
    Broker {
        /// Names or addresses of the broker.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// How many days the certificates are good.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3_650))]
        days: u16,
        /// Where the server keeps its data.
        #[arg(long, value_name = "DIR", default_value = DATA)]
        data: PathBuf,
    },
    /// Show all certificates: serial number, state, end, partner.
    List {
        /// Where the server keeps its data.
        #[arg(long, value_name = "DIR", default_value = DATA)]
        data: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// Ids of partners, as registered with `POST /v1/partners`.
    #[arg(required = true, value_name = "PARTNER", value_parser = enrollable)]
    pub(crate) partners: Vec<PartnerId>,
    /// How many days the certificates are good.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3_650))]
    pub(crate) days: u16,
    /// Where devices will find the gateway, for what is shown.
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:8883", value_parser = gateway)]
    pub(crate) gateway: (String, u16),
    /// Show one JSON object for each certificate instead.
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the server keeps its data.
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub(crate) data: PathBuf,
}

/// Where `serve` keeps its data, and where `device` looks for it.
const DATA: &str = "logistics-data";

/// A certificate with the platform's name would be the platform to a broker.
fn enrollable(id: &str) -> Result<PartnerId, String> {
    if id == PLATFORM {
        return Err("the name of the platform itself".to_owned());
    }
    PartnerId::new(id).map_err(|error| error.to_string())
}

fn gateway(text: &str) -> Result<(String, u16), String> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts
        .map(|(host, port)| (host.to_owned(), port))
        .ok_or_else(|| "not a host and a port, such as localhost:8883".to_owned())
}

fn time_zone(name: &str) -> Result<chrono_tz::Tz, String> {
    name.parse().map_err(|_| "not the name of an IANA time zone, such as Asia/Kolkata".to_owned())
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Listen {
    /// Where HTTP and WebSocket clients connect; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// Where devices connect with MQTT over TLS and a certificate [default: `serve` without --mqtt
    /// and --broker: 127.0.0.1:8883].
    #[arg(long, value_name = "ADDR")]
    pub(crate) mqtts: Option<SocketAddr>,
    /// A name by which devices know this machine, besides localhost and the address of --mqtts.
    #[arg(long, value_name = "NAME")]
    pub(crate) mqtts_name: Vec<String>,
    /// Where clients of this machine connect with plain MQTT [default: `demo`: 127.0.0.1:1883].
    #[arg(long, value_name = "ADDR")]
    pub(crate) mqtt: Option<SocketAddr>,
    /// How long devices' messages may wait for others to share their commit, in milliseconds, at most
    /// 1000. The first after a pause does not wait; 0: none does.
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u16).range(..=1_000))]
    batch_every: u16,
}

impl Listen {
    /// Plain MQTT only when asked for; devices are listened to unless they are with a broker.
    pub(crate) fn for_serve(mut self, broker: &BrokerArgs) -> Self {
        if self.mqtt.is_none() && broker.broker.is_none() {
            self.mqtts.get_or_insert((Ipv4Addr::LOCALHOST, 8_883).into());
        }
        self
    }

    /// From one batch of devices' messages to the next, at least.
    pub(crate) fn batch_every(&self) -> Duration {
        Duration::from_millis(self.batch_every.into())
    }

    /// The riders are clients of this machine.
    pub(crate) fn for_demo(mut self) -> Self {
        self.mqtt.get_or_insert((Ipv4Addr::LOCALHOST, 1_883).into());
        self
    }

    /// The names that the gateway's certificate bears.
    pub(crate) fn names(&self) -> Vec<String> {
        let address = self.mqtts.map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
        let mut names: Vec<_> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        names.extend(address.map(|ip| ip.to_string()));
        names.extend(self.mqtts_name.iter().cloned());
        names
    }
}
