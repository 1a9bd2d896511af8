//! End-to-end tests: each starts the built server as a process and drives it from outside only,
//! with clients that are not ours.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a step that fails is a test that fails"
)]

mod broker;
mod crash;
mod day_routes;
mod dead_letters;
mod dispatch;
mod divided;
mod geofence;
mod harness;
mod journey;
mod overrides;
mod phones;
mod refusals;
mod secured;
mod secured_crash;
