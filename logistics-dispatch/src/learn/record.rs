//! What was planned, and what a supervisor made of it.

use crate::units::Seconds;

/// What became of one planned visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It stayed as planned. Records of these count against proposals: without them a
    /// rate is one among overrides only, and looks higher than it is.
    Kept,
    /// Another partner got it.
    Reassigned {
        /// Who.
        to: String,
    },
    /// It went to another point of the route.
    Reordered {
        /// When it was then to be visited, since midnight.
        to: Seconds,
    },
    /// It was set to another time.
    Retimed {
        /// When, since midnight.
        to: Seconds,
    },
    /// It was taken out of the plan.
    Removed,
}

/// One planned visit and what a supervisor made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Id of the job.
    pub job: String,
    /// The caller's key of its area: a postcode, a gate, a zone.
    pub area: String,
    /// When it was planned, since midnight, local time.
    pub planned: Seconds,
    /// Id of the partner who was to visit it.
    pub partner: String,
    /// What became of it.
    pub outcome: Outcome,
}
