//! The device side: one partner's phone as a client of a gateway, or of any MQTT broker, on
//! `rumqttc`.

mod conversation;
mod device;
mod events;
mod link;
mod options;
mod worker;

pub use device::{ClientClosed, DeviceClient, Receipt};
pub use events::{DeviceEvent, DeviceEvents};
pub use options::{ClientOptions, LastWill};

pub use crate::link::Server;
