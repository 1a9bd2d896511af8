//! Messages of one connection between their arrival and their acknowledgement.

use std::collections::VecDeque;
use std::sync::Arc;

use logistics_core::PartnerId;
use rumqttc::{AsyncClient, Publish, QoS};
use tokio::sync::mpsc;

use super::link::Shared;
use super::presence::told_by;
use crate::host::{
    Access, Answer, Commit, DeviceMessage, Disposition, PacketId, Presence, Rejection, Reply,
    Topic, tell,
};
use crate::topics::Channel;

/// One message that is not acknowledged yet.
#[derive(Debug)]
struct Waiting {
    /// Absent for a message of QoS 0.
    id: Option<PacketId>,
    /// What it says of its partner's link.
    presence: Option<(PartnerId, Presence)>,
    answer: Option<Disposition>,
}

/// The messages that wait, in the order of arrival; in that order they are acknowledged.
pub(super) struct Intake {
    shared: Arc<Shared>,
    client_id: Arc<str>,
    waiting: VecDeque<Waiting>,
    answers: (mpsc::Sender<Answer>, mpsc::Receiver<Answer>),
}

impl Intake {
    pub(super) fn new(shared: &Arc<Shared>, client_id: &str) -> Self {
        let answers = mpsc::channel(shared.config.in_flight_max.max(1).into());
        let waiting = VecDeque::new();
        Self { shared: Arc::clone(shared), client_id: client_id.into(), waiting, answers }
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= usize::from(self.shared.config.in_flight_max.max(1))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a message and hands it to the host, while it is not [full](Self::is_full). False when
    /// the host has too much to do with what came over earlier connections.
    pub(super) fn take(&mut self, publish: Publish, client: &AsyncClient) -> bool {
        let stats = &self.shared.stats;
        stats.received.up();
        if publish.dup {
            stats.redelivered.up();
        }
        let id = (publish.qos != QoS::AtMostOnce).then_some(publish.pkid);
        let topic = publish.topic.as_str();
        if publish.payload.len() > self.shared.config.payload_bytes_max {
            stats.rejected_oversized.up();
            tracing::warn!(topic, bytes = publish.payload.len(), "a message is too large");
            let answer = Some(Disposition::Rejected(Rejection::Other));
            self.waiting.push_back(Waiting { id, presence: None, answer });
            self.release(client);
            return true;
        }
        let (client_id, access) = (Arc::clone(&self.client_id), Access::Broker);
        let message = DeviceMessage {
            duplicate: publish.dup,
            ..DeviceMessage::new(topic.into(), publish.payload, client_id, &access)
        };
        let presence = match &message.topic {
            Topic::Partner { partner, channel: Channel::Status } => {
                told_by(&message.payload).map(|presence| (partner.clone(), presence))
            }
            _ => None,
        };
        let reply = Some(Reply { to: self.answers.0.clone(), id });
        let is_taken = self.shared.commits.try_send(Commit { message, reply }).is_ok();
        if is_taken {
            self.waiting.push_back(Waiting { id, presence, answer: None });
        }
        is_taken
    }

    /// Waits for the host's next answer.
    pub(super) async fn answer(&mut self) -> Disposition {
        match self.answers.1.recv().await {
            Some(answer) => answer.disposition,
            // Never: we hold a sender ourselves.
            None => std::future::pending().await,
        }
    }

    /// The host has answered, in the order of arrival.
    pub(super) fn answered(&mut self, disposition: Disposition, client: &AsyncClient) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.answer.is_none()) {
            waiting.answer = Some(disposition);
        }
        self.release(client);
    }

    /// Acknowledges what is answered, unless something before it is not.
    fn release(&mut self, client: &AsyncClient) {
        while let Some(first) = self.waiting.pop_front_if(|first| first.answer.is_some()) {
            if first.answer == Some(Disposition::Unavailable) {
                // It comes again, on the next connection.
                continue;
            }
            if let Some(id) = first.id {
                self.acknowledge(id, client);
            }
            if let Some((partner, presence)) = first.presence {
                tell(self.shared.handler.as_ref(), &partner, presence);
            }
        }
    }

    fn acknowledge(&self, id: PacketId, client: &AsyncClient) {
        let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new());
        publish.pkid = id;
        match client.try_ack(&publish) {
            Ok(()) => self.shared.stats.acked.up(),
            Err(error) => tracing::error!(%error, "a message is not acknowledged"),
        }
    }
}
