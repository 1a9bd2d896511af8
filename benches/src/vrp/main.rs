//! `vrp`: plans, checks and explains routing problems in standard files.
//!
//! A thin shell around `logistics-dispatch`: files, the clock and the terminal live
//! here, everything else in the crate.

mod args;
mod bench;
mod chart;
mod city;
mod clock;
mod curve;
mod files;
mod memory;
mod metro;
mod plot;
mod progress;
mod reasons;
mod reference;
mod report;
mod row;
mod run;
mod scale;
mod search;
mod table;
mod trace;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

fn main() -> ExitCode {
    let begun = Instant::now();
    let args = args::Args::parse();
    match run::run(&args.command, begun) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            report::complain(&error);
            ExitCode::from(2)
        }
    }
}
