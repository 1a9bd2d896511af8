//! Pickup-and-delivery pairs: one load, two stops, one vehicle.

use super::{Job, JobIndex, Owner, Problem, ProblemError, Vehicle};
use crate::solution::Route;

/// Which half of a pair a job is, and the other half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// It takes on board what the other stop gets.
    Pickup {
        /// The stop that gets it.
        delivery: JobIndex,
    },
    /// It gets what was taken on board at the other stop.
    Delivery {
        /// The stop where that was.
        pickup: JobIndex,
    },
}

impl Half {
    /// The other half.
    #[must_use]
    pub fn other(self) -> JobIndex {
        match self {
            Self::Pickup { delivery } => delivery,
            Self::Delivery { pickup } => pickup,
        }
    }
}

impl Problem {
    /// Which half of a pair the job is; `None` for a job by itself.
    #[must_use]
    pub fn half(&self, job: JobIndex) -> Option<Half> {
        self.halves.get(job.index()).copied().flatten()
    }

    /// What the job brings from the start of the route: nothing if it was picked up on the
    /// way.
    pub(crate) fn brought(&self, job: JobIndex, dimension: usize) -> i64 {
        match self.half(job) {
            Some(Half::Delivery { .. }) => 0,
            _ => self.jobs()[job.index()].delivered(dimension),
        }
    }

    /// Do the pairs that have a stop on the route have both, in their order and on one trip?
    /// One that is frozen may still wait for its delivery.
    pub(crate) fn pairs_are_whole(&self, vehicle: &Vehicle, route: &Route) -> bool {
        let jobs = &route.jobs;
        let place = |wanted| jobs.iter().position(|&job| job == wanted);
        let parted = |first, then| route.reloads.iter().any(|&at| first < at && at <= then);
        self.halves.is_empty()
            || jobs.iter().enumerate().all(|(at, &job)| match self.half(job) {
                None => true,
                Some(Half::Delivery { pickup }) => {
                    place(pickup).is_some_and(|first| first < at && !parted(first, at))
                }
                Some(Half::Pickup { delivery }) => {
                    place(delivery).is_some()
                        || vehicle.frozen().any(|frozen| frozen == job) && !parted(at, jobs.len())
                }
            })
    }
}

/// Per job its half; empty without pairs.
pub(super) fn halves(
    jobs: &[Job],
    vehicles: &[Vehicle],
    pairs: &[(JobIndex, JobIndex)],
) -> Result<Vec<Option<Half>>, ProblemError> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let mut halves = vec![None; jobs.len()];
    for &(pickup, delivery) in pairs {
        for (job, half) in
            [(pickup, Half::Pickup { delivery }), (delivery, Half::Delivery { pickup })]
        {
            let (index, count) = (job.index(), jobs.len());
            let Some(slot) = halves.get_mut(index) else {
                let (owner, field) = (Owner::Problem, "half of a pair");
                return Err(ProblemError::Unknown { owner, field, index, count });
            };
            if pickup == delivery || slot.replace(half).is_some() {
                return Err(ProblemError::PairedTwice(Owner::Job(jobs[index].id.clone())));
            }
        }
        agree(&jobs[pickup.index()], &jobs[delivery.index()])?;
    }
    for vehicle in vehicles {
        let frozen: Vec<JobIndex> = vehicle.frozen().collect();
        for (at, job) in frozen.iter().enumerate() {
            if let Some(Half::Delivery { pickup }) = halves[job.index()]
                && !frozen[..at].contains(&pickup)
            {
                return Err(mismatch(&jobs[job.index()], "place among frozen stops"));
            }
        }
    }
    Ok(halves)
}

/// What is picked up is what is delivered, and both may be left out or none.
fn agree(pickup: &Job, delivery: &Job) -> Result<(), ProblemError> {
    let nothing = |amounts: &[i64]| amounts.iter().all(|&amount| amount == 0);
    let same = |d: usize| pickup.picked_up(d) == delivery.delivered(d);
    if !(0..pickup.pickup.len().max(delivery.delivery.len())).all(same) {
        return Err(mismatch(delivery, "delivery"));
    }
    if !nothing(&delivery.pickup) {
        return Err(mismatch(delivery, "pickup"));
    }
    if !nothing(&pickup.delivery) {
        return Err(mismatch(pickup, "delivery"));
    }
    if pickup.optional.is_some() != delivery.optional.is_some() {
        return Err(mismatch(delivery, "being optional"));
    }
    Ok(())
}

fn mismatch(job: &Job, field: &'static str) -> ProblemError {
    ProblemError::PairMismatch { owner: Owner::Job(job.id.clone()), field }
}
