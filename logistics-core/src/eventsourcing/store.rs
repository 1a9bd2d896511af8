//! The storage ports: events, messages waiting to be sent, timers waiting to fire.
//!
//! An adapter implements all three on one database, so that one commit changes them together.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::commit::{
    CommandRecord, Commit, CommitError, Committed, CommittedSequence, OutboxItem, Timer,
};
use super::event::RecordedEvent;
use super::index::{FoundStream, IndexQuery};
use super::stream::{Position, StreamId, Version};
use crate::ids::{CommandId, EffectId};

/// Most events in one page, whatever the caller asks for.
pub const PAGE_EVENTS_MAX: u32 = 1_000;

/// What kind of failure a store met, for the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached or is shutting down.
    Unavailable,
    /// The store asks for less.
    Throttled,
    /// What is stored cannot be read: stop and look.
    Corrupt,
    /// The caller asked for what no store can do.
    Invalid,
}

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The answer will be the same.
    Never,
    /// After a pause.
    Later,
}

/// A failure of a store: a kind for the program, whether to retry for the machinery, a source for
/// people.
#[derive(Debug, thiserror::Error)]
#[error("store failed while it was to {operation} ({kind:?})")]
pub struct StoreError {
    /// What kind of failure.
    pub kind: StoreErrorKind,
    /// Whether asking again can help.
    pub retry: Retry,
    /// What was being done, such as `load a stream`.
    pub operation: &'static str,
    /// What the database said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A part of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Events in version order.
    pub events: Vec<RecordedEvent>,
    /// Whether there are more after the last one.
    pub more: bool,
}

/// In which order a store's feed gives its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedOrder {
    /// In the order in which they were committed; positions are known at once, and a commit that
    /// was answered is in the feed.
    Commit,
    /// Those of one stream in their order, those of different streams in any. A commit that was
    /// answered comes to the feed a little later, and its events get their positions then.
    Stream,
}

/// Streams of events with optimistic concurrency, idempotent commands and a gapless feed.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// In which order [`feed`](Self::feed) gives the events.
    fn feed_order(&self) -> FeedOrder;

    /// Takes `commit` as a whole or not at all; when this returns `Ok` it is durable.
    ///
    /// A command id that its stream has seen answers [`CommitError::Duplicate`], before versions
    /// are compared.
    ///
    /// # Errors
    /// [`CommitError`]; see its variants for what to do.
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError>;

    /// Takes commits to one stream of which each was decided upon what the one before it leaves, in
    /// their order until one cannot be taken: none is taken unless those before it were, with
    /// nothing of other writers between them.
    ///
    /// As written here, one [`commit`](Self::commit) after the other. A store that has them share
    /// one wait for its disk lets a hot stream go faster.
    async fn commit_sequence(&self, commits: Vec<Commit>) -> CommittedSequence {
        let mut sequence = CommittedSequence::default();
        for commit in commits {
            match self.commit(commit).await {
                Ok(committed) => sequence.taken.push(committed),
                Err(refused) => return CommittedSequence { refused: Some(refused), ..sequence },
            }
        }
        sequence
    }

    /// The events of `stream` after `after`, at most `limit` (and [`PAGE_EVENTS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn load(&self, stream: &StreamId, after: Version, limit: u32)
    -> Result<Page, StoreError>;

    /// The record of `command` in `stream`, if it was taken there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError>;

    /// All events of the store after `after` in the order of their positions, at most `limit` (and
    /// [`PAGE_EVENTS_MAX`]). Gapless: positions count 1, 2, 3, and an event that becomes visible
    /// later has a later position.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError>;
}

/// Streams by the entries under which their last commits put them.
///
/// What it answers may be a moment old: before acting on it, load the stream.
#[async_trait]
pub trait StreamIndex: Send + Sync {
    /// The streams that `query` describes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError>;
}

/// Messages that were committed and not yet delivered.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// The oldest undelivered messages, at most `limit`, in commit order; where the feed keeps the
    /// order of each stream only, so do these.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError>;

    /// Forgets messages that their receivers have taken. Unknown ids are ignored.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError>;
}

/// Timers that were committed and have not fired.
#[async_trait]
pub trait Timers: Send + Sync {
    /// The timers due at `now`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError>;

    /// Forgets a timer that has fired, unless it was armed again since.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn fired(&self, timer: &Timer) -> Result<(), StoreError>;
}

/// Loads a whole stream, page by page.
///
/// # Errors
/// [`StoreError`] when the store cannot answer.
pub async fn load_all(
    store: &dyn EventStore,
    stream: &StreamId,
) -> Result<Vec<RecordedEvent>, StoreError> {
    load_after(store, stream, Version::NONE).await
}

/// Loads what a stream holds after `version`, page by page.
///
/// # Errors
/// [`StoreError`] when the store cannot answer.
pub async fn load_after(
    store: &dyn EventStore,
    stream: &StreamId,
    version: Version,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut events: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = events.last().map_or(version, |event| event.version);
        let page = store.load(stream, after, PAGE_EVENTS_MAX).await?;
        let done = !page.more || page.events.is_empty();
        if events.is_empty() {
            events = page.events;
        } else {
            events.extend(page.events);
        }
        if done {
            return Ok(events);
        }
    }
}
