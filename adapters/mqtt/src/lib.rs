#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "gateway")]
pub mod gateway;
pub mod topics;

pub use topics::{Channel, PartnerTopic};
