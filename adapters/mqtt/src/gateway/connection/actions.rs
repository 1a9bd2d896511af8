//! What the session asks for, done one by one.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::super::mailbox::Mailbox;
use super::super::packet::Publish;
use super::super::session::{Action, Ending};
use super::Connection;
use crate::host::{Commit, DeviceMessage, Reply, Topic};

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) async fn perform(&mut self, action: Action) {
        match action {
            Action::Connect(connect) => self.connect(*connect).await,
            Action::Publish(publish) => self.publish(publish).await,
            Action::Subscribe(subscribe) => self.subscribe(&subscribe),
            Action::Unsubscribe(id, filters) => {
                let forget = |mailbox: &mut Mailbox| {
                    filters.iter().map(|filter| mailbox.unsubscribe(filter)).collect::<Vec<_>>()
                };
                if let Some(existed) = self.with_mailbox(forget) {
                    self.session.unsubscribed(id, &existed);
                }
            }
            Action::ManifestConfirmed(id) => {
                if self.with_mailbox(|mailbox| mailbox.queue.settle(id)) == Some(true) {
                    self.shared.stats.manifests_acked.up();
                    self.mail = true;
                }
            }
            Action::SessionExpiry(expiry_s) => {
                if let Some(member) = &self.member {
                    let (id, epoch) = (&member.client_id, member.epoch);
                    self.shared.registry.set_expiry(id, epoch, self.capped(expiry_s));
                }
            }
        }
    }

    pub(super) fn capped(&self, expiry_s: u32) -> u32 {
        let max = self.shared.config.session_expiry_max.as_secs();
        u32::try_from(max).unwrap_or(u32::MAX).min(expiry_s)
    }

    pub(super) fn with_mailbox<R>(&self, work: impl FnOnce(&mut Mailbox) -> R) -> Option<R> {
        let member = self.member.as_ref()?;
        self.shared.registry.with(&member.client_id, member.epoch, work)
    }

    pub(super) async fn publish(&mut self, publish: Publish) {
        let Some(member) = &self.member else { return };
        self.shared.stats.publishes.up();
        let client_id = Arc::clone(&member.client_id);
        let message = DeviceMessage {
            duplicate: publish.duplicate,
            ..DeviceMessage::new(publish.topic, publish.payload, client_id, &member.access)
        };
        if let Topic::Forbidden { .. } = message.topic {
            self.trespasses(&message.topic_name);
        }
        let reply = Some(Reply { to: self.answers.0.clone(), id: publish.id });
        if self.shared.commits.send(Commit { message, reply }).await.is_err() {
            self.session.end(Ending::ShuttingDown);
        }
    }

    /// Logs the first topic that the client may not use; the others are counted only.
    pub(super) fn trespasses(&mut self, topic: &str) {
        if let Some(member) = self.member.as_ref()
            && !std::mem::replace(&mut self.has_trespassed, true)
        {
            let client = &member.client_id;
            tracing::warn!(peer = %self.peer, %client, topic, "the topic is not the client's");
        }
    }

    pub(super) async fn send_will(&mut self, message: DeviceMessage) {
        self.shared.stats.wills.up();
        if self.shared.commits.send(Commit { message, reply: None }).await.is_err() {
            tracing::warn!("a last will came after the gateway's end");
        }
    }
}
