//! The crate from outside: every plan goes through the checker, never through the
//! solver's own account.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod answers;
mod breaks;
mod builder;
mod checker;
mod diff;
mod doubt;
mod explain;
mod forecast;
#[cfg(feature = "formats")]
mod formats;
mod frozen;
mod generate;
mod learn;
mod offers;
mod oracle;
mod pairs;
#[cfg(feature = "parallel")]
mod parallel;
mod reloads;
mod schedule;
mod soft;
mod solver;
mod sound;
mod warm;
mod wishes;
