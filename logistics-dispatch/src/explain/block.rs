//! What can stand in the way of a job.

use core::fmt;

use crate::problem::JobIndex;
use crate::units::{Cost, Meters, Seconds};

/// A constraint that keeps a job from a vehicle, with the least relaxation that would let
/// the job in.
///
/// Of all positions on the route that one is told where the fewest constraints are broken,
/// among equals where the least time, then driving, then load is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// The vehicle lacks this skill.
    Skill(u32),
    /// The vehicle would carry too much.
    Capacity {
        /// Which quantity, from 0.
        dimension: usize,
        /// So much more capacity would do.
        short: i64,
    },
    /// The other half of its pair is with another vehicle. Nothing else is then looked at.
    Pair,
    /// The vehicle may have no more jobs.
    MaxJobs {
        /// So many more would do: one, or two for a pair.
        short: usize,
    },
    /// Too much driving time.
    TravelTime {
        /// So much more would do.
        short: Seconds,
    },
    /// Too much driving distance.
    Distance {
        /// So much more would do.
        short: Meters,
    },
    /// The vehicle comes too late for the job's windows.
    Window {
        /// So much later closing of the job's last window would do, or, where lateness has a
        /// price, so much more of it.
        late: Seconds,
    },
    /// Serving the job would make a later stop, or the other half of its pair, miss its
    /// window by more than it may.
    LaterStop {
        /// The stop.
        job: JobIndex,
        /// So much later closing of its last window would do, or so much more lateness.
        late: Seconds,
    },
    /// The route would finish after the end of the shift.
    ShiftEnd {
        /// So much later an end would do.
        late: Seconds,
    },
    /// Serving the job, which is optional, costs more than leaving it out and the route as it
    /// stands.
    Worth {
        /// So much more for leaving it out would do.
        short: Cost,
    },
    /// Nothing: there is a position for it. The plan left it out needlessly.
    Fits,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skill(skill) => write!(f, "lacks skill {skill}"),
            Self::Capacity { dimension, short } => {
                write!(f, "lacks {short} of capacity for quantity {dimension}")
            }
            Self::Pair => f.write_str("does not have the other half of the pair"),
            Self::MaxJobs { short: 1 } => f.write_str("may have no more jobs"),
            Self::MaxJobs { short } => write!(f, "may not have {short} more jobs"),
            Self::TravelTime { short } => write!(f, "may not drive {short} longer"),
            Self::Distance { short } => write!(f, "may not drive {short} farther"),
            Self::Window { late } => write!(f, "comes {late} after the last window"),
            Self::LaterStop { late, .. } => write!(f, "would be {late} late at a later stop"),
            Self::ShiftEnd { late } => write!(f, "would finish {late} after its shift"),
            Self::Worth { short } => write!(f, "is dearer by {short} than leaving it out"),
            Self::Fits => f.write_str("has room for it"),
        }
    }
}
