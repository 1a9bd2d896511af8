//! Integration tests of the crate, one module for each subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod aggregates;
mod audit;
mod bag;
mod conformance;
mod dispatch_run;
mod fixtures;
mod golden;
mod hot_stream;
mod manifest;
mod manifest_properties;
mod matrix;
mod outcomes;
mod partner;
mod privacy;
mod readmodel;
mod scale;
mod shift;
mod shipment;
mod simulator;
mod sla;
mod telemetry;
mod trail;
