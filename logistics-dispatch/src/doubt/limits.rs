//! Where doubt begins.

use crate::units::{Cost, Seconds};

/// From where on something is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoubtLimits {
    /// A stop with less time to spare before its window closes.
    pub min_slack: Seconds,
    /// A vehicle whose position was reported longer ago.
    pub max_position_age: Seconds,
    /// A place that the geocoder was less sure of, in percent.
    pub min_confidence_pct: u8,
    /// A stop that another vehicle could serve for at most so much more, all else
    /// unchanged. `None`: ties are no reason to doubt. Only [`plan_doubts`](crate::plan_doubts)
    /// looks for them.
    pub near_tie: Option<Cost>,
}

impl Default for DoubtLimits {
    /// Two minutes, fifteen minutes, fifty percent, and a cost of 10: ten seconds of driving
    /// at the default [`TravelCost`](crate::TravelCost). On random cities of 60 to 300 stops
    /// three or four routes in a hundred hold such a tie.
    fn default() -> Self {
        Self {
            min_slack: Seconds(120),
            max_position_age: Seconds(900),
            min_confidence_pct: 50,
            near_tie: Some(Cost(10)),
        }
    }
}
