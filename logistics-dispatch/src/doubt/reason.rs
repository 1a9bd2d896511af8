//! Reasons to doubt.

use core::fmt;

use crate::problem::{JobIndex, VehicleIndex};
use crate::units::{Cost, Seconds};

/// A reason to look at a route, or a stop of it, again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// So little to spare before the stop's last window closes (negative: late already).
    Slack {
        /// Which stop.
        job: JobIndex,
        /// Time to spare.
        slack: Seconds,
    },
    /// So little to spare before the end of the shift.
    ShiftSlack {
        /// Time to spare.
        slack: Seconds,
    },
    /// The route starts from a position reported so long ago.
    StalePosition {
        /// Age of the report.
        age: Seconds,
    },
    /// The geocoder was not sure of the place of this stop.
    LowConfidence {
        /// Which stop.
        job: JobIndex,
        /// How sure it was, in percent.
        confidence_pct: u8,
    },
    /// Another vehicle could serve this stop nearly as well.
    NearTie {
        /// Which stop.
        job: JobIndex,
        /// Who else.
        vehicle: VehicleIndex,
        /// How much dearer the plan would be; negative if it would be cheaper.
        extra_cost: Cost,
    },
}

impl Doubt {
    /// Which stop it is about; `None`: the whole route.
    #[must_use]
    pub fn job(&self) -> Option<JobIndex> {
        match *self {
            Self::Slack { job, .. }
            | Self::LowConfidence { job, .. }
            | Self::NearTie { job, .. } => Some(job),
            Self::ShiftSlack { .. } | Self::StalePosition { .. } => None,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slack { slack, .. } => write!(f, "{slack} to spare before its window closes"),
            Self::ShiftSlack { slack } => write!(f, "{slack} to spare before the shift ends"),
            Self::StalePosition { age } => write!(f, "starts from a position {age} old"),
            Self::LowConfidence { confidence_pct, .. } => {
                write!(f, "its place is {confidence_pct} % sure")
            }
            Self::NearTie { extra_cost, .. } => {
                write!(f, "would cost {} more on another vehicle", extra_cost.get())
            }
        }
    }
}
