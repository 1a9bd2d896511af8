//! The commands of one process on one stream, in line. While a commit is under way, those that come
//! are decided upon the state to come; they leave together when it has been taken.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_channel::oneshot;

use super::commit::{
    Commit, CommitError, Committed, CommittedSequence, SEQUENCE_BYTES_MAX, SEQUENCE_COMMITS_MAX,
};
use super::decider::Decider;
use super::execute::{Attempt, Decided, Loaded};
use super::store::{EventStore, Retry, StoreError, StoreErrorKind};
use super::stream::Version;
use crate::ids::CommandId;

/// One stream as the commands of this process see it.
pub(super) struct Line<D: Decider> {
    /// Who holds it sends to the store, and nobody else here does.
    turn: async_lock::Mutex<()>,
    desk: Mutex<Desk<D>>,
}

struct Desk<D: Decider> {
    /// How the stream will stand when what is under way and what waits has been taken. None: that
    /// is not known.
    ahead: Option<Arc<Loaded<D>>>,
    /// Whether others may decide upon it; not while somebody is about to do so alone.
    open: bool,
    /// Each decided upon what the one before it leaves.
    waiting: Vec<Waiting>,
}

struct Waiting {
    commit: Commit,
    reply: oneshot::Sender<Fate>,
}

/// What became of a commit. A reply that never comes is that of a sender that has gone away.
enum Fate {
    Taken(Committed),
    NotTaken,
    Unknown(StoreError),
}

/// What became of a command that was staged.
pub(super) enum Answer<D: Decider> {
    /// It was taken, and so the stream stands after it.
    Taken(Committed, Arc<Loaded<D>>),
    /// It was decided upon what did not come to be.
    NotTaken,
    /// It may or may not have been taken.
    Unknown(StoreError),
}

/// A command that was decided and waits to be sent. If its caller goes away before, it goes too,
/// unless others were decided upon it.
pub(super) struct Staged<'a, D: Decider> {
    line: &'a Line<D>,
    fate: oneshot::Receiver<Fate>,
    /// Where the stream stands before it.
    pub(super) before: Version,
    after: Arc<Loaded<D>>,
}

/// The right to send to the store.
pub(super) struct Turn<'a, D: Decider> {
    line: &'a Line<D>,
    _held: async_lock::MutexGuard<'a, ()>,
}

impl<D: Decider> Default for Line<D> {
    fn default() -> Self {
        let desk = Desk { ahead: None, open: true, waiting: Vec::new() };
        Self { turn: async_lock::Mutex::new(()), desk: Mutex::new(desk) }
    }
}

impl<D: Decider> Line<D> {
    pub(super) async fn turn(&self) -> Turn<'_, D> {
        Turn { line: self, _held: self.turn.lock().await }
    }

    /// Decides upon the state to come, and has the commit wait. None where that cannot be done: the
    /// state is not known, the command waits already, or it is refused, and nobody is refused by what
    /// has not come to be.
    pub(super) fn stage(&self, attempt: &Attempt<'_, D>) -> Option<Staged<'_, D>> {
        let mut desk = self.desk();
        let ahead = desk.ahead.as_ref()?;
        let before = ahead.version;
        if !desk.open || desk.has(attempt.command_id()) {
            return None;
        }
        let Decided { commit, after } = attempt.decide(ahead).ok()?;
        let after = Arc::new(after);
        let (reply, fate) = oneshot::channel();
        desk.ahead = Some(Arc::clone(&after));
        desk.waiting.push(Waiting { commit, reply });
        Some(Staged { line: self, fate, before, after })
    }

    fn desk(&self) -> MutexGuard<'_, Desk<D>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Decider> Desk<D> {
    /// Whether a commit of this command waits.
    fn has(&self, command: &CommandId) -> bool {
        self.waiting.iter().any(|waiting| waiting.commit.command.command_id == *command)
    }

    /// Takes out what waited longest, as much as is sent at once.
    fn next_sequence(&mut self) -> Vec<Waiting> {
        let mut bytes = 0;
        let fits = self.waiting.iter().take(SEQUENCE_COMMITS_MAX).take_while(|waiting| {
            let fits = bytes < SEQUENCE_BYTES_MAX;
            bytes += waiting.commit.payload_bytes();
            fits
        });
        let count = fits.count();
        self.waiting.drain(..count).collect()
    }

    /// Forgets commits whose callers have gone away and upon which nobody else decided: with nobody
    /// to send them they would be taken whenever the next command comes, however late that is.
    fn forget_abandoned(&mut self) {
        let gone = self.waiting.iter().rev().take_while(|last| last.reply.is_canceled()).count();
        if gone > 0 {
            self.waiting.truncate(self.waiting.len() - gone);
            self.ahead = None;
        }
    }

    /// Forgets what was decided upon a state that did not come to be.
    fn give_up(&mut self) {
        self.ahead = None;
        for waiting in self.waiting.drain(..) {
            let _ = waiting.reply.send(Fate::NotTaken);
        }
    }
}

