//! A partner's round: in, out, off, again.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{PartnerId, RunId};
use crate::values::GeoPosition;

/// Gives it to a delivery partner for a day's round; to another partner, if it had one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignToPartner {
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

/// Takes it out of a partner's round before the round starts; it stays at the hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unassign {
    /// The dispatch run that dropped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// Records that the partner left with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StartDelivery {
    /// Who reports it; the assigned partner when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Lets the partner who could not hand it over, and still has it, try again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleReattempt {
    /// When to try at the earliest.
    pub not_before: DateTime<Utc>,
    /// The local date of the round; that of the attempt that failed when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
}

/// Takes a scheduled reattempt back; the partner still has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelReattempt {
    /// Why, in a word or a sentence without personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
