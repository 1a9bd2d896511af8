//! Events as they are made and as they are stored, with their headers.
//!
//! A store keeps an event's payload as the bytes that were written, never re-encoded.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::domain_event::{DecodeError, DomainEvent};
use super::stream::{Position, StreamId, Version};
use crate::ids::{CommandId, CorrelationId, PartnerId};
use crate::values::Sha256Digest;

/// The identity of one event, the same again when its command is sent again.
///
/// A UUID of version 7 (RFC 9562): the milliseconds of the command's issue time, then bits of
/// SHA-256 over stream, command id and index. It sorts by time and needs no randomness; it is
/// never a place in the feed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId([u8; 16]);

impl EventId {
    /// The id of the event with `index` among those that `command` made in `stream`.
    #[must_use]
    pub fn derive(
        stream: &StreamId,
        command: &CommandId,
        issued_at: DateTime<Utc>,
        index: u32,
    ) -> Self {
        let digest = Sha256::new()
            .chain_update(stream.as_str())
            .chain_update([0])
            .chain_update(command.as_str())
            .chain_update([0])
            .chain_update(index.to_be_bytes())
            .finalize();
        let ms = u64::try_from(issued_at.timestamp_millis()).unwrap_or(0).to_be_bytes();
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&ms[2..]);
        bytes[6..].copy_from_slice(&digest[..10]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id with these bytes, as a store kept them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

/// A text is not an [`EventId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an event id")]
pub struct EventIdError {
    /// The text.
    pub text: String,
}

impl TryFrom<String> for EventId {
    type Error = EventIdError;

    fn try_from(text: String) -> Result<Self, EventIdError> {
        let mut bytes = [0; 16];
        let digits = text.bytes().filter(|&b| b != b'-');
        let mut count = 0;
        for (i, digit) in digits.enumerate() {
            let value = char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok());
            match (bytes.get_mut(i / 2), value) {
                (Some(byte), Some(value)) => *byte = (*byte << 4) | value,
                _ => return Err(EventIdError { text }),
            }
            count = i + 1;
        }
        if count == 32 { Ok(Self(bytes)) } else { Err(EventIdError { text }) }
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The platform itself: a saga, a timer, the dispatcher.
    System,
    /// A delivery partner through its device or app.
    Partner(PartnerId),
    /// A caller of the HTTP interface, by the name of its credential.
    Api(String),
    /// A person at the operations desk.
    Operator(String),
}

/// When a thing happened in the world, as far as the reporter knows.
///
/// Kept beside the time of recording, and never used to order events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurred {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The reporter's offset from UTC at that instant, in minutes east, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_min: Option<i16>,
    /// The reporter's clock disagreed with ours by more than is plausible.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspect: bool,
}

impl Occurred {
    /// Seen by the platform itself at `at`.
    #[must_use]
    pub const fn observed(at: DateTime<Utc>) -> Self {
        Self { at, offset_min: None, suspect: false }
    }

    /// Reported as `reported`, received at `now`: what lies further in the future than
    /// `tolerance` is marked suspect.
    #[must_use]
    pub fn reported(
        reported: DateTime<Utc>,
        now: DateTime<Utc>,
        tolerance: chrono::Duration,
    ) -> Self {
        Self { at: reported, offset_min: None, suspect: reported > now + tolerance }
    }
}

/// One event about to be committed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its identity.
    pub event_id: EventId,
    /// Its name.
    pub event_type: String,
    /// The revision of its payload's shape.
    pub schema: u16,
    /// Its payload, JSON as it is to be kept.
    pub payload: Vec<u8>,
    /// When it happened in the world.
    pub occurred: Occurred,
    /// When it is recorded: strictly later than the event before it in the stream.
    pub recorded_at: DateTime<Utc>,
    /// Who caused it.
    pub actor: Actor,
    /// What it belongs to, end to end.
    pub correlation_id: CorrelationId,
    /// The event that led to it, where one did.
    pub causation_id: Option<EventId>,
    /// Its link in the hash chain of its stream, as [`Commit::chained`](super::Commit::chained)
    /// makes it.
    pub hash: Sha256Digest,
}

/// One event as a store keeps it: never changed, never removed.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its place in the feed of the store.
    ///
    /// Always known in what [`feed`](super::EventStore::feed) answers. Elsewhere, in the answers of
    /// commits and loads, it is [`Position::START`] where the store numbers its events later, which
    /// only one that promises [`FeedOrder::Stream`](super::FeedOrder::Stream) does.
    pub position: Position,
    /// The command that made it.
    pub command_id: CommandId,
    /// What was committed.
    pub event: NewEvent,
}

impl RecordedEvent {
    /// Reads the payload as an event of `E`.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not an event of `E` or cannot be read.
    pub fn decode<E: DomainEvent>(&self) -> Result<E, DecodeError> {
        E::decode(&self.event.event_type, self.event.schema, &self.event.payload)
    }

    /// When it happened, as far as that can be believed: as reported, or when it was recorded if
    /// the reporter's clock is suspect.
    #[must_use]
    pub const fn happened_at(&self) -> DateTime<Utc> {
        let NewEvent { occurred, recorded_at, .. } = &self.event;
        if occurred.suspect { *recorded_at } else { occurred.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_makes_the_same_ids() {
        let stream = StreamId::new("SHP", "1").expect("legal");
        let command = CommandId::new("c").expect("legal");
        let at = DateTime::from_timestamp(1_700_000_000, 0).expect("in range");
        let id = EventId::derive(&stream, &command, at, 0);
        assert_eq!(id, EventId::derive(&stream, &command, at, 0));
        assert_ne!(id, EventId::derive(&stream, &command, at, 1));
        let text = id.to_string();
        assert_eq!((&text[14..15], text.len()), ("7", 36));
        assert_eq!(EventId::try_from(text), Ok(id));
        assert!(EventId::try_from("018bcfe5-6800".to_owned()).is_err());
    }
}
