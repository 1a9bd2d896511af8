//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Drives a fleet of devices against the example server and counts what it stores of what it
/// acknowledged. Prints one JSON line; exit code 1 when anything is lost or stored twice.
#[derive(Debug, Parser)]
#[command(name = "fleet", version)]
pub(crate) struct Args {
    /// The server's program, started on a temporary folder [default: logistics-server beside this
    /// program]
    #[arg(long, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Join a running server instead: where devices connect to it
    #[arg(long, value_name = "ADDR", requires = "http")]
    pub(crate) mqtt: Option<SocketAddr>,
    /// The running server's HTTP address
    #[arg(long, value_name = "ADDR", requires = "mqtt")]
    pub(crate) http: Option<SocketAddr>,
    /// The running server's data, to enrol devices there
    #[arg(long, value_name = "DIR", default_value = "logistics-data")]
    pub(crate) data: PathBuf,
    /// The running server's process, to measure it
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    /// Devices, each with a connection of its own
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) devices: u32,
    /// Fixes a second, of all devices together
    #[arg(long, value_name = "FIXES_PER_S", default_value = "967", value_parser = rate)]
    pub(crate) rate: f64,
    /// How long they publish
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Fixes in a message; above 1 they go to location/batch
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) batch: u32,
    /// Fixes that each device has gathered while away, a second apart: published as soon as it is
    /// connected, in messages of --batch
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) backlog: u32,
    /// How many times all devices lose their links at the same moment and connect again, at even
    /// distances
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) storms: u32,
    /// Plain TCP instead of TLS with certificates
    #[arg(long)]
    pub(crate) plain: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1e6 => Ok(rate),
        _ => Err("a number above 0, at most 1000000".to_owned()),
    }
}
