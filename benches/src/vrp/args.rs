//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum, value_parser};
use logistics_dispatch::MAX_THREADS;

/// Plans, checks and explains routing problems: VRPLIB, Solomon, VROOM JSON.
///
/// Prints the solution in the format's own notation, then one JSON line. Exit code 0:
/// done; 1: a customer that the format wants served is not, or the plan checked does
/// not hold; 2: bad input.
#[derive(Debug, Parser)]
#[command(name = "vrp", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Plans with savings, then ruin and recreate.
    Solve(Solve),
    /// Plans with savings alone.
    Savings {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        output: Output,
    },
    /// Recomputes a plan and names every constraint that it breaks.
    Check {
        #[command(flatten)]
        input: Input,
        /// The plan: a .sol file, or VROOM's JSON.
        solution: PathBuf,
        /// Best known cost, for the gap.
        #[arg(long)]
        bks: Option<f64>,
        /// Draws the plan into this SVG file.
        #[arg(long)]
        plot: Option<PathBuf>,
    },
    /// Says for every job left out of a plan what keeps it from each vehicle.
    Explain {
        #[command(flatten)]
        input: Input,
        /// The plan: a .sol file, or VROOM's JSON.
        solution: PathBuf,
        /// A JSON line for each job instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Plans every instance of a folder and its subfolders for which bks.csv or best.csv
    /// beside it has a cost: a JSON line for each run, then a table.
    Bench(Bench),
    /// Plans the morning of a metropolis, made from a seed: many zones, each a problem of its
    /// own, as many at once as there are threads. One JSON line.
    Metro(Metro),
}

#[derive(Debug, Group)]
pub(crate) struct Bench {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// Wall time of each run, reading included, in seconds.
    #[arg(long, conflicts_with = "iterations", value_parser = seconds)]
    pub(crate) seconds: Option<f64>,
    /// Steps of each search; the same number and seed give the same plan [default: 50000]
    #[arg(long)]
    pub(crate) iterations: Option<u64>,
    /// Runs of each instance, with the seeds 1, 2, 3 and so on.
    #[arg(long, default_value_t = 1)]
    pub(crate) seeds: u64,
    /// Counts the seconds in processor time (Linux), for a machine that is busy.
    #[arg(long, conflicts_with = "threads")]
    pub(crate) cpu: bool,
    /// Searches at once, each on a thread and with a seed of its own; the best plan counts.
    #[arg(long, default_value = "1", value_parser = threads)]
    pub(crate) threads: NonZeroUsize,
    /// Writes a row for each run into this CSV file.
    #[arg(long)]
    pub(crate) csv: Option<PathBuf>,
    /// Draws into this SVG file how the mean gap of each class falls, over the seconds or,
    /// without a limit on these, over the steps.
    #[arg(long)]
    pub(crate) plot: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Metro {
    /// Zones, at most 10000.
    #[arg(long, default_value_t = 120, value_parser = value_parser!(u32).range(1..=10_000))]
    pub(crate) zones: u32,
    /// Stops of each zone, at most 1000.
    #[arg(long, default_value_t = 150, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) stops: u32,
    /// Wall time of each zone, from making its problem on, in seconds [default: 1]
    #[arg(long, conflicts_with = "iterations", value_parser = seconds)]
    pub(crate) seconds_per_zone: Option<f64>,
    /// Steps of each search instead; the same number and seed give the same plans.
    #[arg(long)]
    pub(crate) iterations: Option<u64>,
    /// Which city.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Zones that are planned at once.
    #[arg(long, default_value = "1", value_parser = threads)]
    pub(crate) threads: NonZeroUsize,
}

#[derive(Debug, Group)]
pub(crate) struct Solve {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Wall time of the whole process, in seconds.
    #[arg(long, conflicts_with = "iterations", value_parser = seconds)]
    pub(crate) seconds: Option<f64>,
    /// Steps of the search; the same number and seed give the same plan [default: 50000]
    #[arg(long)]
    pub(crate) iterations: Option<u64>,
    /// Which of the many possible searches to run.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Searches at once, each on a thread and with a seed of its own (the first with
    /// `--seed`, the next with one more and so on); the best plan counts.
    #[arg(long, default_value = "1", value_parser = threads)]
    pub(crate) threads: NonZeroUsize,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Group)]
pub(crate) struct Input {
    /// The problem.
    pub(crate) file: PathBuf,
    /// Its notation.
    #[arg(long, value_enum, default_value_t = Notation::Auto)]
    pub(crate) format: Notation,
}

#[derive(Debug, Group)]
pub(crate) struct Output {
    /// Best known cost, for the gap.
    #[arg(long)]
    pub(crate) bks: Option<f64>,
    /// Writes the solution here instead of printing it.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Draws the plan into this SVG file.
    #[arg(long)]
    pub(crate) plot: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    Auto,
    Vrplib,
    Solomon,
    Vroom,
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(value) if value.get() <= MAX_THREADS => Ok(value),
        _ => Err(format!("a number of threads from 1 to {MAX_THREADS}")),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1e6 => Ok(value),
        _ => Err("a number of seconds above 0".to_owned()),
    }
}
