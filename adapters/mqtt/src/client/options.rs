//! How a device behaves on the network.

use std::time::Duration;

use bytes::Bytes;

use crate::topics::Channel;

/// How a device behaves on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOptions {
    /// Longest silence before the device pings.
    pub keep_alive: Duration,
    /// Messages published and not yet acknowledged; at that number
    /// [`DeviceClient::publish`](super::DeviceClient::publish) waits.
    pub window: u16,
    /// Largest packet sent or taken, in bytes. A manifest of 400 stops is well above 10 KiB.
    pub packet_bytes_max: usize,
    /// First pause before reconnecting; it doubles with every failure.
    pub reconnect_min: Duration,
    /// Longest pause before reconnecting.
    pub reconnect_max: Duration,
    /// Longest wait for one acknowledgement; after it the connection is made anew.
    pub ack_timeout: Duration,
    /// Longest wait for outstanding acknowledgements when closing.
    pub close_timeout: Duration,
    /// What the gateway is to publish when it loses the device.
    pub last_will: Option<LastWill>,
}

/// What is published on a device's behalf when its connection is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWill {
    /// On which of the partner's topics.
    pub channel: Channel,
    /// The message.
    pub payload: Bytes,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(30),
            window: 16,
            packet_bytes_max: 256 * 1024,
            reconnect_min: Duration::from_millis(200),
            reconnect_max: Duration::from_secs(30),
            ack_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            last_will: None,
        }
    }
}
