//! The client's task. Every connection gets a `rumqttc` client of its own, and the outbox is ours:
//! `rumqttc` forgets its queue when the session is gone, and one of its clients can wedge for ever
//! on a packet number that is never acknowledged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use logistics_core::PartnerId;
use rumqttc::{
    AsyncClient, Event, EventLoop, Incoming, MqttOptions, Outgoing, QoS, SubscribeReasonCode,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

use super::device::ClientOptions;
use super::outbox::{Entry, Outbox};
use crate::topics::{Channel, PartnerTopic};

/// What the client's user asks for.
#[derive(Debug)]
pub(super) enum Command {
    Publish(Entry),
    Close,
}

/// How a connection ended.
enum Ending {
    /// The user wanted it.
    Closed,
    /// To be made anew; whether it had been up.
    Lost { was_up: bool },
}

pub(super) struct Worker {
    address: SocketAddr,
    partner: PartnerId,
    options: ClientOptions,
    commands: mpsc::Receiver<Command>,
    manifest: watch::Sender<Option<Bytes>>,
    link: watch::Sender<bool>,
    outbox: Outbox,
    /// Set once the user closes: until when to wait for acknowledgements.
    closing: Option<Instant>,
}

impl Worker {
    pub(super) fn new(
        address: SocketAddr,
        partner: PartnerId,
        mut options: ClientOptions,
        commands: mpsc::Receiver<Command>,
        manifest: watch::Sender<Option<Bytes>>,
        link: watch::Sender<bool>,
    ) -> Self {
        options.window = options.window.clamp(1, 1_000);
        let outbox = Outbox::default();
        Self { address, partner, options, commands, manifest, link, outbox, closing: None }
    }

    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            match self.serve_connection().await {
                Ending::Closed => return,
                Ending::Lost { was_up } => {
                    failures = if was_up { 1 } else { failures + 1 };
                    self.link.send_if_modified(std::mem::take);
                }
            }
            if self.closing.is_some() && self.outbox.is_empty() {
                return;
            }
            let pause = self.pause(failures);
            // What is published meanwhile waits in the outbox.
            let taking = async { while self.take_command(None).await {} };
            let _ = timeout(pause, taking).await;
            if self.closing.is_some_and(|until| Instant::now() >= until) {
                return;
            }
        }
    }

    /// Doubles with every failure, and differs between partners: a fleet that lost its gateway
    /// must not come back in one instant.
    fn pause(&self, failures: u32) -> Duration {
        let doubled =
            self.options.reconnect_min.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = doubled.min(self.options.reconnect_max);
        let scatter = self
            .partner
            .as_str()
            .bytes()
            .fold(failures, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        pause * (75 + scatter % 50) / 100
    }

    fn open(&self) -> (AsyncClient, EventLoop) {
        let host = match self.address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let mut options = MqttOptions::new(self.partner.as_str(), host, self.address.port());
        options
            .set_clean_session(true)
            // Less than a second is refused by `rumqttc`.
            .set_keep_alive(self.options.keep_alive.max(Duration::from_secs(1)))
            .set_max_packet_size(self.options.packet_bytes_max, self.options.packet_bytes_max)
            // Packet numbers run up to this; out-of-order acknowledgements need the slack.
            .set_inflight(self.options.window.saturating_mul(4));
        if let Some(will) = &self.options.last_will {
            let topic = PartnerTopic::new(self.partner.clone(), will.channel).to_string();
            let payload = will.payload.to_vec();
            options.set_last_will(rumqttc::LastWill::new(topic, payload, QoS::AtLeastOnce, false));
        }
        // The whole window, the subscription and the goodbye fit, so handing over never waits.
        AsyncClient::new(options, usize::from(self.options.window) + 2)
    }

    async fn serve_connection(&mut self) -> Ending {
        let (client, mut events) = self.open();
        self.outbox.unsend();
        let mut is_up = false;
        loop {
            let event = {
                // Polled to its end: a poll given up half-way may lose what it was writing.
                let poll = events.poll();
                tokio::pin!(poll);
                loop {
                    let deadline = self.deadline(is_up);
                    tokio::select! {
                        event = &mut poll => break event,
                        _ = self.take_command(is_up.then_some(&client)) => {}
                        () = sleep_until(deadline.into()) => {
                            tracing::debug!(partner = %self.partner, "no acknowledgement in time");
                            return Ending::Lost { was_up: is_up };
                        }
                    }
                }
            };
            match event {
                Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                    is_up = true;
                    self.welcome(&client);
                }
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return Ending::Closed,
                Ok(event) => self.take_event(event, &client),
                Err(error) => {
                    tracing::debug!(partner = %self.partner, %error, "connection lost");
                    return Ending::Lost { was_up: is_up };
                }
            }
        }
    }

    /// When to give this connection up if nothing comes.
    fn deadline(&self, is_up: bool) -> Instant {
        let patience = self.options.ack_timeout;
        let unanswered = self.outbox.oldest().filter(|_| is_up).map(|since| since + patience);
        let far = Instant::now() + Duration::from_secs(3_600);
        [unanswered, self.closing].into_iter().flatten().min().unwrap_or(far)
    }

    /// Takes one command when there is room; never ends while there is none.
    async fn take_command(&mut self, client: Option<&AsyncClient>) -> bool {
        if self.closing.is_some() || self.outbox.len() >= self.options.window.into() {
            return std::future::pending().await;
        }
        match self.commands.recv().await {
            Some(Command::Publish(entry)) => {
                if let Some(client) = client {
                    hand_over(client, &entry);
                }
                self.outbox.push(entry);
                true
            }
            Some(Command::Close) | None => {
                self.closing = Some(Instant::now() + self.options.close_timeout);
                if let Some(client) = client {
                    self.say_goodbye_if_done(client);
                }
                false
            }
        }
    }

    /// A new connection starts from nothing: subscribe, and publish again what is left.
    fn welcome(&self, client: &AsyncClient) {
        let topic = PartnerTopic::new(self.partner.clone(), Channel::Manifest).to_string();
        if let Err(error) = client.try_subscribe(topic, QoS::AtLeastOnce) {
            tracing::warn!(partner = %self.partner, %error, "cannot subscribe to the manifest");
        }
        for entry in self.outbox.iter() {
            hand_over(client, entry);
        }
        self.link.send_if_modified(|is_up| !std::mem::replace(is_up, true));
        self.say_goodbye_if_done(client);
    }

    fn say_goodbye_if_done(&self, client: &AsyncClient) {
        if self.closing.is_some()
            && self.outbox.is_empty()
            && let Err(error) = client.try_disconnect()
        {
            tracing::debug!(partner = %self.partner, %error, "cannot say goodbye");
        }
    }

    fn take_event(&mut self, event: Event, client: &AsyncClient) {
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
                tracing::warn!(partner = %self.partner, "the manifest's topic is refused");
            }
            _ => {}
        }
    }
}

fn hand_over(client: &AsyncClient, entry: &Entry) {
    let (topic, payload) = (entry.topic.clone(), entry.payload.to_vec());
    if let Err(error) = client.try_publish(topic, QoS::AtLeastOnce, false, payload) {
        // It stays in the outbox, and goes out with the next connection.
        tracing::warn!(%error, "message not handed over");
    }
}
