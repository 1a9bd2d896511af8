//! The programs of this crate, run as processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod fleet;
mod vrp;
mod vrp_bench;
mod zones;
