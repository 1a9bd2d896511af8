//! What a session asks of its shell, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use super::super::fault::Fault;
use super::super::packet::{Connect, PacketId, Publish, Subscribe};

/// What the gateway's configuration means for one connection.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Limits {
    pub(in super::super) connect_timeout: Duration,
    pub(in super::super) packet_bytes_max: usize,
    pub(in super::super) in_flight_max: u16,
    pub(in super::super) session_expiry_max_s: u32,
}

/// What the connection's shell must do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Action {
    /// Ask the host, then call [`Session::admit`] or [`Session::refuse`].
    Connect(Box<Connect>),
    /// Have it stored, then call [`Session::settled`].
    Publish(Publish),
    /// Grant or refuse the filters, then call [`Session::subscribed`].
    Subscribe(Subscribe),
    /// Forget the filters, then call [`Session::unsubscribed`].
    Unsubscribe(PacketId, Vec<Arc<str>>),
    /// The device confirmed a manifest.
    ManifestConfirmed(PacketId),
    /// The client changed how long its session outlives the connection.
    SessionExpiry(u32),
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Ending {
    /// The client said DISCONNECT, with or without asking for its will to be sent.
    Goodbye { with_will: bool },
    /// The stream ended or broke.
    PeerGone,
    /// No CONNECT in time.
    Silent,
    /// Nothing heard for 1.5 keep-alive intervals.
    KeepAlive,
    /// The peer is not understood.
    Fault(Fault),
    /// The host, or the gateway, does not let this client in; the reason code.
    Refused(u8),
    /// The client's certificate is over.
    ShutOut,
    /// A newer connection of the same client.
    TakenOver,
    /// The host could not store a message.
    Unavailable,
    /// The peer does not read what is written to it.
    WriteTimeout,
    /// The gateway stops.
    ShuttingDown,
}

impl Ending {
    /// Whether the client's last will is sent.
    pub(in super::super) fn sends_will(self) -> bool {
        !matches!(self, Self::Goodbye { with_will: false } | Self::ShuttingDown | Self::ShutOut)
    }
}
