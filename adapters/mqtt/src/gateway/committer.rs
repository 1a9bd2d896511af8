//! Collects messages of all connections into batches for the host, and hands the answers back.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::handler::DeviceHandler;
use super::message::{DeviceMessage, Disposition, Topic};
use super::packet::PacketId;
use super::server::told;
use super::stats::GatewayStats;

/// One message on its way to the host.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) message: DeviceMessage,
    /// Absent for a last will: nobody waits for it.
    pub(super) reply: Option<Reply>,
}

/// Where the host's answer goes.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) to: mpsc::Sender<Answer>,
    pub(super) id: Option<PacketId>,
}

/// The host's answer to one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) id: Option<PacketId>,
    pub(super) disposition: Disposition,
    /// The sender may not write to the topic, whatever the host said.
    pub(super) forbidden: bool,
}

/// Runs until `stop` says so and the queue is empty. No message waits for company: a batch is what
/// has queued up while the host was busy with the one before.
pub(super) async fn run(
    mut queue: mpsc::Receiver<Commit>,
    handler: Arc<dyn DeviceHandler>,
    stats: Arc<GatewayStats>,
    batch_max: usize,
    mut stop: watch::Receiver<bool>,
) {
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            taken = queue.recv_many(&mut batch, batch_max.max(1)) => {
                if taken == 0 {
                    return;
                }
                commit(batch.split_off(0), &handler, &stats).await;
            }
            () = told(&mut stop), if !queue.is_closed() => queue.close(),
        }
    }
}

async fn commit(batch: Vec<Commit>, handler: &Arc<dyn DeviceHandler>, stats: &GatewayStats) {
    stats.batches.up();
    let mut replies = Vec::with_capacity(batch.len());
    let mut messages = Vec::with_capacity(batch.len());
    for Commit { message, reply } in batch {
        let forbidden = matches!(message.topic, Topic::Forbidden { .. });
        match &message.topic {
            Topic::Forbidden { .. } => stats.forbidden.up(),
            Topic::Unknown => stats.unknown_topic.up(),
            Topic::Partner { .. } => {}
        }
        replies.push((reply, forbidden));
        messages.push(message);
    }
    let host = Arc::clone(handler);
    // In a task of its own, so that a panic of the host costs this batch and not the gateway.
    let answered = tokio::spawn(async move { host.messages(messages).await }).await;
    let answers = answered.unwrap_or_else(|error| {
        tracing::error!(%error, "the host failed on a batch of device messages");
        Vec::new()
    });
    if answers.len() != replies.len() {
        let (asked, answered) = (replies.len(), answers.len());
        tracing::error!(asked, answered, "the host did not answer every device message");
    }
    let missing = std::iter::repeat(Disposition::Unavailable);
    for ((reply, forbidden), disposition) in
        replies.into_iter().zip(answers.into_iter().chain(missing))
    {
        match disposition {
            Disposition::Stored => stats.stored.up(),
            Disposition::Rejected(_) => stats.rejected.up(),
            Disposition::Unavailable => stats.unavailable.up(),
        }
        if let Some(Reply { to, id }) = reply {
            // The channel holds as many as may be in flight; an error means the client is gone.
            let _ = to.try_send(Answer { id, disposition, forbidden });
        }
    }
}
