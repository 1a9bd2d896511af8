//! The device side: one partner's phone as a client of a gateway, or of any MQTT broker, on
//! `rumqttc`.

mod device;
mod outbox;
mod worker;

pub use device::{
    ClientClosed, ClientOptions, DeviceClient, DeviceEvent, DeviceEvents, LastWill, Receipt,
};
