//! How a tracker judges fixes.

use chrono::TimeDelta;

use crate::metres::confidence;

/// How a [`Tracker`](super::Tracker) judges fixes.
///
/// A fix is *clear* of a border when it is further from it than a margin and the true position is
/// so, too, with the stated [`confidence`](Self::confidence). A clear fix on the other side decides at
/// once; others have to last.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackerOptions {
    /// Longest time between two fixes over which the way between them is taken as straight;
    /// default 10 minutes.
    pub max_gap: TimeDelta,
    /// Highest speed that is believed, in metres a second; default 60. What only a higher one
    /// explains is an outlier, whatever its accuracy.
    pub max_speed_mps: f64,
    /// Highest acceleration that is believed of a single fix, in metres a second squared;
    /// default 3. A fix that only a higher one explains does not decide alone: its accuracy may lie.
    pub max_acceleration_mps2: f64,
    /// Fixes with a larger accuracy radius are ignored, in metres; default 50.
    pub max_accuracy_m: f64,
    /// Accuracy radius of a fix that gives none, in metres; default 20.
    pub default_accuracy_m: f64,
    /// How far inside a zone a fix must be to enter it at once, in metres; default 15.
    pub enter_margin_m: f64,
    /// How far outside a zone a fix must be to leave it at once, in metres; default 20.
    pub exit_margin_m: f64,
    /// Probability with which the true position must be beyond the margin, too; default 0.9. At 0.5
    /// the accuracy of fixes does not matter.
    pub confidence: f64,
    /// Fixes in a row on the other side that decide although none is clear; default 3. Thin zones,
    /// in which no fix can be clear, are entered this way.
    pub confirm_fixes: u32,
    /// Time from the first to the last of these that must have passed; default 20 seconds.
    pub confirm_after: TimeDelta,
    /// Time in a zone after which dwelling is told, once for each stay; default 5 minutes.
    pub dwell: Option<TimeDelta>,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            max_gap: TimeDelta::minutes(10),
            max_speed_mps: 60.0,
            max_acceleration_mps2: 3.0,
            max_accuracy_m: 50.0,
            default_accuracy_m: 20.0,
            enter_margin_m: 15.0,
            exit_margin_m: 20.0,
            confidence: 0.9,
            confirm_fixes: 3,
            confirm_after: TimeDelta::seconds(20),
            dwell: Some(TimeDelta::minutes(5)),
        }
    }
}

impl TrackerOptions {
    /// Every fix decides by itself, whatever its noise: no margins, no confirmation, no dwelling.
    /// For positions that are exact, and for comparison.
    #[must_use]
    pub fn without_hysteresis() -> Self {
        Self {
            enter_margin_m: 0.0,
            exit_margin_m: 0.0,
            confidence: 0.5,
            max_acceleration_mps2: f64::INFINITY,
            dwell: None,
            ..Self::default()
        }
    }

    /// Whether a distance from a border is beyond a margin with the stated confidence.
    pub(super) fn is_clear(&self, distance_m: f64, margin_m: f64, accuracy_m: f64) -> bool {
        distance_m >= margin_m && confidence(distance_m - margin_m, accuracy_m) >= self.confidence
    }

    /// Distances from a border beyond which nothing changes any more, in metres.
    pub(super) fn reach_m(&self, accuracy_m: f64) -> f64 {
        // Six standard deviations.
        4.0 * accuracy_m + self.enter_margin_m.max(self.exit_margin_m)
    }
}
