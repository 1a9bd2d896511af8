//! Why a peer is not understood, and the reason codes that tell it so.

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
