//! Following the feed of all events of a store, from a place that survives restarts and notices
//! restored backups.

use serde::{Deserialize, Serialize};

use super::event::RecordedEvent;
use super::store::{EventStore, PAGE_EVENTS_MAX, StoreError};
use super::stream::Position;
use crate::values::Sha256Digest;

/// How far a follower has read a feed: the position of the last event that it has seen, and that
/// event's hash.
///
/// The hash is what makes it safe to restore a store from a backup: what is written after the
/// restore takes positions that were taken before, and its hashes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The position of the last event that was read.
    pub position: Position,
    /// The hash of that event.
    pub hash: Sha256Digest,
}

impl Cursor {
    /// Before the first event.
    pub const START: Self = Self { position: Position::START, hash: Sha256Digest::ZERO };

    /// Behind `event`.
    #[must_use]
    pub const fn behind(event: &RecordedEvent) -> Self {
        Self { position: event.position, hash: event.event.hash }
    }
}

impl Default for Cursor {
    fn default() -> Self {
        Self::START
    }
}

/// Why a feed cannot be followed from a cursor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The event at the cursor is not the one that was read: the store was restored from a backup,
    /// or it is another store. Begin anew from [`Cursor::START`].
    #[error("the feed does not hold the event that was read at position {position}")]
    Rewound {
        /// The cursor's position.
        position: Position,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The events behind `cursor`, at most `limit` (and one less than [`PAGE_EVENTS_MAX`]). Empty: the
/// follower has caught up.
///
/// # Errors
/// [`FollowError`]; [`FollowError::Rewound`] when the store does not hold what was read before.
pub async fn follow(
    store: &dyn EventStore,
    cursor: Cursor,
    limit: u32,
) -> Result<Vec<RecordedEvent>, FollowError> {
    let Some(seen) = cursor.position.get().checked_sub(1) else {
        return Ok(store.feed(Position::START, limit.min(PAGE_EVENTS_MAX - 1)).await?);
    };
    // One event more, the one that was read last, to see that it is still the same.
    let limit = limit.min(PAGE_EVENTS_MAX - 1) + 1;
    let mut page = store.feed(Position::new(seen), limit).await?;
    if page.first().map(Cursor::behind) != Some(cursor) {
        return Err(FollowError::Rewound { position: cursor.position });
    }
    page.remove(0);
    Ok(page)
}
