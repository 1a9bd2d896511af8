//! One stop of a round.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::ShipmentId;
use crate::values::GeoPosition;

/// Most stops of one round.
pub const STOPS_MAX: usize = 1_000;
/// Most doubts about one stop or round.
pub const DOUBTS_MAX: usize = 16;
/// Longest doubt, in bytes.
pub const DOUBT_BYTES_MAX: usize = 256;

/// A stretch of time in which a stop is to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// Not before.
    pub start: DateTime<Utc>,
    /// Not after.
    pub end: DateTime<Utc>,
}

/// One stop of a round: where one shipment is handed over, and when that is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Where.
    pub position: GeoPosition,
    /// The expected arrival.
    pub arrival: DateTime<Utc>,
    /// The expected departure, after waiting and service.
    pub departure: DateTime<Utc>,
    /// How long the service takes, in seconds.
    pub service_s: u32,
    /// The window that was promised, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// What a person should look at, such as an address that was found only roughly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}
