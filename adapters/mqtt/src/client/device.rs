//! The client as its user holds it: publish, wait for the acknowledgement, close.

use bytes::Bytes;
use logistics_core::PartnerId;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::events::DeviceEvents;
use super::link::Link;
use super::options::ClientOptions;
use super::worker::{Command, Message, Worker};
use crate::link::Server;
use crate::topics::{Channel, PartnerTopic};

/// The client's task has ended: it was closed, or the runtime stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device client is closed")]
pub struct ClientClosed;

/// One partner's device. Its task reconnects by itself and publishes again what has not been
/// acknowledged, so a message may arrive twice, and none is lost while the client lives.
///
/// Dropping it breaks the connection off like an empty battery would; [`DeviceClient::close`] says
/// goodbye.
#[derive(Debug)]
pub struct DeviceClient {
    partner: PartnerId,
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

/// The promise of an acknowledgement. May be dropped: the message is sent all the same.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<()>);

impl Receipt {
    /// Waits until the other side has taken responsibility for the message (PUBACK).
    ///
    /// # Errors
    /// [`ClientClosed`] when the client ended before.
    pub async fn acknowledged(self) -> Result<(), ClientClosed> {
        self.0.await.map_err(|_| ClientClosed)
    }
}

impl DeviceClient {
    /// Starts a client whose client id is the partner's id. Gives it back at once: it connects,
    /// and reconnects, in a task of its own. Must be called inside a tokio runtime.
    #[must_use]
    pub fn connect(
        server: impl Into<Server>,
        partner: &PartnerId,
        options: ClientOptions,
    ) -> (Self, DeviceEvents) {
        let (commands, taken) = mpsc::channel(1);
        let (manifest, manifests) = watch::channel(None);
        let (is_up, links) = watch::channel(false);
        let target = Link { server: server.into(), partner: partner.clone(), options };
        let worker = Worker::new(target, taken, manifest, is_up);
        let task = tokio::spawn(worker.run());
        let events = DeviceEvents { manifests, links };
        (Self { partner: partner.clone(), commands, task }, events)
    }

    /// Publishes at QoS 1 on one of the partner's topics. Waits while the window is full.
    ///
    /// # Errors
    /// [`ClientClosed`] when the client's task has ended.
    pub async fn publish(
        &self,
        channel: Channel,
        payload: impl Into<Bytes>,
    ) -> Result<Receipt, ClientClosed> {
        let topic = PartnerTopic::new(self.partner.clone(), channel).to_string();
        let (done, receipt) = oneshot::channel();
        let message = Message { topic, payload: payload.into(), done };
        self.commands.send(Command::Publish(message)).await.map_err(|_| ClientClosed)?;
        Ok(Receipt(receipt))
    }

    /// Waits for outstanding acknowledgements, within the close timeout, and disconnects.
    pub async fn close(mut self) {
        if self.commands.send(Command::Close).await.is_ok()
            && let Err(error) = (&mut self.task).await
        {
            tracing::warn!(partner = %self.partner, %error, "device client ended badly");
        }
    }
}

impl Drop for DeviceClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}
