//! What a store keeps of an event besides its payload and its places, as one value: it is never
//! asked for in parts, and a column each would cost more to read than the rest of the event.
//!
//! The form is that of [postcard](https://postcard.jamesmunns.com/wire-format): the fields in
//! their order, numbers of variable length, texts behind their length.

use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{
    Actor, EventId, NewEvent, Occurred, Position, RecordedEvent, StreamId, Version,
};
use logistics_core::ids::{CommandId, CorrelationId, IdError, PartnerId};
use logistics_core::values::Sha256Digest;
use serde::{Deserialize, Serialize};

/// The header of one event. To change a field is to change what is stored: write a migration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header<'a> {
    /// First, and always of [`EVENT_ID_BYTES`]: the tables have an index over them.
    event_id: [u8; EVENT_ID_BYTES],
    hash: [u8; 32],
    event_type: &'a str,
    command_id: &'a str,
    schema: u16,
    /// Microseconds since 1970-01-01 UTC, as `recorded_at`.
    occurred_at: i64,
    occurred_offset_min: Option<i16>,
    occurred_suspect: bool,
    recorded_at: i64,
    /// Missing where it is the command's id.
    correlation_id: Option<&'a str>,
    causation_id: Option<[u8; EVENT_ID_BYTES]>,
    actor: Who<'a>,
}

/// How many bytes of a header, from its first on, are the event's id.
pub(crate) const EVENT_ID_BYTES: usize = 16;

