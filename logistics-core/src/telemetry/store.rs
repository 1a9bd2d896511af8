//! The ports of the GPS pipeline: position history, evaluation cursors, dead letters.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::fix::Fix;
use super::form::Form;
use crate::eventsourcing::StoreError;
use crate::ids::PartnerId;

/// What became of one fix of an appended batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// New: stored.
    Stored,
    /// The same fix was there already: nothing changed.
    Duplicate,
    /// Another fix of the same partner and time was there. The better one is kept, as
    /// [`Fix::supersedes`] says; `replaced` says whether that is the new one.
    Conflict {
        /// Whether the new fix took the old one's place.
        replaced: bool,
    },
}

/// Where the evaluation of a partner's fixes stands, so that it goes on after a restart where it
/// stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackCursor {
    /// The partner.
    pub partner: PartnerId,
    /// The time of the last fix that was evaluated.
    pub evaluated_until: DateTime<Utc>,
    /// The evaluation's own state, opaque to the store.
    pub state: Vec<u8>,
}

/// Position history: per partner, ordered by the time of the fix, each time once.
#[async_trait]
pub trait FixStore: Send + Sync {
    /// Stores `fixes`; durable when it returns. Answers in the order of `fixes`, which may hold the
    /// same partner and time more than once: each is decided after the ones before it.
    ///
    /// A fix that no retry will get in fails the batch with [`Retry::Never`] and
    /// [`StoreErrorKind::Invalid`]: the caller halves the batch to find it.
    ///
    /// [`Retry::Never`]: crate::eventsourcing::Retry::Never
    /// [`StoreErrorKind::Invalid`]: crate::eventsourcing::StoreErrorKind::Invalid
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer; then none is stored.
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError>;

    /// The fixes of `partner` with `from <= ts < to`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError>;

    /// The latest fix of each partner.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn latest(&self) -> Result<Vec<Fix>, StoreError>;

    /// Removes fixes older than `before`, at most `limit`; says how many.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;

    /// Remembers where the evaluation of these partners' fixes stands.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn save_cursors(&self, cursors: &[TrackCursor]) -> Result<(), StoreError>;

    /// Where the evaluation of each partner's fixes stood.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError>;
}

/// A message that could not be taken, kept with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Number in the order of arrival; 0 before it is stored.
    pub id: u64,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// Where it came from, such as an MQTT topic.
    pub source: String,
    /// Whose device sent it, where that is known. Without it the message cannot be taken later
    /// either.
    pub partner: Option<PartnerId>,
    /// How it is written.
    pub form: Form,
    /// A stable word for the reason, such as `bad_json`.
    pub code: String,
    /// The reason in words.
    pub detail: String,
    /// The message's bytes, cut at the pipeline's limit.
    pub payload: Vec<u8>,
}

/// Messages that could not be taken.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Keeps `letters`; durable when it returns. What is further behind the newest number than the
    /// store's bound goes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError>;

    /// The letters after number `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError>;

    /// Puts `letter` in place of the one with its number; says whether that was there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError>;

    /// Removes the letter with this number, which is never given again; says whether it was there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn remove(&self, id: u64) -> Result<bool, StoreError>;

    /// The letter with this number.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn find(&self, id: u64) -> Result<Option<DeadLetter>, StoreError> {
        let Some(before) = id.checked_sub(1) else { return Ok(None) };
        Ok(self.list(before, 1).await?.into_iter().find(|letter| letter.id == id))
    }
}
