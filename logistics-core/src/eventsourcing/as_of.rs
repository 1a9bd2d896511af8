//! Looking at a stream as it was.

use chrono::{DateTime, Utc};

use super::event::RecordedEvent;
use super::stream::Version;

/// A point in a stream's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// After the event with this version.
    Version(Version),
    /// What had been recorded at this time: what was known then.
    Recorded(DateTime<Utc>),
    /// What had happened by this time, as known today.
    Occurred(DateTime<Utc>),
}

impl AsOf {
    /// Whether `event` belongs to the stream as of this point.
    #[must_use]
    pub fn admits(&self, event: &RecordedEvent) -> bool {
        match *self {
            Self::Version(version) => event.version <= version,
            Self::Recorded(at) => event.event.recorded_at <= at,
            Self::Occurred(at) => event.event.occurred.at <= at,
        }
    }
}
