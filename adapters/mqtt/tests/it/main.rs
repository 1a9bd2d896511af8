//! The gateway and the clients from outside: real TCP, a real broker, clients that are not ours,
//! bytes by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod acks;
mod batches;
mod broker;
mod client;
mod client_ends;
mod delivery;
mod garbage;
mod greeting;
mod host;
mod hostile;
mod kept;
mod load;
mod lookups;
mod manifests;
mod mosquitto;
mod packets;
mod pki;
mod refusals;
mod sessions;
mod shutdown;
mod subscriptions;
mod tls;
mod tls_refusals;
mod wire;
