//! Commands for developers, run as `cargo xtask …`. Not part of any published crate.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod fuzz;
mod process;
mod programs;
mod services;
mod test;
mod tidy;
mod tree;

use std::path::Path;
use std::process::ExitCode;

/// What `cargo xtask` understands; documents may name no other command.
const COMMANDS: [&str; 3] = ["test", "services", "tidy"];

const USAGE: &str = "\
usage:
  cargo xtask test [NAME…] [-- ARGS…]  run all tests, or the parts named; ARGS go to the one part's runner
  cargo xtask services [-- COMMAND…]   start the tests' servers, for COMMAND or until stdin ends
  cargo xtask tidy                     check the house rules that no compiler checks

parts of test: unit doc fuzz browser";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("test") => test::run(root(), &args[1..]),
        Some("services") => services::run(&args[1..]),
        Some("tidy") if args.len() == 1 => tidy::run(root()),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder, wherever the command was called from.
fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_names_every_command_and_part() {
        for command in COMMANDS {
            assert!(USAGE.contains(&format!("cargo xtask {command} ")), "{command}");
        }
        let parts: Vec<&str> = test::part_names().collect();
        assert!(USAGE.ends_with(&format!("parts of test: {}", parts.join(" "))));
    }
}
