//! May a job stand at a position of a route, and what does it change?

use super::line::{Leg, Line, leg, start_of_service};
use super::{Delay, Offer};
use crate::problem::{Job, JobIndex, Problem, Vehicle, VehicleIndex};
use crate::units::{Cost, Meters, Seconds};

/// A position that keeps every constraint.
pub(super) struct Trial {
    pub(super) extra_cost: i64,
    pub(super) extra_time: i64,
    extra_distance: i64,
    start: i64,
    /// When the vehicle is at the next stop, or at its end.
    there: i64,
}

impl Line {
    /// Calls `found` for every position at which the job can stand, in order.
    pub(super) fn trials(
        &self,
        problem: &Problem,
        job: JobIndex,
        mut found: impl FnMut(usize, Trial),
    ) {
        let vehicle = &problem.vehicles()[self.vehicle];
        let job = &problem.jobs()[job.index()];
        if !self.admits(vehicle, job) {
            return;
        }
        for position in self.frozen..=self.punctual {
            if let Some(trial) = self.trial(problem, vehicle, job, position) {
                found(position, trial);
            }
        }
    }

    /// Do the constraints that do not hang on the position allow the job?
    fn admits(&self, vehicle: &Vehicle, job: &Job) -> bool {
        self.skilled
            && vehicle.max_jobs.is_none_or(|limit| self.jobs.len() < limit)
            && job.skills.is_subset(&vehicle.skills)
    }

    fn trial(
        &self,
        problem: &Problem,
        vehicle: &Vehicle,
        job: &Job,
        position: usize,
    ) -> Option<Trial> {
        let here = Some(job.location);
        let to = leg(problem, vehicle, self.places[position], here);
        let start = start_of_service(job, self.ready[position] + to.time)?;
        let from = leg(problem, vehicle, here, self.places[position + 1]);
        let there = start + job.service.get() + from.time;
        if there > self.latest[position] || !self.carries(vehicle, job, position) {
            return None;
        }
        let detour = |part: fn(&Leg) -> i64| part(&to) + part(&from) - part(&self.legs[position]);
        let extra_time = detour(|leg| leg.time);
        let extra_distance = detour(|leg| leg.distance);
        let fits = vehicle
            .max_travel_time
            .is_none_or(|limit| self.travel_time + extra_time <= limit.get())
            && vehicle
                .max_distance
                .is_none_or(|limit| self.distance + extra_distance <= limit.get());
        let fixed = if self.jobs.is_empty() { vehicle.fixed_cost.get() } else { 0 };
        let extra_cost = detour(|leg| leg.cost) + fixed;
        fits.then_some(Trial { extra_cost, extra_time, extra_distance, start, there })
    }

    /// What is brought is on board on every leg up to the job, what is taken on every leg
    /// after it.
    fn carries(&self, vehicle: &Vehicle, job: &Job, position: usize) -> bool {
        vehicle.capacity.iter().enumerate().all(|(dimension, &capacity)| {
            let at = dimension * self.legs.len() + position;
            self.most_before[at] + job.delivered(dimension) <= capacity
                && self.most_after[at] + job.picked_up(dimension) <= capacity
        })
    }

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
        let trial = self.trial(problem, vehicle, job, position)?;
        let slack = |job: &Job, start: i64| job.windows.last().map(|w| w.end - Seconds(start));
        let mut delays = Vec::with_capacity(self.jobs.len() - position);
        let mut arrival = trial.there;
        let mut touched = true;
        for (at, &later) in self.jobs.iter().enumerate().skip(position) {
            let job = &problem.jobs()[later.index()];
            let start = start_of_service(job, arrival)?;
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
