//! A place for a job, with what it costs and whom it delays.

use super::line::Line;
use crate::problem::{Job, JobIndex, Problem, VehicleIndex};
use crate::units::{Cost, Meters, Seconds};

/// A later stop whose service begins at another time if the offer is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delay {
    /// Which stop.
    pub job: JobIndex,
    /// How much later; negative if earlier, where a detour is quicker than the way.
    pub by: Seconds,
    /// Time then left before its last window closes, never negative: the delay is within
    /// the slack that the stop had. `None`: it has no windows.
    pub slack: Option<Seconds>,
}

/// One place where a job can stand with every constraint of the route kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// Which job.
    pub job: JobIndex,
    /// Who would take it.
    pub vehicle: VehicleIndex,
    /// Which stop of the route it would be, from 0.
    pub position: usize,
    /// The vehicle has no stops yet; its fixed cost is in `extra_cost`.
    pub opens_route: bool,
    /// How much dearer the plan gets, every part of its cost counted, but for what leaving
    /// an optional job out would cost; negative if a detour is cheaper than the way.
    pub extra_cost: Cost,
    /// How much longer the vehicle drives.
    pub extra_travel_time: Seconds,
    /// How much farther the vehicle drives.
    pub extra_distance: Meters,
    /// When service of the job begins.
    pub start: Seconds,
    /// Time then left before its last window closes. `None`: it has no windows.
    pub slack: Option<Seconds>,
    /// The later stops that it shifts, in order; those behind the last one are not
    /// touched, because waiting takes up the rest.
    pub delays: Vec<Delay>,
    /// When the vehicle has then finished.
    pub finish: Seconds,
    /// How much later than now that is; zero for a route that it opens.
    pub finish_delay: Seconds,
}

impl Line {
    /// The offer for one position, if it is one.
    pub(super) fn offer(
        &self,
        problem: &Problem,
        index: JobIndex,
        position: usize,
    ) -> Option<Offer> {
        let vehicle = &problem.vehicles()[self.vehicle];
        let job = &problem.jobs()[index.index()];
        if !(self.frozen..=self.punctual).contains(&position) || !self.admits(vehicle, job) {
            return None;
        }
        let trial = self.trial(problem, vehicle, index, position)?;
        let slack = |job: &Job, start: i64| job.windows.last().map(|w| w.end - Seconds(start));
        let mut delays = Vec::with_capacity(self.jobs.len() - position);
        let mut arrival = trial.there;
        let mut touched = true;
        for (at, &later) in self.jobs.iter().enumerate().skip(position) {
            let job = &problem.jobs()[later.index()];
            let start = job.start_of_service(Seconds(arrival))?.get();
            let departure = start + job.service.get();
            let by = Seconds(departure - self.ready[at + 1]);
            touched = by != Seconds::ZERO;
            if !touched {
                break;
            }
            delays.push(Delay { job: later, by, slack: slack(job, start) });
            arrival = departure + self.legs[at + 1].time;
        }
        let last = self.legs.len() - 1;
        let before = self.ready[last] + self.legs[last].time;
        let finish = if touched { arrival } else { before };
        let opens_route = self.jobs.is_empty();
        Some(Offer {
            job: index,
            vehicle: VehicleIndex::new(self.vehicle),
            position,
            opens_route,
            extra_cost: Cost(trial.extra_cost),
            extra_travel_time: Seconds(trial.extra_time),
            extra_distance: Meters(trial.extra_distance),
            start: Seconds(trial.start),
            slack: slack(job, trial.start),
            delays,
            finish: Seconds(finish),
            finish_delay: Seconds(if opens_route { 0 } else { finish - before }),
        })
    }
}
