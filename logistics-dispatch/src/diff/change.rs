//! What can differ between two plans.

use crate::problem::{JobIndex, VehicleIndex};

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
    /// The vehicle goes back to load before a stop, and did not.
    ReloadAdded {
        /// Which vehicle.
        vehicle: VehicleIndex,
        /// The stop that it then goes to.
        before: JobIndex,
    },
    /// The vehicle no longer goes back to load before a stop.
    ReloadDropped {
        /// Which vehicle.
        vehicle: VehicleIndex,
        /// The stop that it then went to.
        before: JobIndex,
    },
}

impl Change {
    /// Which job has another place; `None`: it is about a route.
    #[must_use]
    pub fn job(&self) -> Option<JobIndex> {
        match *self {
            Self::Served { job, .. }
            | Self::Moved { job, .. }
            | Self::Reordered { job, .. }
            | Self::Unserved { job, .. } => Some(job),
            Self::Opened(_)
            | Self::Closed(_)
            | Self::ReloadAdded { .. }
            | Self::ReloadDropped { .. } => None,
        }
    }

    /// Where the job is now, if it is on a route.
    #[must_use]
    pub fn to(&self) -> Option<Place> {
        match *self {
            Self::Served { to, .. } | Self::Moved { to, .. } | Self::Reordered { to, .. } => {
                Some(to)
            }
            Self::Opened(_)
            | Self::Closed(_)
            | Self::Unserved { .. }
            | Self::ReloadAdded { .. }
            | Self::ReloadDropped { .. } => None,
        }
    }
}
