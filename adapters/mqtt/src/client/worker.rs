//! The client's task: connects, serves the connection, and connects again.

use std::time::Instant;

use bytes::Bytes;
use rumqttc::AsyncClient;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::conversation::{Conversation, hand_over};
use super::link::Link;
use crate::link::{Outbox, serve};

/// One message of the user.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Bytes,
    /// Told of the acknowledgement.
    pub(super) done: oneshot::Sender<()>,
}

/// What the client's user asks for.
#[derive(Debug)]
pub(super) enum Command {
    Publish(Message),
    Close,
}

pub(super) struct Worker {
    pub(super) link: Link,
    commands: mpsc::Receiver<Command>,
    pub(super) manifest: watch::Sender<Option<Bytes>>,
    pub(super) is_up: watch::Sender<bool>,
    pub(super) outbox: Outbox<Message>,
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
        Self { link, commands, manifest, is_up, outbox: Outbox::new(), closing: None }
    }

    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            let Some(was_up) = self.serve_connection().await else { return };
            failures = if was_up { 1 } else { failures + 1 };
            self.is_up.send_if_modified(std::mem::take);
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

    /// Whether the connection had been up before it was lost; nothing when the user wanted its end.
    async fn serve_connection(&mut self) -> Option<bool> {
        let (client, events) = self.link.open();
        self.outbox.unsend();
        let mut conversation = Conversation { worker: self, client, is_up: false };
        let end = serve(&mut conversation, events).await;
        let was_up = conversation.is_up;
        let error = end.err()?;
        tracing::debug!(partner = %self.link.partner, %error, "connection lost");
        Some(was_up)
    }

    /// Takes one command when there is room; never ends while there is none.
    pub(super) async fn take_command(&mut self, client: Option<&AsyncClient>) -> bool {
        if self.closing.is_some() || self.outbox.len() >= self.link.window().into() {
            return std::future::pending().await;
        }
        match self.commands.recv().await {
            Some(Command::Publish(message)) => {
                if let Some(client) = client {
                    hand_over(client, &message);
                }
                self.outbox.push(message);
                true
            }
            // The client was dropped, and its task is about to end: no goodbye.
            None => std::future::pending().await,
            Some(Command::Close) => {
                self.closing = Some(Instant::now() + self.link.options.close_timeout);
                if let Some(client) = client {
                    self.say_goodbye_if_done(client);
                }
                false
            }
        }
    }
}
