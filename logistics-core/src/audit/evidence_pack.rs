//! What happened to one aggregate, as a document that proves itself against an anchor.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::anchor::{Anchor, InclusionProof};
use super::auditor::{AuditError, Finding, Mark, check_stream};
use super::prove::prove_inclusion;
use crate::eventsourcing::{
    Actor, ChainBreak, EventId, EventStore, NewEvent, Occurred, Position, RecordedEvent, StreamId,
    Version, load_all, verify_chain,
};
use crate::ids::{CommandId, CorrelationId};
use crate::values::Sha256Digest;

/// The events of one stream with everything that is hashed, and proofs that they are those of an
/// anchor: what settles a dispute. Personal data in it is sealed.
///
/// Whoever holds the anchor can check it without the store: [`EvidencePack::verify`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidencePack {
    /// The stream.
    pub stream: StreamId,
    /// The anchor that the proofs refer to.
    pub anchor: Anchor,
    /// All events of the stream, oldest first.
    pub events: Vec<PackedEvent>,
}

/// One event, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackedEvent {
    /// Its version in the stream.
    pub version: Version,
    /// Its position in the feed.
    pub position: Position,
    /// Its identity.
    pub event_id: EventId,
    /// Its name.
    pub event_type: String,
    /// The revision of its payload's shape.
    pub schema: u16,
    /// When it happened.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who caused it.
    pub actor: Actor,
    /// What it belongs to, end to end.
    pub correlation_id: CorrelationId,
    /// The event that led to it, where one did.
    pub causation_id: Option<EventId>,
    /// The command that made it.
    pub command_id: CommandId,
    /// What it holds: the stored text to the letter, as that is what is hashed.
    pub payload: String,
    /// Its link in the stream's hash chain.
    pub hash: Sha256Digest,
    /// That it is in the anchor's tree; `None` for an event that is newer than the anchor.
    pub inclusion: Option<InclusionProof>,
}

/// Why an evidence pack proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidencePackError {
    /// It was made for another anchor.
    #[error("the evidence pack is for an anchor of {found} events, not for the one of {wanted}")]
    Anchor {
        /// The size of the anchor that it was made for.
        found: u64,
        /// The size of the one that it was to be checked against.
        wanted: u64,
    },
    /// Its events are not what was committed.
    #[error("the hash chain of the events does not hold")]
    Chain(#[from] ChainBreak),
    /// An event that the anchor should cover is not proved to be in its tree.
    #[error("the event with version {version} is not proved to be in the anchor's tree")]
    Inclusion {
        /// The event's version.
        version: Version,
    },
}

/// Collects the evidence pack of `stream` for `anchor`. Reads the feed from `mark` to the anchor;
/// [`Mark::START`] always serves, one from before the stream's first event spares reading.
///
/// # Errors
/// [`AuditError`]: also when the stream's chain does not hold, or the anchor does not.
pub async fn evidence_pack(
    store: &dyn EventStore,
    stream: &StreamId,
    mark: &Mark,
    anchor: &Anchor,
) -> Result<EvidencePack, AuditError> {
    let events = load_all(store, stream).await?;
    check_stream(stream, &events)?;
    verify_chain(Version::NONE, Sha256Digest::ZERO, &events)?;
    let positions: Vec<Position> = events.iter().map(|event| event.position).collect();
    let mut proofs = prove_inclusion(store, mark, anchor, &positions).await?.into_iter().peekable();
    let mut shown = Vec::with_capacity(events.len());
    for recorded in events {
        let index = recorded.position.get().wrapping_sub(1);
        let inclusion = proofs.next_if(|proof| proof.index == index);
        let event = PackedEvent::of(recorded, inclusion)?;
        let (stream, version) = (stream.clone(), event.version);
        if event.position.get() <= anchor.size && !event.is_included(anchor) {
            return Err(Finding::Apart { stream, version }.into());
        }
        shown.push(event);
    }
    Ok(EvidencePack { stream: stream.clone(), anchor: *anchor, events: shown })
}

impl EvidencePack {
    /// Checks all of it against an anchor that was kept elsewhere. Returns the version up to which
    /// it is proved; events behind that are newer than the anchor.
    ///
    /// What it cannot show is that there are no more events of the stream than these.
    ///
    /// # Errors
    /// [`EvidencePackError`].
    pub fn verify(&self, anchor: &Anchor) -> Result<Version, EvidencePackError> {
        if self.anchor != *anchor {
            let (found, wanted) = (self.anchor.size, anchor.size);
            return Err(EvidencePackError::Anchor { found, wanted });
        }
        let events: Vec<RecordedEvent> =
            self.events.iter().map(|event| event.recorded(&self.stream)).collect();
        verify_chain(Version::NONE, Sha256Digest::ZERO, &events)?;
        let covered = self.events.iter().take_while(|event| event.position.get() <= anchor.size);
        let mut proved = Version::NONE;
        for event in covered {
            if !event.is_included(anchor) {
                return Err(EvidencePackError::Inclusion { version: event.version });
            }
            proved = event.version;
        }
        Ok(proved)
    }
}

impl PackedEvent {
    fn of(recorded: RecordedEvent, inclusion: Option<InclusionProof>) -> Result<Self, Finding> {
        let RecordedEvent { stream, version, position, command_id, event } = recorded;
        let payload =
            String::from_utf8(event.payload).map_err(|_| Finding::NoText { stream, version })?;
        Ok(Self {
            version,
            position,
            event_id: event.event_id,
            event_type: event.event_type,
            schema: event.schema,
            occurred: event.occurred,
            recorded_at: event.recorded_at,
            actor: event.actor,
            correlation_id: event.correlation_id,
            causation_id: event.causation_id,
            command_id,
            payload,
            hash: event.hash,
            inclusion,
        })
    }

    fn recorded(&self, stream: &StreamId) -> RecordedEvent {
        RecordedEvent {
            stream: stream.clone(),
            version: self.version,
            position: self.position,
            command_id: self.command_id.clone(),
            event: NewEvent {
                event_id: self.event_id,
                event_type: self.event_type.clone(),
                schema: self.schema,
                payload: self.payload.clone().into_bytes(),
                occurred: self.occurred,
                recorded_at: self.recorded_at,
                actor: self.actor.clone(),
                correlation_id: self.correlation_id.clone(),
                causation_id: self.causation_id,
                hash: self.hash,
            },
        }
    }

    fn is_included(&self, anchor: &Anchor) -> bool {
        self.inclusion.as_ref().is_some_and(|proof| {
            proof.index.checked_add(1) == Some(self.position.get())
                && proof.holds(self.hash.as_bytes(), anchor)
        })
    }
}