impl<'a, D: Decider> Staged<'a, D> {
    /// Waits until somebody has sent the command, or sends it with all that wait. Leaves the turn
    /// there, if it took one.
    pub(super) async fn answer(
        mut self,
        store: &dyn EventStore,
        turn: &mut Option<Turn<'a, D>>,
    ) -> Answer<D> {
        let fate = loop {
            match self.fate.try_recv() {
                Ok(Some(fate)) => break fate,
                Err(gone) => break gone.into(),
                Ok(None) => {}
            }
            if let Some(turn) = &*turn {
                turn.send(store).await;
            } else if let Some(fate) = self.fate_or_turn(turn).await {
                break fate;
            }
        };
        match fate {
            Fate::Taken(committed) => Answer::Taken(committed, Arc::clone(&self.after)),
            Fate::NotTaken => Answer::NotTaken,
            Fate::Unknown(source) => Answer::Unknown(source),
        }
    }

    /// Waits for what comes first.
    async fn fate_or_turn(&mut self, turn: &mut Option<Turn<'a, D>>) -> Option<Fate> {
        let mut fate = pin!(&mut self.fate);
        let mut next = pin!(self.line.turn());
        poll_fn(|context| match fate.as_mut().poll(context) {
            Poll::Ready(fate) => Poll::Ready(Some(fate.unwrap_or_else(Into::into))),
            Poll::Pending => next.as_mut().poll(context).map(|taken| {
                *turn = Some(taken);
                None
            }),
        })
        .await
    }
}

impl<D: Decider> Drop for Staged<'_, D> {
    fn drop(&mut self) {
        self.fate.close();
        self.line.desk().forget_abandoned();
    }
}

impl<D: Decider> Turn<'_, D> {
    /// Sends what waited longest, while others may decide upon the state to come. Says whether all of
    /// it was taken; if not, what was decided upon it is given up.
    async fn send(&self, store: &dyn EventStore) -> bool {
        let sequence = self.line.desk().next_sequence();
        let (commits, replies) = sequence.into_iter().map(|w| (w.commit, w.reply)).unzip();
        let mut flight = Flight { line: self.line, replies };
        let landed = store.commit_sequence(commits).await;
        flight.land(landed)
    }

    /// Sends all that waits, while others wait for their turn, and takes the state away.
    pub(super) async fn close(&self, store: &dyn EventStore) -> Option<Loaded<D>> {
        self.line.desk().open = false;
        while !self.line.desk().waiting.is_empty() {
            if !self.send(store).await {
                return None;
            }
        }
        self.line.desk().ahead.take().map(Arc::unwrap_or_clone)
    }

    /// Lets others decide upon `known`.
    pub(super) fn open(&self, known: Option<Loaded<D>>) {
        let mut desk = self.line.desk();
        (desk.ahead, desk.open) = (known.map(Arc::new), true);
    }
}

/// Commits that are under way. If their sender goes away, those who wait for them learn that the
/// outcome is unknown.
struct Flight<'a, D: Decider> {
    line: &'a Line<D>,
    replies: Vec<oneshot::Sender<Fate>>,
}

impl<D: Decider> Flight<'_, D> {
    fn land(&mut self, landed: CommittedSequence) -> bool {
        let mut desk = self.line.desk();
        let mut replies = std::mem::take(&mut self.replies).into_iter();
        for (reply, committed) in replies.by_ref().take(landed.taken.len()).zip(landed.taken) {
            // A caller that has gone away does not mind.
            let _ = reply.send(Fate::Taken(committed));
        }
        if landed.refused.is_none() && replies.len() == 0 {
            return true;
        }
        let unknown = match landed.refused {
            Some(CommitError::OutcomeUnknown(source)) => Some(Arc::new(source)),
            _ => None,
        };
        for reply in replies {
            let _ = reply.send(unknown.as_ref().map_or(Fate::NotTaken, Fate::unknown));
        }
        desk.give_up();
        false
    }
}

impl<D: Decider> Drop for Flight<'_, D> {
    fn drop(&mut self) {
        if !self.replies.is_empty() {
            self.line.desk().give_up();
        }
    }
}

impl Fate {
    fn unknown(source: &Arc<StoreError>) -> Self {
        let StoreError { kind, retry, operation, .. } = **source;
        Self::Unknown(StoreError { kind, retry, operation, source: Box::new(Arc::clone(source)) })
    }
}

impl From<oneshot::Canceled> for Fate {
    fn from(gone: oneshot::Canceled) -> Self {
        Self::Unknown(StoreError {
            kind: StoreErrorKind::Unavailable,
            retry: Retry::Later,
            operation: "commit with other commands",
            source: Box::new(gone),
        })
    }
}
