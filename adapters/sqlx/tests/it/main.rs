//! Integration tests of the crate, one module for each part.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod conformance;
mod crash;
mod erasure;
mod fixtures;
mod opening;
mod retention;
mod writing;
