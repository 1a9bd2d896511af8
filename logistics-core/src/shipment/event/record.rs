//! The record was corrected, kept for a court, disputed, its personal data erased.

use serde::{Deserialize, Serialize};

use crate::eventsourcing::EventId;
use crate::ids::SubjectId;

/// In which way a recorded event is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetractionReason {
    /// It never happened.
    DidNotOccur,
    /// It happened, but not as recorded.
    IncorrectData,
}

/// An operator asked to retract an event after the shipment's life had ended. Nothing follows from
/// it until another one approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractionRequested {
    /// The event.
    pub event_id: EventId,
    /// Its version in the stream.
    pub version: u64,
    /// Its name.
    pub event_type: String,
    /// In which way it is wrong.
    pub reason: RetractionReason,
    /// Who asked.
    pub by: String,
}

/// A recorded event is wrong. It stays in the record.
///
/// Where it is the last one that moved the shipment, the shipment is back where it was before it;
/// a payment or a waiver no longer counts. Whatever a later event has overruled stays overruled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRetracted {
    /// The event.
    pub event_id: EventId,
    /// Its version in the stream.
    pub version: u64,
    /// Its name.
    pub event_type: String,
    /// In which way it is wrong.
    pub reason: RetractionReason,
    /// Who said so.
    pub by: String,
    /// Who approved it, where that was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// What is recorded must not be erased, as a court or an authority demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHoldPlaced {
    /// The file under which it is demanded.
    pub reference: String,
}

/// The legal hold ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHoldLifted {
    /// The file under which it ended.
    pub reference: String,
}

/// Somebody disputes what is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeOpened {
    /// The dispute's own name.
    pub reference: String,
}

/// A dispute is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeClosed {
    /// The dispute's own name.
    pub reference: String,
}

/// A person's data is erased: the key that opens it is destroyed. The sealed bytes stay in the
/// record, which nobody can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectErased {
    /// The person's pseudonym.
    pub subject: SubjectId,
}
