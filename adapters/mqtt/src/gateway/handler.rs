//! What the gateway asks of its host: who may connect, are these messages durable, which manifest.
//!
//! [`DeviceHandler`] is the gateway's only way out; it knows no database and no HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use logistics_core::PartnerId;

use crate::topics::{Channel, PartnerTopic};

/// The host of a gateway: decides on connections, stores messages, knows the manifests.
///
/// All methods may be called concurrently, except that [`messages`](Self::messages) is called for
/// one batch at a time.
#[async_trait]
pub trait DeviceHandler: Send + Sync + 'static {
    /// May this client connect, and as whom?
    ///
    /// # Errors
    /// A [`Refusal`]; the client is told the reason and disconnected.
    async fn connect(&self, hello: &Hello) -> Result<Access, Refusal>;

    /// Takes messages in arrival order and answers each, in the same order.
    ///
    /// When it returns, whatever it answers [`Disposition::Stored`] to must be durable: that
    /// answer releases the PUBACK. A missing answer, and a panic, count as
    /// [`Disposition::Unavailable`].
    async fn messages(&self, batch: Vec<DeviceMessage>) -> Vec<Disposition>;

    /// The partner's current manifest: what a new subscriber receives as the retained message.
    async fn manifest(&self, partner: &PartnerId) -> Option<Manifest>;

    /// Everybody who has a current manifest: what a local tool's wildcard subscription covers.
    async fn manifest_holders(&self) -> Vec<PartnerId>;

    /// The partner's device came or went. Must not block.
    ///
    /// Not called when a connection is taken over by a newer one of the same client (the newer
    /// one's [`Presence::Connected`] is), nor when the gateway itself shuts down.
    fn presence(&self, partner: &PartnerId, presence: Presence);
}

/// The MQTT version a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolVersion {
    /// MQTT 3.1.1 (OASIS, 2014).
    V311,
    /// MQTT 5.0 (OASIS, 2019).
    V5,
}

/// Who the transport proved the peer to be, fixed when the connection was accepted.
///
/// Plain TCP proves nothing and gives none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionIdentity {
    /// The partner the peer's credential names.
    pub partner: PartnerId,
}

/// A client that asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The MQTT client id; assigned by the gateway when the client sent an empty one.
    pub client_id: Arc<str>,
    /// Where it connects from.
    pub peer: SocketAddr,
    /// What the transport proved, if anything.
    pub identity: Option<ConnectionIdentity>,
    /// The version it speaks.
    pub protocol: ProtocolVersion,
}

/// As whom a client is let in, which fixes the topics it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// A partner's device: publishes under its own id only, reads its own manifest only.
    Partner(PartnerId),
    /// A trusted tool on this machine (`mosquitto_pub`): any partner's topics, any manifest.
    LocalTool,
}

impl Access {
    /// Whether a client let in like this may publish on the partner's topics.
    #[must_use]
    pub fn covers(&self, partner: &PartnerId) -> bool {
        match self {
            Self::Partner(own) => own == partner,
            Self::LocalTool => true,
        }
    }
}

/// Why a client is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The client id is nobody's.
    UnknownClient,
    /// The client is known, and not allowed.
    NotAuthorised,
    /// Not now; the client may try again later.
    Unavailable,
}

/// Where a message was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// A topic of `partner` that the sender may write to.
    Partner {
        /// Whose topic; the sender's own, unless the sender is a local tool.
        partner: PartnerId,
        /// What it carries.
        channel: Channel,
    },
    /// A topic the sender may not write to: another partner's, or a manifest. Never act on the
    /// payload. However it is answered, a v5 client is told 0x87 (not authorised).
    Forbidden {
        /// Whose topic.
        partner: PartnerId,
        /// What it carries.
        channel: Channel,
    },
    /// No topic of this platform.
    Unknown,
}

/// One message from a device, or its last will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceMessage {
    /// Where it was sent, checked against what the sender may do.
    pub topic: Topic,
    /// The topic's name as the client spelt it.
    pub topic_name: Arc<str>,
    /// The payload, unparsed.
    pub payload: Bytes,
    /// Who sent it: the connection's client id.
    pub client_id: Arc<str>,
    /// As whom the sender was let in.
    pub access: Access,
    /// Whether the client marked it as sent before. It may be new to the host all the same.
    pub duplicate: bool,
    /// Whether this is the client's last will, sent because the connection was lost.
    pub will: bool,
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// It is durable (or its content already was): acknowledge.
    Stored,
    /// It will never be taken, and the host has noted that: acknowledge, or the client would
    /// resend it for ever. A v5 client is told the reason.
    Rejected(Rejection),
    /// It could not be stored: do not acknowledge, close the connection; the client resends.
    Unavailable,
}

/// Why a message was rejected; a v5 client gets it as the PUBACK's reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// The payload cannot be read, or states the impossible (0x99).
    Malformed,
    /// The sender may not send this (0x87).
    NotAuthorised,
    /// No topic of this platform (0x90).
    UnknownTopic,
    /// The sender sends too much (0x97).
    QuotaExceeded,
    /// Any other reason (0x83).
    Other,
}

/// A partner's stops, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Grows with every manifest of the partner, across days too: the greater one wins.
    pub version: u64,
    /// What the device receives.
    pub payload: Bytes,
}

/// How a partner's device came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It connected.
    Connected,
    /// It said goodbye (DISCONNECT).
    Disconnected,
    /// The connection broke, or fell silent for 1.5 keep-alive intervals.
    Lost,
}

impl DeviceMessage {
    /// A message as it arrived, its topic checked against what the sender may do.
    pub(super) fn new(
        topic_name: Arc<str>,
        payload: Bytes,
        client_id: Arc<str>,
        access: &Access,
    ) -> Self {
        let topic = match PartnerTopic::parse(&topic_name) {
            None => Topic::Unknown,
            Some(PartnerTopic { partner, channel })
                if channel.is_written_by_devices() && access.covers(&partner) =>
            {
                Topic::Partner { partner, channel }
            }
            Some(PartnerTopic { partner, channel }) => Topic::Forbidden { partner, channel },
        };
        let access = access.clone();
        Self { topic, topic_name, payload, client_id, access, duplicate: false, will: false }
    }
}
