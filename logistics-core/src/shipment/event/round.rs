//! It came into a partner's round, out of it, off with it, back into it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{PartnerId, RunId};
use crate::values::GeoPosition;

/// It was given to a delivery partner for a day's round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedToPartner {
    /// The partner.
    pub partner: PartnerId,
    /// The local date of the round.
    pub date: NaiveDate,
    /// The version of the partner's manifest that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_version: Option<u32>,
    /// The dispatch run that chose the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// It was taken out of a partner's round before the round started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnassignedFromPartner {
    /// The partner who had it.
    pub partner: PartnerId,
    /// The dispatch run that dropped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// The partner left with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutForDelivery {
    /// The partner.
    pub partner: PartnerId,
    /// The number of the attempt that begins: 1, 2, 3, without gap.
    pub attempt: u32,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// When that was recorded. Events from before this was recorded have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// The partner who still has it is to try again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReattemptScheduled {
    /// The partner.
    pub partner: PartnerId,
    /// The number that the attempt will have.
    pub attempt: u32,
    /// The local date of the round.
    pub date: NaiveDate,
    /// When to try at the earliest.
    pub not_before: DateTime<Utc>,
}

/// The partner who still has it is not to try again after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReattemptCancelled {
    /// The partner.
    pub partner: PartnerId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
