//! The limits that decisions about shipments depend on.

use chrono::Duration;

/// The limits that decisions about shipments depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentPolicy {
    /// How many failed attempts that count are followed by no further one.
    pub max_attempts: u32,
    /// How long after a failed attempt was recorded a delivery may still be reported for it.
    pub late_report_window: Duration,
    /// How far from the destination an attempt can be made, in metres, beside what the device itself
    /// is unsure of. One that is reported from further away is suspect.
    pub attempt_radius_m: u32,
    /// By how much the clock of a reporter may be ahead of ours, or two clocks differ, before that
    /// means anything.
    pub clock_tolerance: Duration,
}

impl Default for ShipmentPolicy {
    /// Three attempts, within 500 m, reports up to a day late, clocks within two minutes.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            late_report_window: Duration::hours(24),
            attempt_radius_m: 500,
            clock_tolerance: Duration::minutes(2),
        }
    }
}
