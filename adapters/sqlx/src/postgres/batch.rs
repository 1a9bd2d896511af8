//! Commits that share one transaction, each with its caller waiting.

use std::collections::VecDeque;

use logistics_core::eventsourcing::{Commit, StreamId};
use tokio::sync::oneshot;

use super::commits::Outcome;
use super::error::WriteError;

/// A batch takes no further commit once its payloads have so many bytes: a message to the server
/// has a limit, and one commit cannot pass it.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A commit with its caller waiting.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) commit: Commit,
    reply: oneshot::Sender<Result<Outcome, WriteError>>,
}

impl Pending {
    pub(crate) fn new(commit: Commit) -> (Self, oneshot::Receiver<Result<Outcome, WriteError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { commit, reply }, answer)
    }

    /// Makes an outcome of the commit and tells it. A caller that has gone away does not mind.
    pub(crate) fn answer(self, outcome: impl FnOnce(Commit) -> Outcome) {
        let _ = self.reply.send(Ok(outcome(self.commit)));
    }

    fn fail(self, error: WriteError) {
        let _ = self.reply.send(Err(error));
    }

    fn bytes(&self) -> usize {
        let events = self.commit.events.iter().map(|event| event.payload.len());
        events.chain(self.commit.outbox.iter().map(|item| item.body.len())).sum()
    }
}

/// Commits that share one transaction, sorted by stream; those of one stream as they came.
#[derive(Debug)]
pub(crate) struct Batch(Vec<Pending>);

impl Batch {
    /// At most `max` of those that wait, in the order in which they came.
    pub(crate) fn of(waiting: &mut VecDeque<Pending>, max: usize) -> Self {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while batch.len() < max.max(1)
            && bytes < BYTES_MAX
            && let Some(pending) = waiting.pop_front()
        {
            bytes += pending.bytes();
            batch.push(pending);
        }
        batch.sort_by(|a: &Pending, b| a.commit.stream.cmp(&b.commit.stream));
        Self(batch)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn commits(&self) -> impl ExactSizeIterator<Item = &Commit> + Clone {
        self.0.iter().map(|pending| &pending.commit)
    }

    /// For each commit whether it is the first one of its stream.
    pub(crate) fn firsts(&self) -> Vec<bool> {
        let mut before: Option<&StreamId> = None;
        self.commits()
            .map(|commit| before.replace(&commit.stream) != Some(&commit.stream))
            .collect()
    }

    pub(crate) fn into_pending(self) -> Vec<Pending> {
        self.0
    }

    pub(crate) fn fail(self, error: &WriteError) {
        self.0.into_iter().for_each(|pending| pending.fail(error.clone()));
    }

    /// The same commits in two batches.
    pub(crate) fn halves(self) -> [Self; 2] {
        let mut first = self.0;
        let second = first.split_off(first.len() / 2);
        [Self(first), Self(second)]
    }
}
