//! A vehicle as it is when its frozen stops are behind it: all that is left to plan.

use crate::costs::{route_costs, work};
use crate::loads::loads;
use crate::problem::{Location, Problem, VehicleIndex, Work};
use crate::schedule::schedule;
use crate::solution::Route;

/// Where and when the plan goes on, and what is used up by then.
#[derive(Clone, Debug)]
pub(super) struct Onward {
    pub(super) place: Option<Location>,
    pub(super) ready: i64,
    /// Jobs of the problem that it has then served.
    pub(super) jobs: Vec<u32>,
    pub(super) travel: i64,
    pub(super) distance: i64,
    /// Cost of the route if nothing is added; zero for a vehicle that then stays unused.
    pub(super) cost: i64,
    /// What the first stop that is added costs besides its driving: the fixed cost, or the
    /// drive to the end that it comes before.
    pub(super) opening: i64,
    /// Work so far, without and with the drive to the end.
    pub(super) begun: i64,
    pub(super) idle: i64,
    /// Per quantity the greatest load so far, and the load that stays on board.
    pub(super) most: Vec<i64>,
    pub(super) kept: Vec<i64>,
}

impl Onward {
    pub(super) fn new(problem: &Problem, index: usize) -> Self {
        let vehicle = &problem.vehicles()[index];
        let dimensions = problem.dimensions();
        let mut onward = Self {
            place: vehicle.start,
            ready: vehicle.shift.start.get(),
            jobs: Vec::new(),
            travel: 0,
            distance: 0,
            cost: 0,
            opening: vehicle.fixed_cost.get(),
            begun: 0,
            idle: 0,
            most: vec![0; dimensions],
            kept: vec![0; dimensions],
        };
        if vehicle.frozen_count() == 0 {
            return onward;
        }
        let route = Route { vehicle: VehicleIndex::new(index), jobs: vehicle.frozen().collect() };
        let times = schedule(problem, &route);
        if let Some(&last) = vehicle.pinned.last() {
            onward.place = Some(problem.jobs()[last.index()].location);
            onward.ready = times.stops.last().map_or(onward.ready, |stop| stop.departure.get());
        }
        (onward.travel, onward.distance) = (times.travel_time.get(), times.distance.get());
        (onward.cost, onward.opening) = (route_costs(problem, &route).total().get(), 0);
        if let Some(balance) = problem.balance() {
            onward.idle = work(problem, &route, balance.work);
            onward.begun = onward.idle;
        }
        if let (Some(from), Some(end)) = (onward.place, vehicle.end) {
            let time = problem.duration(vehicle.profile, from, end).get();
            let distance = problem.distance(vehicle.profile, from, end).get();
            onward.travel -= time;
            onward.distance -= distance;
            onward.begun -= match problem.balance().map(|balance| balance.work) {
                Some(Work::Hours) => time,
                Some(Work::Kilometers) => distance,
                Some(Work::Stops) | None => 0,
            };
            onward.opening = -problem.leg_cost(route.vehicle, from, end).get();
        }
        for dimension in 0..dimensions {
            let loads = loads(problem, &route, dimension);
            onward.most[dimension] = loads.iter().copied().max().unwrap_or(0);
            onward.kept[dimension] = loads.last().copied().unwrap_or(0);
        }
        onward.jobs = route.jobs.iter().filter_map(|job| u32::try_from(job.index()).ok()).collect();
        onward
    }
}
