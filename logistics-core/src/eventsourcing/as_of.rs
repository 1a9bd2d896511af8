//! Looking at a stream as it was.

use chrono::{DateTime, Utc};

use super::decider::Decider;
use super::event::RecordedEvent;
use super::execute::{ExecuteError, Loaded, fold};
use super::store::{EventStore, StoreError, load_all};
use super::stream::{StreamId, Version};

/// A point in a stream's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// After the event with this version.
    Version(Version),
    /// What had been recorded at this time: what was known then.
    Recorded(DateTime<Utc>),
    /// What had happened by this time, as known today. Events stay in the order of their versions:
    /// one that was reported late is folded where it was recorded.
    Occurred(DateTime<Utc>),
}

impl AsOf {
    /// Whether `event` belongs to the stream as of this point.
    #[must_use]
    pub fn admits(&self, event: &RecordedEvent) -> bool {
        match *self {
            Self::Version(version) => event.version <= version,
            Self::Recorded(at) => event.event.recorded_at <= at,
            Self::Occurred(at) => event.happened_at() <= at,
        }
    }
}

/// The events of `stream` as of `point`, in the order of their versions.
///
/// # Errors
/// [`StoreError`] when the store cannot answer.
pub async fn load_as_of(
    store: &dyn EventStore,
    stream: &StreamId,
    point: AsOf,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut events = load_all(store, stream).await?;
    events.retain(|event| point.admits(event));
    Ok(events)
}

/// The aggregate of `stream` as of `point`. Version, time and hash are those of the last event
/// that is folded.
///
/// # Errors
/// [`ExecuteError::Store`] or [`ExecuteError::Unreadable`].
pub async fn state_as_of<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
    point: AsOf,
) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
    fold(Loaded::default(), &load_as_of(store, stream, point).await?)
}
