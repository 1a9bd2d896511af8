//! Integration tests of the crate, one module for each subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod conformance;
mod dispatch_run;
mod fixtures;
mod golden;
mod manifest;
mod partner;
mod readmodel;
mod shipment;
mod telemetry;
mod trail;
