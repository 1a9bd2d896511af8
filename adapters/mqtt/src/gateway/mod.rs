//! The device gateway: MQTT 3.1.1 and 5 for devices, acknowledged after the host's durable commit.
//!
//! Not a broker: messages go from devices to the host, manifests from the host to devices, nothing
//! from device to device.

mod committer;
mod config;
mod connection;
mod decode;
mod encode;
mod frame;
mod handler;
mod mailbox;
#[cfg(test)]
mod mailbox_tests;
mod packet;
mod registry;
mod server;
mod session;
#[cfg(test)]
mod session_tests;
mod stats;

pub use config::{BindError, GatewayConfig};
pub use handler::{
    Access, ConnectionIdentity, DeviceHandler, DeviceMessage, Disposition, Hello, Manifest,
    Presence, ProtocolVersion, Refusal, Rejection, Topic,
};
pub use server::Gateway;
pub use stats::{Counter, GatewayStats};
