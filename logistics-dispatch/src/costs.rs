//! What a plan costs, part by part, from the problem alone.

use core::ops::AddAssign;

use crate::problem::{JobIndex, Problem, Work};
use crate::schedule::schedule;
use crate::solution::Route;
use crate::units::{Cost, Seconds};
use crate::visits::ahead;

/// The parts of a cost: what each wish has been paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Costs {
    /// Fixed costs of the vehicles used.
    pub fixed: Cost,
    /// Driving.
    pub driving: Cost,
    /// Jobs that changed vehicle since the previous plan.
    pub change: Cost,
    /// Preferences; negative where jobs are with vehicles that are preferred.
    pub preference: Cost,
    /// Uneven work.
    pub balance: Cost,
    /// Stops served after their last window; those that were served so late already count too.
    pub lateness: Cost,
    /// Optional jobs left out.
    pub left_out: Cost,
}

impl Costs {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Cost {
        let wishes = self.change + self.preference + self.balance + self.lateness;
        self.fixed + self.driving + wishes + self.left_out
    }
}

impl AddAssign for Costs {
    fn add_assign(&mut self, other: Self) {
        self.fixed += other.fixed;
        self.driving += other.driving;
        self.change += other.change;
        self.preference += other.preference;
        self.balance += other.balance;
        self.lateness += other.lateness;
        self.left_out += other.left_out;
    }
}

/// What a route costs; nothing if it has no stops. What is served was driven before.
pub(crate) fn route_costs(problem: &Problem, route: &Route) -> Costs {
    if route.jobs.is_empty() {
        return Costs::default();
    }
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let visits = ahead(problem, route).into_iter().map(|visit| visit.location(problem));
    let places: Vec<_> = vehicle.start.into_iter().chain(visits).chain(vehicle.end).collect();
    let legs = places.windows(2).map(|leg| problem.leg_cost(route.vehicle, leg[0], leg[1]));
    let jobs = route.jobs.iter();
    Costs {
        fixed: vehicle.fixed_cost,
        driving: legs.sum(),
        change: jobs.clone().map(|&job| problem.change_cost_of(route.vehicle, job)).sum(),
        preference: jobs.map(|&job| problem.preference_of(route.vehicle, job)).sum(),
        balance: Cost(
            problem.balance().map_or(0, |balance| balance.cost(work(problem, route, balance.work))),
        ),
        lateness: lateness_cost(problem, route),
        left_out: Cost::ZERO,
    }
}

/// What the lateness of its stops costs.
pub(crate) fn lateness_cost(problem: &Problem, route: &Route) -> Cost {
    let job = |job: JobIndex| &problem.jobs()[job.index()];
    if route.jobs.iter().all(|&index| job(index).lateness.is_none()) {
        return Cost::ZERO;
    }
    let times = schedule(problem, route);
    times.stops.iter().map(|stop| job(stop.job).lateness_cost(stop.start)).sum()
}

/// How much work a route is: stops, seconds or metres.
pub(crate) fn work(problem: &Problem, route: &Route, measure: Work) -> i64 {
    let times = schedule(problem, route);
    let serving = times.stops[times.served..].iter().map(|stop| stop.departure - stop.start);
    let loading = times.reloads.iter().map(|reload| reload.departure - reload.arrival);
    match measure {
        Work::Stops => i64::try_from(route.jobs.len()).unwrap_or(i64::MAX),
        Work::Hours => (times.travel_time + serving.chain(loading).sum::<Seconds>()).get(),
        Work::Kilometers => times.distance.get(),
    }
}
