//! The hash chain of a stream: each event's hash covers the event as it is stored and the hash of
//! the event before it, so that nothing can be changed, left out or put in between unnoticed.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::event::{Actor, NewEvent, RecordedEvent};
use super::stream::{StreamId, Version};
use crate::ids::CommandId;
use crate::values::Sha256Digest;

/// Stands before everything that is hashed: the edition of what is hashed and how.
const EDITION: &[u8] = b"lgx1";

/// Where a stream's hash chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainBreak {
    /// An event is missing, or stands where another should.
    #[error("{stream} has version {found} where version {expected} should be")]
    Version {
        /// The stream.
        stream: StreamId,
        /// The version that should come.
        expected: Version,
        /// The version that is there.
        found: Version,
    },
    /// The event is not what was committed, or one before it is not.
    #[error("the hash of {stream} at version {version} is not that of what is stored")]
    Hash {
        /// The stream.
        stream: StreamId,
        /// The first version that does not hold.
        version: Version,
    },
}

/// Gives each of `events`, made by `command` on `stream` after version `before`, its hash.
pub(super) fn link(
    previous: Sha256Digest,
    stream: &StreamId,
    before: Version,
    command: &CommandId,
    events: &mut [NewEvent],
) {
    let (mut previous, mut version) = (previous, before);
    for event in events {
        version = version.next();
        event.hash = hash(previous, stream, version, command, event);
        previous = event.hash;
    }
}

/// Checks that `events` of one stream follow each other and on the event with version `after` and
/// hash `previous` ([`Version::NONE`] and [`Sha256Digest::ZERO`] for the whole stream). Returns the
/// hash of the last one.
///
/// # Errors
/// [`ChainBreak`] at the first event that does not hold.
pub fn verify_chain(
    after: Version,
    previous: Sha256Digest,
    events: &[RecordedEvent],
) -> Result<Sha256Digest, ChainBreak> {
    let (mut previous, mut version) = (previous, after);
    for recorded in events {
        version = version.next();
        let stream = || recorded.stream.clone();
        if recorded.version != version {
            let (expected, found) = (version, recorded.version);
            return Err(ChainBreak::Version { stream: stream(), expected, found });
        }
        let RecordedEvent { command_id, event, .. } = recorded;
        if event.hash != hash(previous, &recorded.stream, version, command_id, event) {
            return Err(ChainBreak::Hash { stream: stream(), version });
        }
        previous = event.hash;
    }
    Ok(previous)
}

/// SHA-256 over edition, previous hash, every field of the header, and the payload's digest.
fn hash(
    previous: Sha256Digest,
    stream: &StreamId,
    version: Version,
    command: &CommandId,
    event: &NewEvent,
) -> Sha256Digest {
    let mut fields = Fields(Sha256::new_with_prefix(EDITION));
    fields.bytes(previous.as_bytes());
    fields.bytes(stream.as_str().as_bytes());
    fields.bytes(&version.get().to_be_bytes());
    fields.bytes(event.event_id.as_bytes());
    fields.bytes(event.event_type.as_bytes());
    fields.bytes(&event.schema.to_be_bytes());
    fields.time(event.occurred.at);
    fields.bytes(event.occurred.offset_min.map(i16::to_be_bytes).as_ref().map_or(&[][..], |b| b));
    fields.bytes(&[u8::from(event.occurred.suspect)]);
    fields.time(event.recorded_at);
    let (kind, name): (&[u8], &str) = match &event.actor {
        Actor::System => (b"system", ""),
        Actor::Partner(partner) => (b"partner", partner.as_str()),
        Actor::Api(name) => (b"api", name),
        Actor::Operator(name) => (b"operator", name),
    };
    fields.bytes(kind);
    fields.bytes(name.as_bytes());
    fields.bytes(event.correlation_id.as_str().as_bytes());
    fields.bytes(event.causation_id.as_ref().map_or(&[][..], |id| &id.as_bytes()[..]));
    fields.bytes(command.as_str().as_bytes());
    fields.bytes(&Sha256::digest(&event.payload));
    Sha256Digest::from_bytes(fields.0.finalize().into())
}

/// What is hashed, each field behind its length, so that none can run into the next.
struct Fields(Sha256);

impl Fields {
    fn bytes(&mut self, field: &[u8]) {
        self.0.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(field);
    }

    /// In whole microseconds, as stores keep times.
    fn time(&mut self, at: DateTime<Utc>) {
        self.bytes(&at.timestamp_micros().to_be_bytes());
    }
}
