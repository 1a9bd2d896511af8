//! The platform as a client of an MQTT broker that runs already: Mosquitto, EMQX, AWS IoT Core.
//!
//! Devices talk to the broker; this receives what they say, and acknowledges it to the broker only
//! after the host has stored it. Manifests go to the broker as retained messages.

mod client;
mod config;
mod intake;
mod link;
mod manifests;
mod presence;
mod publisher;
mod retry;
mod running;
mod stats;
mod subscriber;

pub use client::BrokerClient;
pub use config::{BrokerConfig, ConfigError, Share};
pub use stats::BrokerStats;

pub use crate::host::{
    Access, Counter, DeviceHandler, DeviceMessage, Disposition, Manifest, Presence, Rejection,
    Topic,
};
pub use crate::link::Server;
