//! Integration tests of the crate, one module for each part.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod canaries;
#[cfg(feature = "postgres")]
mod children;
#[cfg(feature = "sqlite")]
mod conformance;
#[cfg(feature = "sqlite")]
mod crash;
#[cfg(feature = "sqlite")]
mod erasure;
mod fixtures;
#[cfg(feature = "sqlite")]
mod keys;
#[cfg(feature = "sqlite")]
mod models;
#[cfg(feature = "sqlite")]
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod reading;
#[cfg(feature = "sqlite")]
mod retention;
mod writing;
