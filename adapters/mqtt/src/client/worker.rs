//! The client's task. Every connection gets a `rumqttc` client of its own, and the outbox is ours:
//! `rumqttc` forgets its queue when the session is gone, and one of its clients can wedge for ever
//! on a packet number that is never acknowledged.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttc::{AsyncClient, Event, Incoming, Outgoing};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

use super::conversation::hand_over;
use super::link::Link;
use super::outbox::{Entry, Outbox};

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
    pub(super) link: Link,
    commands: mpsc::Receiver<Command>,
    pub(super) manifest: watch::Sender<Option<Bytes>>,
    pub(super) is_up: watch::Sender<bool>,
    pub(super) outbox: Outbox,
    /// Set once the user closes: until when to wait for acknowledgements.
    pub(super) closing: Option<Instant>,
}

impl Worker {
    pub(super) fn new(
        link: Link,
        commands: mpsc::Receiver<Command>,
        manifest: watch::Sender<Option<Bytes>>,
        is_up: watch::Sender<bool>,
    ) -> Self {
        Self { link, commands, manifest, is_up, outbox: Outbox::default(), closing: None }
    }

    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            match self.serve_connection().await {
                Ending::Closed => return,
                Ending::Lost { was_up } => {
                    failures = if was_up { 1 } else { failures + 1 };
                    self.is_up.send_if_modified(std::mem::take);
                }
            }
            if self.closing.is_some() && self.outbox.is_empty() {
                return;
            }
            let pause = self.link.pause(failures);
            // What is published meanwhile waits in the outbox.
            let taking = async { while self.take_command(None).await {} };
            let _ = timeout(pause, taking).await;
            if self.closing.is_some_and(|until| Instant::now() >= until) {
                return;
            }
        }
    }

    async fn serve_connection(&mut self) -> Ending {
        let (client, mut events) = self.link.open();
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
                            tracing::debug!(partner = %self.link.partner, "no acknowledgement in time");
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
                    tracing::debug!(partner = %self.link.partner, %error, "connection lost");
                    return Ending::Lost { was_up: is_up };
                }
            }
        }
    }

    /// When to give this connection up if nothing comes.
    fn deadline(&self, is_up: bool) -> Instant {
        let patience = self.link.options.ack_timeout;
        let unanswered = self.outbox.oldest().filter(|_| is_up).map(|since| since + patience);
        let far = Instant::now() + Duration::from_secs(3_600);
        [unanswered, self.closing].into_iter().flatten().min().unwrap_or(far)
    }

    /// Takes one command when there is room; never ends while there is none.
    async fn take_command(&mut self, client: Option<&AsyncClient>) -> bool {
        if self.closing.is_some() || self.outbox.len() >= self.link.window().into() {
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
                self.closing = Some(Instant::now() + self.link.options.close_timeout);
                if let Some(client) = client {
                    self.say_goodbye_if_done(client);
                }
                false
            }
        }
    }
}
