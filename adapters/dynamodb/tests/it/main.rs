//! Integration tests of the crate, one module for each part, against a DynamoDB in this process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod conformance;
mod entries;
mod faults;
mod feed;
mod fixtures;
mod models;
mod proxy;
mod server;
mod table;
