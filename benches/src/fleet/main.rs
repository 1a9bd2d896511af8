//! `fleet`: a fleet of phones against the example server, over mutual TLS, and what the server makes
//! of it: processor time, memory, and whether everything acknowledged is in its history, once.

mod api;
mod args;
mod count;
mod device;
mod drive;
mod enrol;
mod keeper;
mod phone;
mod process;
mod report;
mod server;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use crate::args::Args;
use crate::drive::Driven;
use crate::process::Usage;
use crate::report::Report;
use crate::server::Server;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(report) => {
            let printed = writeln!(io::stdout(), "{}", report.line());
            if report.is_clean() && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "fleet: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<Report> {
    // Two thousand connections are more than many systems let a process open unasked.
    rlimit::increase_nofile_limit(u64::MAX).context("the limit on open files")?;
    let server = Server::start_or_join(args)?;
    let partners = enrol::register(&server, args.devices)?;
    let targets = enrol::targets(&server, &partners, args.plain)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let Driven { devices, handshake_s, seconds, usage } =
        runtime.block_on(drive::run(targets, args, server.process()))?;
    let rss_mb = server.process().and_then(process::rss_mb);
    let counted = count::history(&server, &devices)?;
    let usage = usage.map(|usage: Usage| (usage, rss_mb));
    Ok(Report::new(args, &devices, counted, handshake_s, seconds, usage))
}
