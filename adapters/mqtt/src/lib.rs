#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "tls")]
pub mod tls;
pub mod topics;

pub use topics::{Channel, PartnerTopic};
