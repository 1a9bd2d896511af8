//! What can be asked of a shift.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::super::profile::Vehicle;
use crate::ids::{CityId, PartnerId, ZoneId};
use crate::transitions::commands;
use crate::values::GeoPosition;

/// Begins the shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartShift {
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

/// Ends the shift.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndShift {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that the set of zones that the partner is in changed.
///
/// Taken before, in and after the shift: a device reports when it has a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordCrossing {
    /// The partner.
    pub partner: PartnerId,
    /// Whose zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<CityId>,
    /// The zones it was in, in any order.
    pub from: Vec<ZoneId>,
    /// The zones it is in, in any order.
    pub to: Vec<ZoneId>,
    /// When it was first seen there.
    pub at: DateTime<Utc>,
    /// Where it was first seen there.
    pub position: GeoPosition,
    /// The version of the city's zones that was in force.
    pub zone_set_version: u64,
}

/// Reports that nothing is heard of the partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportSilence {
    /// When it was last heard; the start of the shift, when never.
    pub since: DateTime<Utc>,
}

/// Reports that the partner is heard again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportHeard {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Reports that the partner is away from its planned leg, or outside all its zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportOffRoute {
    /// When it was first seen there.
    pub since: DateTime<Utc>,
    /// Where it is.
    pub position: GeoPosition,
}

/// Reports that the partner is on its route again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportBackOnRoute {
    /// When it was first seen there.
    pub at: DateTime<Utc>,
    /// Where it was first seen there.
    pub position: GeoPosition,
}

commands! {
    /// What can be asked of a shift.
    pub enum ShiftCommand, ShiftCommandKind {
        Start(StartShift) "start_shift",
        End(EndShift) "end_shift",
        RecordCrossing(RecordCrossing) "record_crossing",
        ReportSilence(ReportSilence) "report_silence",
        ReportHeard(ReportHeard) "report_heard",
        ReportOffRoute(ReportOffRoute) "report_off_route",
        ReportBackOnRoute(ReportBackOnRoute) "report_back_on_route",
    }
}
