//! What is said on a connection: subscribing, publishing, acknowledgements, manifests, goodbye.

use std::time::Instant;

use rumqttc::{AsyncClient, Event, Incoming, Outgoing, QoS, SubscribeReasonCode};

use super::outbox::Entry;
use super::worker::Worker;
use crate::topics::{Channel, PartnerTopic};

impl Worker {
    /// A new connection starts from nothing: subscribe, and publish again what is left.
    pub(super) fn welcome(&self, client: &AsyncClient) {
        let topic = PartnerTopic::new(self.link.partner.clone(), Channel::Manifest).to_string();
        if let Err(error) = client.try_subscribe(topic, QoS::AtLeastOnce) {
            tracing::warn!(partner = %self.link.partner, %error, "cannot subscribe to the manifest");
        }
        for entry in self.outbox.iter() {
            hand_over(client, entry);
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

    pub(super) fn take_event(&mut self, event: Event, client: &AsyncClient) {
        match event {
            Event::Outgoing(Outgoing::Publish(id)) => self.outbox.sent(id, Instant::now()),
            Event::Incoming(Incoming::PubAck(ack)) => {
                self.outbox.acknowledged(ack.pkid);
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

pub(super) fn hand_over(client: &AsyncClient, entry: &Entry) {
    let (topic, payload) = (entry.topic.clone(), entry.payload.to_vec());
    if let Err(error) = client.try_publish(topic, QoS::AtLeastOnce, false, payload) {
        // It stays in the outbox, and goes out with the next connection.
        tracing::warn!(%error, "message not handed over");
    }
}
