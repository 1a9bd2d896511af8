//! Read models: what customers, the operations desk and devices are shown, folded from the feed.
//!
//! Each is a [`Projection`](crate::eventsourcing::Projection) whose rows fold one stream.
//! [`trail`] joins a shipment's own history with that of the rounds it was on.

mod manifests;
mod operations;
mod partners;
mod tracking;
mod trail;

pub use manifests::{ManifestRow, Manifests};
pub use operations::{OperationsRow, ShipmentOperations};
pub use partners::{PartnerRow, Partners};
pub use tracking::{Milestone, ShipmentTracking, TrackingPosition, TrackingRow};
pub use trail::{OnBoard, SHIFT_DATES_MAX, on_board_intervals, trail};

use chrono::{DateTime, SecondsFormat, Utc};

/// `at` as a text whose order is that of time: RFC 3339 in UTC with six decimals.
#[must_use]
pub fn sort_key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
