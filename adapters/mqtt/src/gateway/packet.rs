//! MQTT packets as the gateway sees them: one form for both protocol versions, no wire details.

use std::sync::Arc;

use bytes::Bytes;

pub(super) use crate::host::PacketId;
use crate::host::ProtocolVersion;

/// What a device may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packet {
    Connect(Box<Connect>),
    Publish(Publish),
    Puback(PacketId),
    Subscribe(Subscribe),
    Unsubscribe { id: PacketId, filters: Vec<Arc<str>> },
    Pingreq,
    Disconnect { with_will: bool, session_expiry_s: Option<u32> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Connect {
    pub(super) version: ProtocolVersion,
    pub(super) clean: bool,
    pub(super) keep_alive_s: u16,
    /// May be empty.
    pub(super) client_id: Arc<str>,
    pub(super) will: Option<Will>,
    /// How long the session outlives the connection; `u32::MAX` means for ever.
    pub(super) session_expiry_s: u32,
    /// Unacknowledged messages the client takes at once.
    pub(super) receive_max: u16,
    /// Largest packet the client takes.
    pub(super) packet_bytes_max: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Will {
    pub(super) topic: Arc<str>,
    pub(super) payload: Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publish {
    /// Present for QoS 1, absent for QoS 0.
    pub(super) id: Option<PacketId>,
    pub(super) duplicate: bool,
    pub(super) topic: Arc<str>,
    pub(super) payload: Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subscribe {
    pub(super) id: PacketId,
    /// Whether the client wants its subscription identifier echoed, which is not offered.
    pub(super) wants_identifier: bool,
    pub(super) filters: Vec<FilterRequest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilterRequest {
    pub(super) filter: Arc<str>,
    /// QoS 1 or more was asked for.
    pub(super) acknowledged: bool,
    pub(super) retain_as_published: bool,
    pub(super) retained: RetainedAtSubscribe,
}

/// When a subscription brings the retained messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetainedAtSubscribe {
    Always,
    IfNew,
    Never,
}
