//! Commits that share one transaction, each with its caller waiting.

use std::collections::VecDeque;

use logistics_core::eventsourcing::{Commit, StreamId, Version};
use tokio::sync::oneshot;

use super::commits::Outcome;
use super::error::WriteError;

/// A batch takes no further commit once its payloads have so many bytes: a message to the server
/// has a limit, and one commit cannot pass it.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Commits that follow one another on one stream, taken as a whole, with their caller waiting.
/// There is at least one; most often it is the only one.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) commits: Vec<Commit>,
    reply: oneshot::Sender<Result<Outcome, WriteError>>,
}

impl Pending {
    pub(crate) fn new(
        commits: Vec<Commit>,
    ) -> (Self, oneshot::Receiver<Result<Outcome, WriteError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { commits, reply }, answer)
    }

    /// Makes an outcome of the commits and tells it. A caller that has gone away does not mind.
    pub(crate) fn answer(self, outcome: impl FnOnce(Vec<Commit>) -> Outcome) {
        let _ = self.reply.send(Ok(outcome(self.commits)));
    }

    /// Where the stream must stand.
    pub(crate) fn expected(&self) -> Version {
        self.commits.first().map_or(Version::NONE, |commit| commit.expected.version())
    }

    fn stream(&self) -> Option<&StreamId> {
        self.commits.first().map(|commit| &commit.stream)
    }

    fn fail(self, error: WriteError) {
        let _ = self.reply.send(Err(error));
    }

    fn bytes(&self) -> usize {
        self.commits.iter().map(Commit::payload_bytes).sum()
    }
}

/// Commits that share one transaction, sorted by stream; those of one stream as they came.
#[derive(Debug)]
pub(crate) struct Batch(Vec<Pending>);

impl Batch {
    /// At most `max` of those that wait, in the order in which they came.
    pub(crate) fn of(waiting: &mut VecDeque<Pending>, max: usize) -> Self {
        let (mut commits, mut bytes) = (0, 0);
        let mut batch = Vec::new();
        while commits < max.max(1)
            && bytes < BYTES_MAX
            && let Some(pending) = waiting.pop_front()
        {
            commits += pending.commits.len();
            bytes += pending.bytes();
            batch.push(pending);
        }
        batch.sort_by(|a: &Pending, b| a.stream().cmp(&b.stream()));
        Self(batch)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each of them, and whether it is the first one of its stream.
    pub(crate) fn with_firsts(&self) -> impl Iterator<Item = (&Pending, bool)> {
        let mut before = None;
        self.0.iter().map(move |pending| {
            (pending, before.replace(pending.stream()) != Some(pending.stream()))
        })
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
