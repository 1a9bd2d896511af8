//! Collects messages of all connections of a door into batches for the host, and hands the answers back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::counter::Tally;
use super::handler::DeviceHandler;
use super::message::{DeviceMessage, Disposition, Topic};

/// Longest time that a message is made to wait for others.
const BATCH_EVERY_MAX: Duration = Duration::from_secs(1);

/// A packet number; never 0 on the wire.
pub(crate) type PacketId = u16;

/// One message on its way to the host.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) message: DeviceMessage,
    /// Absent for a last will: nobody waits for it.
    pub(crate) reply: Option<Reply>,
}

/// Where the host's answer goes.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) to: mpsc::Sender<Answer>,
    pub(crate) id: Option<PacketId>,
}

/// The host's answer to one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) id: Option<PacketId>,
    pub(crate) disposition: Disposition,
    /// The sender may not write to the topic, whatever the host said.
    pub(crate) forbidden: bool,
}

/// How messages become batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batching {
    /// Messages of a batch, at most.
    pub(crate) max: usize,
    /// From the beginning of a batch to that of the next, at least, unless a full one waits.
    pub(crate) every: Duration,
}

/// Runs until `stop` says so and the queue is empty. A message that comes after a pause does not wait
/// for company. What comes sooner is gathered, so that a durable commit is shared by many however fast
/// one is.
pub(crate) async fn run(
    mut queue: mpsc::Receiver<Commit>,
    handler: Arc<dyn DeviceHandler>,
    tally: Arc<dyn Tally>,
    Batching { max, every }: Batching,
    mut stop: watch::Receiver<bool>,
) {
    let max = max.max(1);
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            taken = queue.recv_many(&mut batch, max) => {
                if taken == 0 {
                    return;
                }
                let next = Instant::now() + every.min(BATCH_EVERY_MAX);
                commit(batch.split_off(0), &handler, tally.as_ref()).await;
                // Nothing wakes us in between: many messages, one waking.
                if queue.len() < max && !queue.is_closed() {
                    tokio::select! {
                        () = sleep_until(next) => {}
                        () = told(&mut stop) => queue.close(),
                    }
                }
            }
            () = told(&mut stop), if !queue.is_closed() => queue.close(),
        }
    }
}

async fn commit(batch: Vec<Commit>, handler: &Arc<dyn DeviceHandler>, tally: &dyn Tally) {
    tally.batch();
    let mut replies = Vec::with_capacity(batch.len());
    let mut messages = Vec::with_capacity(batch.len());
    for Commit { message, reply } in batch {
        replies.push((reply, message.topic.clone()));
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
    for ((reply, topic), disposition) in replies.into_iter().zip(answers.into_iter().chain(missing))
    {
        tally.answered(&topic, disposition);
        let forbidden = matches!(topic, Topic::Forbidden { .. });
        if let Some(Reply { to, id }) = reply {
            // The channel holds as many as may be in flight; an error means the client is gone.
            let _ = to.try_send(Answer { id, disposition, forbidden });
        }
    }
}

/// Waits until told to stop; whoever could tell being gone means the same.
pub(crate) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
