//! May a job stand at a position of a route, and what does it change?

use super::line::{Leg, Line, leg};
use crate::problem::{Job, JobIndex, Problem, Vehicle, VehicleIndex, Work};
use crate::units::Seconds;

/// A position that keeps every constraint.
pub(super) struct Trial {
    pub(super) extra_cost: i64,
    pub(super) extra_time: i64,
    pub(super) extra_distance: i64,
    pub(super) start: i64,
    /// When the vehicle is at the next stop, or at its end.
    pub(super) there: i64,
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
        if !self.admits(vehicle, &problem.jobs()[job.index()]) {
            return;
        }
        for position in self.frozen..=self.punctual {
            if let Some(trial) = self.trial(problem, vehicle, job, position) {
                found(position, trial);
            }
        }
    }

    /// Do the constraints that do not hang on the position allow the job?
    pub(super) fn admits(&self, vehicle: &Vehicle, job: &Job) -> bool {
        self.settled
            && self.skilled
            && vehicle.max_jobs.is_none_or(|limit| self.jobs.len() < limit)
            && job.skills.is_subset(&vehicle.skills)
    }

    pub(super) fn trial(
        &self,
        problem: &Problem,
        vehicle: &Vehicle,
        index: JobIndex,
        position: usize,
    ) -> Option<Trial> {
        let job = &problem.jobs()[index.index()];
        let here = Some(job.location);
        let to = leg(problem, vehicle, self.places[position], here);
        let start = job.start_of_service(Seconds(self.ready[position] + to.time))?.get();
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
        let service = job.service.get();
        let extra_cost = detour(|leg| leg.cost)
            + fixed
            + self.personal(problem, index)
            + self.uneven(problem, (extra_time + service, extra_distance));
        fits.then_some(Trial { extra_cost, extra_time, extra_distance, start, there })
    }

    /// What it costs that this vehicle serves the job and no other.
    fn personal(&self, problem: &Problem, job: JobIndex) -> i64 {
        let vehicle = VehicleIndex::new(self.vehicle);
        (problem.change_cost_of(vehicle, job) + problem.preference_of(vehicle, job)).get()
    }

    /// What so much more time and distance adds to the price on uneven work.
    fn uneven(&self, problem: &Problem, (time, distance): (i64, i64)) -> i64 {
        let Some(balance) = problem.balance() else { return 0 };
        let added = match balance.work {
            Work::Stops => 1,
            Work::Hours => time,
            Work::Kilometers => distance,
        };
        balance.cost(self.work + added) - balance.cost(self.work)
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
}
