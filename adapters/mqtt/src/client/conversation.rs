//! What is said on a connection: subscribing, publishing, acknowledgements, manifests, goodbye.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, Incoming, Outgoing, QoS, SubscribeReasonCode};

use super::worker::{Message, Worker};
use crate::link::Talk;
use crate::topics::{Channel, PartnerTopic};

/// One connection of a device.
pub(super) struct Conversation<'a> {
    pub(super) worker: &'a mut Worker,
    pub(super) client: AsyncClient,
    pub(super) is_up: bool,
}

impl Talk for Conversation<'_> {
    type End = ();

    async fn attend(&mut self) {
        self.worker.take_command(self.is_up.then_some(&self.client)).await;
    }

    fn deadline(&self) -> Instant {
        let Worker { link, outbox, closing, .. } = &*self.worker;
        let patience = link.options.ack_timeout;
        let unanswered = outbox.oldest().filter(|_| self.is_up).map(|since| since + patience);
        let far = Instant::now() + Duration::from_secs(3_600);
        [unanswered, *closing].into_iter().flatten().min().unwrap_or(far)
    }

    fn take(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Incoming(Incoming::ConnAck(_)) => {
                self.is_up = true;
                self.worker.welcome(&self.client);
            }
            Event::Outgoing(Outgoing::Disconnect) => return ControlFlow::Break(()),
            event => self.worker.take_event(event, &self.client),
        }
        ControlFlow::Continue(())
    }
}

impl Worker {
    /// A new connection starts from nothing: subscribe, and publish again what is left.
    fn welcome(&self, client: &AsyncClient) {
        let topic = PartnerTopic::new(self.link.partner.clone(), Channel::Manifest).to_string();
        if let Err(error) = client.try_subscribe(topic, QoS::AtLeastOnce) {
            tracing::warn!(partner = %self.link.partner, %error, "cannot subscribe to the manifest");
        }
        for message in self.outbox.iter() {
            hand_over(client, message);
        }
        self.is_up.send_if_modified(|is_up| !std::mem::replace(is_up, true));
        self.say_goodbye_if_done(client);
    }

    pub(super) fn say_goodbye_if_done(&self, client: &AsyncClient) {
        if self.closing.is_some()
            && self.outbox.is_empty()
            && let Err(error) = client.try_disconnect()
        {
            tracing::debug!(partner = %self.link.partner, %error, "cannot say goodbye");
        }
    }

    fn take_event(&mut self, event: Event, client: &AsyncClient) {
        match event {
            Event::Outgoing(Outgoing::Publish(id)) => self.outbox.sent(id, Instant::now()),
            Event::Incoming(Incoming::PubAck(ack)) => {
                if let Some(Message { done, .. }) = self.outbox.acknowledged(ack.pkid) {
                    // Whoever published may not care for the receipt.
                    let _ = done.send(());
                }
                self.say_goodbye_if_done(client);
            }
            Event::Incoming(Incoming::Publish(publish)) => {
                self.manifest.send_replace(Some(publish.payload));
            }
            Event::Incoming(Incoming::SubAck(ack))
                if ack.return_codes.contains(&SubscribeReasonCode::Failure) =>
            {
                tracing::warn!(partner = %self.link.partner, "the manifest's topic is refused");
            }
            _ => {}
        }
    }
}

pub(super) fn hand_over(client: &AsyncClient, message: &Message) {
    let (topic, payload) = (message.topic.clone(), message.payload.to_vec());
    if let Err(error) = client.try_publish(topic, QoS::AtLeastOnce, false, payload) {
        // It stays in the outbox, and goes out with the next connection.
        tracing::warn!(%error, "message not handed over");
    }
}
