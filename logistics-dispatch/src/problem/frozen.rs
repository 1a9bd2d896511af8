//! Stops that are settled: served already, or pinned to come next. Every plan begins a
//! vehicle's route with them.

use super::error::{Owner, ProblemError};
use super::limits::MAX_JOBS;
use super::range::{at_most, known};
use super::{Job, JobIndex, Vehicle};
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

/// Frozen stops exist, once each, in the order of their times, and not more than allowed.
pub(super) fn check_frozen(jobs: &[Job], vehicles: &[Vehicle]) -> Result<(), ProblemError> {
    let mut frozen = vec![false; jobs.len()];
    for vehicle in vehicles {
        let owner = || Owner::Vehicle(vehicle.id.clone());
        let most = vehicle.max_jobs.unwrap_or(MAX_JOBS);
        at_most(owner(), "frozen stops", vehicle.frozen_count(), most)?;
        for job in vehicle.frozen() {
            known(owner, "frozen stop", job.index(), jobs.len())?;
            if core::mem::replace(&mut frozen[job.index()], true) {
                return Err(ProblemError::FrozenTwice(Owner::Job(jobs[job.index()].id.clone())));
            }
        }
        let mut earliest = Seconds::ZERO;
        for stop in &vehicle.served {
            if stop.start < earliest || stop.start > vehicle.shift.start {
                let job = jobs[stop.job.index()].id.clone();
                return Err(ProblemError::ServedOrder { vehicle: owner(), job });
            }
            earliest = stop.start;
        }
    }
    Ok(())
}
