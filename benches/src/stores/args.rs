//! The command line.

use std::time::Duration;

use clap::{Args as Group, Parser, Subcommand};

use crate::target::Target;

/// Measures an event store: commands a second, events read a second. Prints a JSON line for each
/// figure.
#[derive(Debug, Parser)]
#[command(name = "stores", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writers that run commands of one event each, as fast as they are answered.
    Append(Append),
    /// Whole streams, loaded, decoded and folded. Fills an empty store first.
    Replay(Read),
    /// The feed from its start, decoded. Fills an empty store first.
    Feed(Read),
}

#[derive(Debug, Group)]
pub(crate) struct Append {
    /// Where the events lie: `sqlite:PATH`.
    pub(crate) store: Target,
    /// Writers at once; a run for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32", value_parser = at_least_one)]
    pub(crate) writers: Vec<u32>,
    /// How long a run takes, in seconds.
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Streams in all, each written by one writer.
    #[arg(long, default_value_t = 1_000, value_parser = at_least_one)]
    pub(crate) streams: u32,
    /// Events in each stream before the first run.
    #[arg(long, default_value_t = 10)]
    pub(crate) events: u32,
    /// Writers know where their streams stand: commits alone, nothing is loaded or decided.
    #[arg(long)]
    pub(crate) commits_only: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Read {
    /// Where the events lie: `sqlite:PATH`.
    pub(crate) store: Target,
    /// Readers at once; a run for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,2", value_parser = at_least_one)]
    pub(crate) readers: Vec<u32>,
    /// How long a run takes, in seconds.
    #[arg(long, default_value = "5", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Streams to fill an empty store with.
    #[arg(long, default_value_t = 200, value_parser = at_least_one)]
    pub(crate) streams: u32,
    /// Events in each of them, written in turns.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) events: u32,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1e6 => Ok(Duration::from_secs_f64(value)),
        _ => Err("a number of seconds above 0".to_owned()),
    }
}

fn at_least_one(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "a number above 0".to_owned())
}
