//! A device's message on its way to the host, and what became of it.

use std::sync::Arc;

use bytes::Bytes;
use logistics_core::PartnerId;
use logistics_core::telemetry::OwnTracksTopic;

use super::access::Access;
use crate::topics::{Channel, PartnerTopic};

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
    /// A topic of the app OwnTracks: its payloads have a form of their own.
    OwnTracks {
        /// Whose position it is: the sender's own partner, whatever user and device the topic
        /// names; of a local tool, the one whom they name; through a broker, the user.
        partner: PartnerId,
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
    /// Who sent it: the connection's client id. Of a message that came through a broker, the
    /// session that received it: the sender's is not told.
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

impl DeviceMessage {
    /// A message as it arrived, its topic checked against what the sender may do.
    pub(crate) fn new(
        topic_name: Arc<str>,
        payload: Bytes,
        client_id: Arc<str>,
        access: &Access,
    ) -> Self {
        let topic = match PartnerTopic::parse(&topic_name) {
            None => own_tracks(&topic_name, access).unwrap_or(Topic::Unknown),
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

/// A topic of OwnTracks. What user and device are called there is the phone's choice and proves
/// nothing, so who has proved to be a partner need not match it, and writes as that partner. At a
/// broker, whose rules are about topics, the user is the partner.
fn own_tracks(topic_name: &str, access: &Access) -> Option<Topic> {
    let topic = OwnTracksTopic::parse(topic_name)?;
    let partner = match access {
        Access::Partner(own) => own.clone(),
        Access::LocalTool => topic.partner().ok()?,
        Access::Broker => PartnerId::new(topic.user).ok()?,
    };
    Some(Topic::OwnTracks { partner })
}
