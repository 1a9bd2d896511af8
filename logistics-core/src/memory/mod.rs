//! All storage ports in memory: for tests, examples and simulations.
//!
//! Behaves like a durable store that forgets everything when it is dropped.

mod day_routes;
mod documents;
mod events;
mod fixes;
mod index;
mod keys;
mod presence;
mod read_models;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::eventsourcing::{Retry, StoreError, StoreErrorKind};

/// Dead letters that a [`MemoryStore`] keeps unless told otherwise.
pub const DEAD_LETTERS_MAX: usize = 10_000;

/// All storage ports in one place, behind one lock that is never held across an `await`.
///
/// Cheap to clone; clones are the same store.
///
/// ```
/// use logistics_core::ids::PartnerId;
/// use logistics_core::memory::MemoryStore;
/// use logistics_core::telemetry::{FixStore, TrackCursor};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStore::new();
/// let cursor = TrackCursor {
///     partner: PartnerId::new("DP-7")?,
///     evaluated_until: chrono::DateTime::UNIX_EPOCH,
///     state: vec![1],
/// };
/// store.save_cursors(std::slice::from_ref(&cursor)).await?;
/// assert_eq!(store.clone().cursors().await?, [cursor]);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    dead_letters_max: usize,
}

#[derive(Debug, Default)]
struct Inner {
    events: events::State,
    models: read_models::State,
    fixes: fixes::State,
    documents: documents::State,
    day_routes: day_routes::State,
    keys: keys::State,
    presences: presence::State,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { inner: Arc::default(), dead_letters_max: DEAD_LETTERS_MAX }
    }

    /// The same store, keeping at most `max` dead letters.
    #[must_use]
    pub const fn with_dead_letters_max(mut self, max: usize) -> Self {
        self.dead_letters_max = max;
        self
    }

    /// A panic elsewhere cannot leave half a change behind: each is checked before it is made.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// The first `limit` of them, as a count.
fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// `at` in whole microseconds, as stores keep it.
fn whole_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// A write that no store would take.
fn invalid(operation: &'static str, reason: String) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Invalid,
        retry: Retry::Never,
        operation,
        source: reason.into(),
    }
}
