//! Stops that are settled: served already, or pinned to come next. Every plan begins a
//! vehicle's route with them.

use super::{JobIndex, Vehicle};
use crate::units::Seconds;

/// A stop that has been served, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServedStop {
    /// Which job.
    pub job: JobIndex,
    /// When its service began.
    pub start: Seconds,
}

/// How far a route follows what is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// So many of its first stops are served.
    pub(crate) served: usize,
    /// So many of its first stops are frozen, those included.
    pub(crate) frozen: usize,
}

impl Vehicle {
    /// The stops that are settled, in order: the served ones, then the pinned ones.
    pub fn frozen(&self) -> impl Iterator<Item = JobIndex> + '_ {
        self.served.iter().map(|stop| stop.job).chain(self.pinned.iter().copied())
    }

    /// How many stops are settled.
    #[must_use]
    pub fn frozen_count(&self) -> usize {
        self.served.len() + self.pinned.len()
    }

    /// How far a route of this vehicle begins with its frozen stops.
    pub(crate) fn settled(&self, jobs: &[JobIndex]) -> Settled {
        let frozen = self.frozen().zip(jobs).take_while(|(own, job)| own == *job).count();
        Settled { served: frozen.min(self.served.len()), frozen }
    }
}
