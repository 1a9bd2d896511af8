//! The gateway's limits, with defaults for a fleet of phones.

use std::net::SocketAddr;
use std::time::Duration;

/// Limits on everything that comes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// Connections served at once; more are closed on accept.
    pub connections_max: usize,
    /// TLS handshakes under way at once; more are closed on accept.
    pub handshakes_max: usize,
    /// Time from accept to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// Time from accept, or from the end of the TLS handshake, to a complete CONNECT.
    pub connect_timeout: Duration,
    /// Time the host may take to answer a CONNECT, or to look up a manifest before it is asked again.
    pub lookup_timeout: Duration,
    /// Time the peer may take to accept what is written to it.
    pub write_timeout: Duration,
    /// Time a shutdown may take to have waiting messages stored and acknowledged.
    pub drain_timeout: Duration,
    /// Largest packet accepted, in bytes, fixed header included.
    pub packet_bytes_max: usize,
    /// Messages of one connection that wait for the host; at that number it is read no further.
    pub in_flight_max: u16,
    /// Messages handed to the host at once.
    pub batch_max: usize,
    /// Time from one batch to the next, at least, unless a full one waits: messages that come
    /// meanwhile share the host's commit. The first after a pause does not wait; none does at zero.
    /// More than a second counts as a second.
    pub batch_every: Duration,
    /// Messages of all connections waiting for the host.
    pub queue_max: usize,
    /// How long the session of an absent client is kept, at most.
    pub session_expiry_max: Duration,
    /// Sessions of absent clients kept; the longest absent goes first.
    pub sessions_max: usize,
    /// Topic filters per client.
    pub subscriptions_max: usize,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            handshakes_max: 4_096,
            handshake_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            lookup_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(5),
            packet_bytes_max: 128 * 1024,
            in_flight_max: 20,
            batch_max: 512,
            batch_every: Duration::from_millis(20),
            queue_max: 4_096,
            session_expiry_max: Duration::from_secs(24 * 3_600),
            sessions_max: 20_000,
            subscriptions_max: 16,
        }
    }
}

/// Why the gateway does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Plain TCP is for this machine only: give a loopback address.
    #[error("plain MQTT binds to a loopback address only, not to {address}")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system refused: the port may be taken.
    #[error("cannot listen for MQTT on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}
