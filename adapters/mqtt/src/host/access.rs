//! Who knocks, and as whom it is let in.

use std::net::SocketAddr;
use std::sync::Arc;

use logistics_core::PartnerId;

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
    /// The partner whose device the peer's certificate names. The gateway holds the MQTT client id
    /// against it.
    pub partner: PartnerId,
    /// The certificate's serial number, in lower-case hexadecimal digits.
    pub serial: Arc<str>,
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
    /// Whoever a broker has let publish it: the broker's rules say who may write to which topics.
    Broker,
}

impl Access {
    /// Whether a client let in like this may publish on the partner's topics.
    #[must_use]
    pub fn covers(&self, partner: &PartnerId) -> bool {
        match self {
            Self::Partner(own) => own == partner,
            Self::LocalTool | Self::Broker => true,
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
