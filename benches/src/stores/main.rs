//! `stores`: how fast a store of events takes commands, and how fast it gives events back.
//!
//! Measures what users of `logistics-core` do: whole commands through `execute`, whole streams
//! through `load`, the feed through `follow`, every event decoded.

mod append;
mod args;
mod fill;
mod parcel;
mod read;
mod report;
mod target;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Append(args) => append::run(args).await,
        Command::Replay(args) => read::replay(args).await,
        Command::Feed(args) => read::feed(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line: Vec<String> = error.chain().map(ToString::to_string).collect();
            let _ = writeln!(io::stderr(), "stores: {}", line.join(": "));
            ExitCode::from(2)
        }
    }
}
