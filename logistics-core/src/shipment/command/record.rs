//! The record itself: corrected, kept for a court, disputed, its personal data erased.

use serde::{Deserialize, Serialize};

use crate::eventsourcing::{EventId, RecordedEvent};
use crate::ids::SubjectId;
use crate::shipment::event::RetractionReason;

/// Says that a recorded event is wrong. The event stays in the record.
///
/// Once the shipment's life has ended this only asks for it: another operator must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractEvent {
    /// The event.
    pub event_id: EventId,
    /// Its version in the shipment's stream.
    pub version: u64,
    /// Its name.
    pub event_type: String,
    /// In which way it is wrong.
    pub reason: RetractionReason,
    /// Which operator says so. The caller answers for it being who is logged in.
    pub by: String,
}

impl RetractEvent {
    /// The retraction of `event` by the operator `by`.
    #[must_use]
    pub fn of(event: &RecordedEvent, reason: RetractionReason, by: impl Into<String>) -> Self {
        Self {
            event_id: event.event.event_id,
            version: event.version.get(),
            event_type: event.event.event_type.clone(),
            reason,
            by: by.into(),
        }
    }
}

/// Approves the retraction that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveRetraction {
    /// The event that is to be retracted.
    pub event_id: EventId,
    /// Which operator approves: not the one who asked.
    pub by: String,
}

/// Forbids to erase what is recorded, as a court or an authority demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceLegalHold {
    /// The file under which it is demanded.
    pub reference: String,
}

/// Ends the legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiftLegalHold {
    /// The file under which it is ended.
    pub reference: String,
}

/// Records that somebody disputes what is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDispute {
    /// The dispute's own name.
    pub reference: String,
}

/// Records that the dispute is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseDispute {
    /// The dispute's own name.
    pub reference: String,
}

/// Records that a person's data is erased: the caller destroys the subject's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseSubject {
    /// The person.
    pub subject: SubjectId,
}
