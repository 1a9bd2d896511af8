//! MQTT packets as the gateway sees them: one form for both protocol versions, no wire details.

use std::sync::Arc;

use bytes::Bytes;

use super::handler::ProtocolVersion;

/// A packet number; never 0 on the wire.
pub(super) type PacketId = u16;

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

/// Why a peer is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// Bytes that are no packet.
    #[error("malformed packet: {0}")]
    Malformed(&'static str),
    /// A packet that may not come here.
    #[error("protocol error: {0}")]
    Protocol(&'static str),
    #[error("packet of {bytes} bytes is above the limit")]
    TooLarge { bytes: usize },
    #[error("quality of service 2 is not offered")]
    Qos2,
    #[error("topic aliases are not offered")]
    TopicAlias,
    #[error("protocol version is not offered")]
    Version { v5_or_later: bool },
    #[error("extended authentication is not offered")]
    Authentication,
}

/// Reason codes of MQTT 5, section 2.4, as far as the gateway sends them.
pub(super) mod reason {
    pub(in super::super) const SUCCESS: u8 = 0x00;
    pub(in super::super) const NO_SUBSCRIPTION: u8 = 0x11;
    pub(in super::super) const MALFORMED: u8 = 0x81;
    pub(in super::super) const PROTOCOL_ERROR: u8 = 0x82;
    pub(in super::super) const OTHER: u8 = 0x83;
    pub(in super::super) const VERSION: u8 = 0x84;
    pub(in super::super) const CLIENT_ID: u8 = 0x85;
    pub(in super::super) const NOT_AUTHORISED: u8 = 0x87;
    pub(in super::super) const UNAVAILABLE: u8 = 0x88;
    pub(in super::super) const BUSY: u8 = 0x89;
    pub(in super::super) const SHUTTING_DOWN: u8 = 0x8B;
    pub(in super::super) const AUTHENTICATION: u8 = 0x8C;
    pub(in super::super) const KEEP_ALIVE: u8 = 0x8D;
    pub(in super::super) const TAKEN_OVER: u8 = 0x8E;
    pub(in super::super) const FILTER_INVALID: u8 = 0x8F;
    pub(in super::super) const TOPIC_INVALID: u8 = 0x90;
    pub(in super::super) const TOPIC_ALIAS: u8 = 0x94;
    pub(in super::super) const TOO_LARGE: u8 = 0x95;
    pub(in super::super) const QUOTA: u8 = 0x97;
    pub(in super::super) const PAYLOAD: u8 = 0x99;
    pub(in super::super) const QOS: u8 = 0x9B;
    pub(in super::super) const SHARED: u8 = 0x9E;
    pub(in super::super) const SUBSCRIPTION_IDENTIFIER: u8 = 0xA1;
}

impl Fault {
    /// The MQTT 5 reason code for it.
    pub(super) fn reason(self) -> u8 {
        match self {
            Self::Malformed(_) => reason::MALFORMED,
            Self::Protocol(_) => reason::PROTOCOL_ERROR,
            Self::TooLarge { .. } => reason::TOO_LARGE,
            Self::Qos2 => reason::QOS,
            Self::TopicAlias => reason::TOPIC_ALIAS,
            Self::Version { .. } => reason::VERSION,
            Self::Authentication => reason::AUTHENTICATION,
        }
    }
}
