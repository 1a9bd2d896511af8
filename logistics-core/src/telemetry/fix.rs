//! One position report of a delivery partner's device.

use std::cmp::Ordering;

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
    /// The device says that a program made the position up.
    #[serde(default)]
    pub mocked: bool,
}

impl Fix {
    /// Whether this fix takes the place of `other`, which has the same partner and time.
    ///
    /// The better accuracy wins, at equal accuracy the one that the device gave over an assumed
    /// one, then a measured position over one made up. What is still equal is decided by the values themselves, so that the fix that stays
    /// does not depend on which of them arrived first.
    #[must_use]
    pub fn supersedes(&self, other: &Self) -> bool {
        let optional = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            // A value that is there wins over one that is not.
            _ => a.is_none().cmp(&b.is_none()),
        };
        self.accuracy_m
            .total_cmp(&other.accuracy_m)
            .then(self.accuracy_assumed.cmp(&other.accuracy_assumed))
            .then(self.mocked.cmp(&other.mocked))
            .then(self.position.x().total_cmp(&other.position.x()))
            .then(self.position.y().total_cmp(&other.position.y()))
            .then_with(|| optional(self.speed_mps, other.speed_mps))
            .then_with(|| optional(self.bearing_deg, other.bearing_deg))
            .then_with(|| optional(self.battery, other.battery))
            == Ordering::Less
    }
}