/// [`Actor`], borrowed. New kinds go to the end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Who<'a> {
    System,
    Partner(&'a str),
    Api(&'a str),
    Operator(&'a str),
}

/// A stored header is not one that was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    /// It ends early, or a field is none.
    #[error("an event's header cannot be read")]
    Form(#[from] postcard::Error),
    /// It goes on where it should end.
    #[error("an event's header has {bytes} bytes too many")]
    TooLong { bytes: usize },
    /// A text in it is no id.
    #[error("an event's header holds what is no id")]
    Id(#[from] IdError),
    /// A number in it is no time.
    #[error("an event's header says {micros} µs, which is no time")]
    Time { micros: i64 },
}

impl<'a> Header<'a> {
    /// The header of `event`, which `command` makes.
    pub(crate) fn of(event: &'a NewEvent, command: &'a CommandId) -> Self {
        let command_id = command.as_str();
        Self {
            event_id: *event.event_id.as_bytes(),
            hash: *event.hash.as_bytes(),
            event_type: &event.event_type,
            command_id,
            schema: event.schema,
            occurred_at: event.occurred.at.timestamp_micros(),
            occurred_offset_min: event.occurred.offset_min,
            occurred_suspect: event.occurred.suspect,
            recorded_at: event.recorded_at.timestamp_micros(),
            correlation_id: Some(event.correlation_id.as_str()).filter(|id| *id != command_id),
            causation_id: event.causation_id.map(|id| *id.as_bytes()),
            actor: match &event.actor {
                Actor::System => Who::System,
                Actor::Partner(partner) => Who::Partner(partner.as_str()),
                Actor::Api(name) => Who::Api(name),
                Actor::Operator(name) => Who::Operator(name),
            },
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, HeaderError> {
        Ok(postcard::to_allocvec(self)?)
    }

    pub(crate) fn from_bytes(bytes: &'a [u8]) -> Result<Self, HeaderError> {
        match postcard::take_from_bytes(bytes)? {
            (header, []) => Ok(header),
            (_, rest) => Err(HeaderError::TooLong { bytes: rest.len() }),
        }
    }

    /// The event whose header this is.
    pub(crate) fn event(
        &self,
        stream: StreamId,
        version: Version,
        position: Position,
        payload: Vec<u8>,
    ) -> Result<RecordedEvent, HeaderError> {
        let command_id = CommandId::new(self.command_id)?;
        let correlation_id = match self.correlation_id {
            Some(id) => CorrelationId::new(id)?,
            None => CorrelationId::from(&command_id),
        };
        let actor = match self.actor {
            Who::System => Actor::System,
            Who::Partner(id) => Actor::Partner(PartnerId::new(id)?),
            Who::Api(name) => Actor::Api(name.to_owned()),
            Who::Operator(name) => Actor::Operator(name.to_owned()),
        };
        Ok(RecordedEvent {
            stream,
            version,
            position,
            command_id,
            event: NewEvent {
                event_id: EventId::from_bytes(self.event_id),
                event_type: self.event_type.to_owned(),
                schema: self.schema,
                payload,
                occurred: Occurred {
                    at: time(self.occurred_at)?,
                    offset_min: self.occurred_offset_min,
                    suspect: self.occurred_suspect,
                },
                recorded_at: time(self.recorded_at)?,
                actor,
                correlation_id,
                causation_id: self.causation_id.map(EventId::from_bytes),
                hash: Sha256Digest::from_bytes(self.hash),
            },
        })
    }
}

fn time(micros: i64) -> Result<DateTime<Utc>, HeaderError> {
    DateTime::from_timestamp_micros(micros).ok_or(HeaderError::Time { micros })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers() -> Vec<(NewEvent, CommandId)> {
        let command = CommandId::new("c:1").expect("legal");
        let partner = PartnerId::new("DP:7").expect("legal");
        let actors = [
            Actor::System,
            Actor::Partner(partner),
            Actor::Api(String::new()),
            Actor::Operator("desk: ä\0".to_owned()),
        ];
        let event = |(n, actor): (i16, Actor)| NewEvent {
            event_id: EventId::from_bytes([n.to_be_bytes()[1]; EVENT_ID_BYTES]),
            event_type: "ShipmentCreated".repeat(usize::from(n.unsigned_abs())),
            schema: n.unsigned_abs(),
            payload: Vec::new(),
            occurred: Occurred {
                at: DateTime::from_timestamp_micros(i64::from(n) - 1).expect("a time"),
                offset_min: (n > 0).then_some(-n),
                suspect: n % 2 == 0,
            },
            recorded_at: DateTime::from_timestamp_micros(i64::from(n) << 40).expect("a time"),
            actor,
            correlation_id: match n {
                0 => CorrelationId::from(&command),
                _ => CorrelationId::new(n.to_string()).expect("legal"),
            },
            causation_id: (n > 1).then_some(EventId::from_bytes([0xff; EVENT_ID_BYTES])),
            hash: Sha256Digest::from_bytes([n.to_be_bytes()[1]; 32]),
        };
        (0..).zip(actors).map(event).map(|event| (event, command.clone())).collect()
    }

    fn read(bytes: &[u8]) -> Result<RecordedEvent, HeaderError> {
        let stream = StreamId::new("S", "1").expect("legal");
        Header::from_bytes(bytes)?.event(stream, Version::NONE, Position::START, Vec::new())
    }

    #[test]
    fn what_was_written_comes_back_and_begins_with_the_event_id() {
        for (event, command) in headers() {
            let bytes = Header::of(&event, &command).to_bytes().expect("written");
            assert_eq!(&bytes[..EVENT_ID_BYTES], event.event_id.as_bytes());
            let back = read(&bytes).expect("read");
            assert_eq!((back.event, back.command_id), (event, command));
        }
    }

    #[test]
    fn a_part_of_a_header_or_more_than_one_is_refused() {
        for (event, command) in headers() {
            let mut bytes = Header::of(&event, &command).to_bytes().expect("written");
            for end in 0..bytes.len() {
                assert!(read(&bytes[..end]).is_err(), "{end} of {} bytes", bytes.len());
            }
            bytes.push(0);
            assert!(matches!(read(&bytes), Err(HeaderError::TooLong { bytes: 1 })));
        }
    }

    proptest! {
        /// Whatever is stored, reading it ends in an event or an error.
        #[test]
        fn any_bytes_are_read_or_refused(
            which in 0..4_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let (event, command) = headers().swap_remove(which);
            let mut bytes = Header::of(&event, &command).to_bytes().expect("written");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read(&bytes);
            let _ = read(&bytes[at..]);
        }
    }
}
