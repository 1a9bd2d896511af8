//! `zones`: puts GeoJSON zones, points, geometries and traces through `logistics-geofence`.
//! Reads files and standard input, writes JSON lines; bad input is one line on standard error and
//! exit code 2.

mod bench;
mod crossings;
mod generate;
mod input;
mod locate;
mod peer;
mod planar;

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use logistics_geofence::{BoundaryRule, LoadOptions, Policy};

/// Exact geofencing over GeoJSON zones.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    zones: ZoneFlags,
    #[command(subcommand)]
    command: Command,
}

/// How zones are loaded.
#[derive(Args)]
struct ZoneFlags {
    /// Property that holds a zone's id
    #[arg(long, global = true, value_name = "NAME")]
    id_property: Option<String>,
    /// What to do with invalid geometry
    #[arg(long, global = true, value_enum, default_value_t = PolicyFlag::Reject)]
    policy: PolicyFlag,
    /// Version of the zone set, named by every crossing
    #[arg(long, global = true, value_name = "NUMBER", default_value_t = 1)]
    zone_set_version: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum PolicyFlag {
    /// Refuse the whole file
    Reject,
    /// Take it as it is, with the even-odd answer
    EvenOdd,
}

/// To whom borders belong.
#[derive(Args)]
struct BorderFlags {
    /// Give a place on a shared border to one zone, that to its east or north, instead of to both
    #[arg(long)]
    half_open: bool,
}

impl Command {
    fn boundary(&self) -> BoundaryRule {
        match self {
            Self::Locate { borders, .. } | Self::Crossings { borders, .. } if borders.half_open => {
                BoundaryRule::HalfOpen
            }
            _ => BoundaryRule::Covers,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// The zones that cover each point of a CSV file with the columns lon, lat
    Locate {
        /// GeoJSON FeatureCollection
        zones: PathBuf,
        /// CSV file
        points: PathBuf,
        #[command(flatten)]
        borders: BorderFlags,
    },
    /// Where points lie to polygons: JSON lines {name, geometry, point} on standard input
    Classify,
    /// How segments lie to polygons: JSON lines {name, geometry, from, to} on standard input
    Segments,
    /// Who entered, left and crossed which zone when, from a CSV file with the columns
    /// device_id, timestamp_utc, lat, lon and maybe accuracy
    Crossings {
        /// GeoJSON FeatureCollection
        zones: PathBuf,
        /// CSV file, each device's rows in the order they came in
        trace: PathBuf,
        #[command(flatten)]
        borders: BorderFlags,
        #[command(flatten)]
        flags: crossings::Flags,
    },
    /// How fast zones are loaded, asked and followed, beside geo with rstar and interval trees
    Bench {
        /// GeoJSON FeatureCollection; without it three generated sets are measured
        zones: Option<PathBuf>,
        /// CSV file with the columns lon, lat: the points to ask for instead of random ones
        #[arg(long, value_name = "POINTS", requires = "zones")]
        points: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing to do when standard error is closed as well.
            let _ = writeln!(std::io::stderr(), "zones: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let mut options = LoadOptions::default();
    options.version = cli.zones.zone_set_version;
    options.id_property.clone_from(&cli.zones.id_property);
    options.policy = match cli.zones.policy {
        PolicyFlag::Reject => Policy::Reject,
        PolicyFlag::EvenOdd => Policy::EvenOdd,
    };
    options.boundary = cli.command.boundary();
    let mut out = BufWriter::new(std::io::stdout().lock());
    match &cli.command {
        Command::Locate { zones, points, .. } => locate::run(zones, points, &options, &mut out)?,
        Command::Classify => planar::classify_lines(std::io::stdin().lock(), &mut out)?,
        Command::Segments => planar::segment_lines(std::io::stdin().lock(), &mut out)?,
        Command::Crossings { zones, trace, flags, .. } => {
            crossings::run(zones, trace, flags, &options, &mut out)?;
        }
        Command::Bench { zones, points } => {
            bench::run(zones.as_deref(), points.as_deref(), &options, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Whoever read our output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let writing = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let as_json =
        error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    writing.or(as_json) == Some(std::io::ErrorKind::BrokenPipe)
}
