#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "broker")]
pub mod broker;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(any(feature = "gateway", feature = "broker"))]
pub mod host;
#[cfg(any(feature = "client", feature = "broker"))]
mod link;
#[cfg(feature = "tls")]
pub mod tls;
pub mod topics;

pub use topics::{Channel, PartnerTopic};
