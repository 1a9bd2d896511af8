//! What a door asks of its host: who may connect, are these messages durable, which manifest.
//!
//! [`DeviceHandler`] is the only way out of this crate; it knows no database and no HTTP.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use bytes::Bytes;
use logistics_core::PartnerId;

use super::access::{Access, Hello, Refusal};
use super::message::{DeviceMessage, Disposition};

/// The host of a gateway, of a client of a broker, or of both: decides on connections, stores
/// messages, knows the manifests.
///
/// All methods may be called concurrently, except that each door calls
/// [`messages`](Self::messages) for one batch at a time.
#[async_trait]
pub trait DeviceHandler: Send + Sync + 'static {
    /// May this client connect, and as whom? Asked by a gateway only: a broker decides itself.
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
    ///
    /// # Errors
    /// [`LookupFailed`]: asked again later, less and less often.
    async fn manifest(&self, partner: &PartnerId) -> Result<Option<Manifest>, LookupFailed>;

    /// Everybody who has a current manifest: what a local tool's wildcard subscription covers.
    ///
    /// # Errors
    /// [`LookupFailed`]: asked again later, less and less often.
    async fn manifest_holders(&self) -> Result<Vec<PartnerId>, LookupFailed>;

    /// The partner's device came or went. Must not block.
    ///
    /// Not called when a connection is taken over by a newer one of the same client (the newer
    /// one's [`Presence::Connected`] is), nor when the gateway itself shuts down.
    fn presence(&self, partner: &PartnerId, presence: Presence);
}

/// The host cannot look a manifest up now; why, is for its own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("manifests cannot be looked up now")]
pub struct LookupFailed;

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

/// Tells the host of a presence; its panic must not end the telling.
pub(crate) fn tell(handler: &dyn DeviceHandler, partner: &PartnerId, presence: Presence) {
    let telling = AssertUnwindSafe(|| handler.presence(partner, presence));
    if std::panic::catch_unwind(telling).is_err() {
        tracing::error!(%partner, ?presence, "the host failed on a presence");
    }
}
