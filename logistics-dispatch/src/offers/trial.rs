//! May a job stand on a leg of a route, and what does it change?

use super::clock::Stop;
use super::line::{Leg, Line, leg};
use crate::problem::{Job, JobIndex, Problem, Vehicle, Work};

/// A place that keeps every constraint.
pub(super) struct Trial {
    pub(super) extra_cost: i64,
    pub(super) extra_time: i64,
    pub(super) extra_distance: i64,
    pub(super) stop: Stop,
}

impl Line {
    /// Calls `found` for every leg on which the job can stand, in order.
    pub(super) fn trials(
        &self,
        problem: &Problem,
        job: JobIndex,
        mut found: impl FnMut(usize, Trial),
    ) {
        let vehicle = &problem.vehicles()[self.route.vehicle.index()];
        if !self.admits(vehicle, &problem.jobs()[job.index()]) {
            return;
        }
        let open = (0..self.legs.len()).filter(|&leg| self.gaps[leg].at >= self.frozen);
        for leg in open {
            if let Some(trial) = self.trial(problem, vehicle, job, leg) {
                found(leg, trial);
            }
        }
    }

    /// Do the constraints that do not hang on the position allow the job?
    pub(super) fn admits(&self, vehicle: &Vehicle, job: &Job) -> bool {
        self.settled
            && self.skilled
            && vehicle.max_jobs.is_none_or(|limit| self.jobs().len() < limit)
            && job.skills.is_subset(&vehicle.skills)
    }

    pub(super) fn trial(
        &self,
        problem: &Problem,
        vehicle: &Vehicle,
        index: JobIndex,
        at: usize,
    ) -> Option<Trial> {
        let job = &problem.jobs()[index.index()];
        let here = Some(job.location);
        let to = leg(problem, vehicle, self.places[at], here);
        let from = leg(problem, vehicle, here, self.places[at + 1]);
        let stop = self.clock.admits(vehicle, job, at, (to.time, from.time))?;
        if !self.carries(vehicle, job, at) {
            return None;
        }
        let detour = |part: fn(&Leg) -> i64| part(&to) + part(&from) - part(&self.legs[at]);
        let extra_time = detour(|leg| leg.time);
        let extra_distance = detour(|leg| leg.distance);
        let fits = vehicle
            .max_travel_time
            .is_none_or(|limit| self.travel_time + extra_time <= limit.get())
            && vehicle
                .max_distance
                .is_none_or(|limit| self.distance + extra_distance <= limit.get());
        let fixed = if self.jobs().is_empty() { vehicle.fixed_cost.get() } else { 0 };
        let service = job.service.get();
        let extra_cost = detour(|leg| leg.cost)
            + fixed
            + self.personal(problem, index)
            + self.uneven(problem, (extra_time + service, extra_distance));
        fits.then(|| {
            let extra_cost = extra_cost + self.lateness_added(problem, index, at, stop);
            Trial { extra_cost, extra_time, extra_distance, stop }
        })
    }

    /// What it costs that this vehicle serves the job and no other.
    fn personal(&self, problem: &Problem, job: JobIndex) -> i64 {
        let vehicle = self.route.vehicle;
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

    /// What is brought is on board on every leg of the trip up to the job, what is taken on
    /// every leg after it.
    fn carries(&self, vehicle: &Vehicle, job: &Job, leg: usize) -> bool {
        vehicle.capacity.iter().enumerate().all(|(dimension, &capacity)| {
            let at = dimension * self.legs.len() + leg;
            self.loads.most_before[at] + job.delivered(dimension) <= capacity
                && self.loads.most_after[at] + job.picked_up(dimension) <= capacity
        })
    }
}
