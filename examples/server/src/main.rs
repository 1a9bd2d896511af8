//! `logistics-server`: the example platform in one program.

mod app;
mod broker;
mod certificates;
mod cli;
mod data_dir;
mod day_routes;
mod dead_letters;
mod demo;
mod dispatch;
mod feed;
mod gps;
mod http;
mod ids;
mod live;
mod manifests;
mod metrics;
mod override_report;
mod ports;
mod projector;
mod retention;
mod run;
mod shipments;
mod snapshot;
mod zones;

use std::fmt;
use std::io::Write as _;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::app::Settings;
use crate::cli::{Cli, Command};
use crate::data_dir::DataDir;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    log_to_stderr();
    match cli.command {
        Command::Serve { listen, broker, data, time_zone, dispatch_at, fairness } => {
            let data = DataDir::open(&data)?;
            let settings = Settings { windows: dispatch_at, fairness, ..Settings::new(time_zone) };
            let running =
                run::start(&listen.for_serve(&broker), Some(&broker), &data, settings).await?;
            running.announce();
            running.until_told_to_stop().await
        }
        Command::Demo { listen, data, partners, seed } => {
            let data = match data {
                Some(path) => DataDir::open(&path)?,
                None => DataDir::temporary()?,
            };
            demo::run(&listen.for_demo(), &data, demo::Size { partners, seed }).await
        }
        Command::Device(command) => certificates::run(&command),
        Command::DeadLetters(command) => {
            tokio::task::spawn_blocking(move || dead_letters::run(&command)).await?
        }
    }
}

/// What happens goes to standard error: as text, or as JSON with `LOGISTICS_LOG=json`.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("LOGISTICS_LOG").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}

/// Tells whoever started the program something. Nobody reading is no error.
fn say(line: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
