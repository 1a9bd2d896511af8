//! The client as its user holds it: publish, wait for the acknowledgement, watch for manifests.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use logistics_core::PartnerId;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::outbox::Entry;
use super::worker::{Command, Worker};
use crate::topics::{Channel, PartnerTopic};

/// How a device behaves on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOptions {
    /// Longest silence before the device pings.
    pub keep_alive: Duration,
    /// Messages published and not yet acknowledged; at that number [`DeviceClient::publish`] waits.
    pub window: u16,
    /// Largest packet sent or taken, in bytes. A manifest of 400 stops is well above 10 KiB.
    pub packet_bytes_max: usize,
    /// First pause before reconnecting; it doubles with every failure.
    pub reconnect_min: Duration,
    /// Longest pause before reconnecting.
    pub reconnect_max: Duration,
    /// Longest wait for one acknowledgement; after it the connection is made anew.
    pub ack_timeout: Duration,
    /// Longest wait for outstanding acknowledgements when closing.
    pub close_timeout: Duration,
    /// What the gateway is to publish when it loses the device.
    pub last_will: Option<LastWill>,
}

/// What is published on a device's behalf when its connection is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWill {
    /// On which of the partner's topics.
    pub channel: Channel,
    /// The message.
    pub payload: Bytes,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(30),
            window: 16,
            packet_bytes_max: 256 * 1024,
            reconnect_min: Duration::from_millis(200),
            reconnect_max: Duration::from_secs(30),
            ack_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            last_will: None,
        }
    }
}

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
        address: SocketAddr,
        partner: &PartnerId,
        options: ClientOptions,
    ) -> (Self, DeviceEvents) {
        let (commands, taken) = mpsc::channel(1);
        let (manifest, manifests) = watch::channel(None);
        let (link, links) = watch::channel(false);
        let worker = Worker::new(address, partner.clone(), options, taken, manifest, link);
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
        let entry = Entry::new(topic, payload.into(), done);
        self.commands.send(Command::Publish(entry)).await.map_err(|_| ClientClosed)?;
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

/// What a device hears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// It is connected.
    Connected,
    /// The connection is lost; it is being made anew.
    Disconnected,
    /// The partner's manifest, as it stands now.
    Manifest(Bytes),
}

/// The events of one device. What is not taken in time is overtaken by what is newer: a slow
/// listener sees the latest manifest, not every one.
#[derive(Debug)]
pub struct DeviceEvents {
    manifests: watch::Receiver<Option<Bytes>>,
    links: watch::Receiver<bool>,
}

impl DeviceEvents {
    /// The next event; `None` when the client is closed.
    pub async fn next(&mut self) -> Option<DeviceEvent> {
        loop {
            tokio::select! {
                biased;
                changed = self.links.changed() => {
                    changed.ok()?;
                    let is_up = *self.links.borrow_and_update();
                    return Some(if is_up { DeviceEvent::Connected } else { DeviceEvent::Disconnected });
                }
                changed = self.manifests.changed() => {
                    changed.ok()?;
                    if let Some(manifest) = self.manifests.borrow_and_update().clone() {
                        return Some(DeviceEvent::Manifest(manifest));
                    }
                }
            }
        }
    }
}
