//! The device gateway: MQTT 3.1.1 and 5 for devices, acknowledged after the host's durable commit.
//!
//! Not a broker: messages go from devices to the host, manifests from the host to devices, nothing
//! from device to device.

mod config;
mod connection;
mod decode;
mod encode;
mod endpoint;
mod fault;
mod filter;
mod frame;
#[cfg(feature = "tls")]
mod handshake;
mod mailbox;
#[cfg(test)]
mod mailbox_tests;
mod owed;
mod packet;
mod queue;
mod registry;
mod running;
mod server;
mod session;
mod stats;
mod subscriptions;

pub use config::{BindError, GatewayConfig};
pub use endpoint::Endpoint;
pub use server::Gateway;
pub use stats::GatewayStats;

pub use crate::host::{
    Access, ConnectionIdentity, Counter, DeviceHandler, DeviceMessage, Disposition, Hello,
    LookupFailed, Manifest, Presence, ProtocolVersion, Refusal, Rejection, Topic,
};
