//! How long something must last before it belongs in a shift's history.

use chrono::TimeDelta;

use crate::telemetry::StatusPolicy;

/// How long something must last before it belongs in a shift's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShiftPolicy {
    /// Nothing heard for this long: silent.
    pub silent_after: TimeDelta,
    /// Off the planned leg or outside all assigned zones for this long: off route.
    pub off_route_after: TimeDelta,
}

impl From<&StatusPolicy> for ShiftPolicy {
    /// What the status on the dashboard goes by.
    fn from(status: &StatusPolicy) -> Self {
        let StatusPolicy { silent_after, off_route_after, .. } = *status;
        Self { silent_after, off_route_after }
    }
}

impl Default for ShiftPolicy {
    /// As for the status on the dashboard: silent after 15 minutes, off route after three.
    fn default() -> Self {
        Self::from(&StatusPolicy::default())
    }
}
