//! What can happen in a partner's shift.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::super::profile::Vehicle;
use crate::ids::{CityId, PartnerId, ZoneId};
use crate::values::GeoPosition;

/// The partner began to work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShiftStarted {
    /// The partner.
    pub partner: PartnerId,
    /// The local date of the shift.
    pub date: NaiveDate,
    /// What the partner drives today.
    pub vehicle: Vehicle,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// The partner stopped working.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShiftEnded {
    /// The partner.
    pub partner: PartnerId,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// The partner crossed a zone border: the set of zones that it is in changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeofenceBreached {
    /// The partner.
    pub partner: PartnerId,
    /// Whose zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<CityId>,
    /// The zones it was in, sorted.
    pub from: Vec<ZoneId>,
    /// The zones it is in, sorted.
    pub to: Vec<ZoneId>,
    /// When it was first seen there.
    pub at: DateTime<Utc>,
    /// Where it was first seen there.
    pub position: GeoPosition,
    /// The version of the city's zones that was in force.
    pub zone_set_version: u64,
}

/// Nothing was heard of the partner for too long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerSilent {
    /// The partner.
    pub partner: PartnerId,
    /// When it was last heard.
    pub since: DateTime<Utc>,
}

/// The partner was heard again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerHeard {
    /// The partner.
    pub partner: PartnerId,
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// The partner was away from its planned leg, or outside all its zones, for too long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerWentOffRoute {
    /// The partner.
    pub partner: PartnerId,
    /// When it was first seen there.
    pub since: DateTime<Utc>,
    /// Where it was when that was reported.
    pub position: GeoPosition,
}

/// The partner was on its route again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerBackOnRoute {
    /// The partner.
    pub partner: PartnerId,
    /// When it was first seen there.
    pub at: DateTime<Utc>,
    /// Where it was first seen there.
    pub position: GeoPosition,
}

crate::domain_events! {
    /// What can happen in a partner's shift.
    pub enum ShiftEvent {
        ShiftStarted = 1,
        ShiftEnded = 1,
        GeofenceBreached = 1,
        PartnerSilent = 1,
        PartnerHeard = 1,
        PartnerWentOffRoute = 1,
        PartnerBackOnRoute = 1,
    }
}
