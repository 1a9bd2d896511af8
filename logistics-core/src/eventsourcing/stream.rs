//! Where an event stands: its stream, its version in the stream, its position in the feed.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{IdError, key_breaking};

/// One stream of events: a category such as `SHP` and the id of one aggregate in it.
///
/// Written `SHP#parcel-7`. Ids hold no `#`, so the two parts cannot be confused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId(Arc<str>);

/// Longest category, in bytes.
const CATEGORY_BYTES_MAX: usize = 16;
/// Longest stream id, in bytes: a category, `#`, and an id with a date.
const STREAM_BYTES_MAX: usize = 192;

impl StreamId {
    /// The stream of `id` in `category`.
    ///
    /// # Errors
    /// [`IdError`] when either part is empty or too long, or holds `#` or a control character.
    pub fn new(category: &str, id: impl fmt::Display) -> Result<Self, IdError> {
        let id = id.to_string();
        check(category, &id)?;
        Ok(Self(format!("{category}#{id}").into()))
    }

    /// The stream of an `id` made of checked ids, which can be neither empty, too long nor hold
    /// what a stream id may not.
    pub(crate) fn of(category: &'static str, id: &str) -> Self {
        debug_assert!(Self::new(category, id).is_ok(), "{category}#{id}");
        Self(format!("{category}#{id}").into())
    }

    /// The whole id, `CATEGORY#id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The category, the part before `#`.
    #[must_use]
    pub fn category(&self) -> &str {
        self.0.split_once('#').map_or("", |(category, _)| category)
    }

    /// The aggregate's id, the part after `#`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(_, id)| id)
    }
}

fn check(category: &str, id: &str) -> Result<(), IdError> {
    check_part("stream category", category, CATEGORY_BYTES_MAX)?;
    check_part("stream id", id, STREAM_BYTES_MAX - CATEGORY_BYTES_MAX - 1)
}

fn check_part(kind: &'static str, text: &str, bytes_max: usize) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > bytes_max {
        return Err(IdError::TooLong { kind, bytes: text.len(), bytes_max });
    }
    match key_breaking(text) {
        Some((at, found)) => Err(IdError::Forbidden { kind, found, at }),
        None => Ok(()),
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({})", self.0)
    }
}

impl TryFrom<String> for StreamId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        let (category, id) = text.split_once('#').unwrap_or(("", &text));
        check(category, id)?;
        Ok(Self(text.into()))
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.as_str().to_owned()
    }
}

/// How many events a stream holds. The first event has version 1; [`Version::NONE`] is the empty
/// stream.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// The version of a stream without events.
    pub const NONE: Self = Self(0);

    /// The version with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version of the event that would come next.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The version after `count` more events.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A place in the feed of all events of a store. The first event has position 1;
/// [`Position::START`] stands before it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Before the first event. As the position of an event: the store has not told where it stands,
    /// see [`RecordedEvent::position`](super::RecordedEvent::position).
    pub const START: Self = Self(0);

    /// The position with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back() {
        let stream = StreamId::new("SHF", "DP-1/2026-11-23").expect("legal");
        assert_eq!(
            (stream.category(), stream.id(), stream.as_str()),
            ("SHF", "DP-1/2026-11-23", "SHF#DP-1/2026-11-23")
        );
    }

    #[test]
    fn a_second_separator_is_refused() {
        assert!(StreamId::new("SHP", "a#b").is_err());
        assert!(StreamId::try_from("SHP#a#b".to_owned()).is_err());
        assert!(StreamId::try_from("no-separator".to_owned()).is_err());
    }
}
