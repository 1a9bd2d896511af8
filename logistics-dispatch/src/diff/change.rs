//! What can differ between two plans.

use crate::forecast::RouteTotals;
use crate::problem::{JobIndex, VehicleIndex};
use crate::units::{Cost, Meters, Seconds};

/// Where a plan has a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Whose route.
    pub vehicle: VehicleIndex,
    /// Which stop of it, from 0.
    pub position: usize,
    /// The stop before, if there is one.
    pub after: Option<JobIndex>,
    /// The stop behind, if there is one.
    pub before: Option<JobIndex>,
}

/// One difference between two plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The vehicle had no stops and has some now.
    Opened(VehicleIndex),
    /// The vehicle had stops and has none now.
    Closed(VehicleIndex),
    /// The job was on no route.
    Served {
        /// Which job.
        job: JobIndex,
        /// Where it is now.
        to: Place,
    },
    /// Another vehicle visits the job.
    Moved {
        /// Which job.
        job: JobIndex,
        /// Where it was.
        from: Place,
        /// Where it is now.
        to: Place,
    },
    /// The same vehicle visits the job, at another point of its route.
    Reordered {
        /// Which job.
        job: JobIndex,
        /// Where it was.
        from: Place,
        /// Where it is now.
        to: Place,
    },
    /// The job is on no route any more.
    Unserved {
        /// Which job.
        job: JobIndex,
        /// Where it was.
        from: Place,
    },
}

impl Change {
    /// Which job it is about; `None`: a whole route.
    #[must_use]
    pub fn job(&self) -> Option<JobIndex> {
        match *self {
            Self::Served { job, .. }
            | Self::Moved { job, .. }
            | Self::Reordered { job, .. }
            | Self::Unserved { job, .. } => Some(job),
            Self::Opened(_) | Self::Closed(_) => None,
        }
    }

    /// Where the job is now, if it is on a route.
    #[must_use]
    pub fn to(&self) -> Option<Place> {
        match *self {
            Self::Served { to, .. } | Self::Moved { to, .. } | Self::Reordered { to, .. } => {
                Some(to)
            }
            Self::Opened(_) | Self::Closed(_) | Self::Unserved { .. } => None,
        }
    }
}

/// The route of one vehicle before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VehicleChange {
    /// Which vehicle.
    pub vehicle: VehicleIndex,
    /// Its route in the first plan.
    pub before: RouteTotals,
    /// Its route in the second plan.
    pub after: RouteTotals,
}

impl VehicleChange {
    /// How much dearer the route is; negative if it is cheaper.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.after.cost - self.before.cost
    }

    /// How much longer it drives; negative if it drives less.
    #[must_use]
    pub fn travel_time(&self) -> Seconds {
        self.after.travel_time - self.before.travel_time
    }

    /// How much farther it drives; negative if it drives less far.
    #[must_use]
    pub fn distance(&self) -> Meters {
        self.after.distance - self.before.distance
    }

    /// How much longer it is out, from leaving to finishing; negative if it is shorter.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        self.after.duration - self.before.duration
    }
}
