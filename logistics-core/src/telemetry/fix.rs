//! One position report of a delivery partner's device.

use chrono::{DateTime, Utc};
use geo_types::Point;
use serde::{Deserialize, Serialize};

use crate::ids::PartnerId;

/// One position report. Its identity is (partner, time); WGS 84, x = longitude, y = latitude.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Whose.
    pub partner: PartnerId,
    /// When the device took it, in whole milliseconds.
    pub ts: DateTime<Utc>,
    /// Where, in degrees: x = longitude, y = latitude.
    pub position: Point<f64>,
    /// Radius within which the device believes itself to be, in metres.
    pub accuracy_m: f64,
    /// The device gave no accuracy and a default stands in its place.
    pub accuracy_assumed: bool,
    /// Speed over ground, in metres a second.
    pub speed_mps: Option<f64>,
    /// Direction of movement, in degrees clockwise from north.
    pub bearing_deg: Option<f64>,
    /// Charge of the battery, 0 to 1.
    pub battery: Option<f64>,
}
