//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::dispatch::Windows;

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
        /// Where to keep data.
        #[arg(long, value_name = "DIR", default_value = "logistics-data")]
        data: PathBuf,
        /// The IANA time zone of promises and business days that name none.
        #[arg(long, value_name = "ZONE", default_value = "Asia/Kolkata", value_parser = time_zone)]
        time_zone: chrono_tz::Tz,
        /// When shipments at hubs are dispatched, in the local time of --time-zone; `never`: only
        /// when asked for.
        #[arg(long, value_name = "TIMES", default_value = "06:00,09:00,12:00")]
        dispatch_at: Windows,
    },
}

fn time_zone(name: &str) -> Result<chrono_tz::Tz, String> {
    name.parse().map_err(|_| "not the name of an IANA time zone, such as Asia/Kolkata".to_owned())
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listen {
    /// Where HTTP and WebSocket clients connect; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// Where devices connect with MQTT; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1883")]
    pub(crate) mqtt: SocketAddr,
}
