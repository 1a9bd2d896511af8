//! The gateway and the client from outside: real TCP, clients that are not ours, bytes by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod acks;
mod client;
mod host;
mod hostile;
mod load;
mod manifests;
mod mosquitto;
mod sessions;
mod wire;
