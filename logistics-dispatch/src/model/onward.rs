//! A vehicle as it is when its frozen stops are behind it: all that is left to plan.

use super::Classes;
use crate::costs::{route_costs, work};
use crate::labels::Label;
use crate::loads::loads;
use crate::problem::{Half, JobIndex, Location, Problem, Vehicle, VehicleIndex, Work};
use crate::rests::{ByTaken, NEVER, arrivals};
use crate::schedule::{StopTime, schedule, ways_behind_pinned};
use crate::solution::Route;
use crate::units::{Cost, Seconds};

/// Where and when the plan goes on, and what is used up by then.
#[derive(Clone, Debug)]
pub(super) struct Onward {
    pub(super) place: Option<Location>,
    /// When, by breaks taken on the way.
    pub(super) ready: ByTaken,
    /// Every way that may be worth going on from, if it has breaks.
    pub(super) ways: Vec<Label>,
    /// What lateness costs at the pinned stops if nothing is added.
    pub(super) pinned_lateness: i64,
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
    /// Loads of pairs on board whose delivery is not frozen.
    pub(super) carried: usize,
}

/// Of every class, as one vehicle of it is.
pub(super) fn of_classes(problem: &Problem, classes: &Classes) -> Vec<Onward> {
    (0..classes.count()).map(|class| Onward::new(problem, classes.example(class))).collect()
}

impl Onward {
    fn new(problem: &Problem, index: usize) -> Self {
        let vehicle = &problem.vehicles()[index];
        let dimensions = problem.dimensions();
        let mut ready = NEVER;
        ready[0] = vehicle.shift.start.get();
        let mut onward = Self {
            place: vehicle.start,
            ready,
            ways: ways_behind_pinned(problem, vehicle),
            pinned_lateness: 0,
            jobs: Vec::new(),
            travel: 0,
            distance: 0,
            cost: 0,
            opening: vehicle.fixed_cost.get(),
            begun: 0,
            idle: 0,
            most: vec![0; dimensions],
            kept: vec![0; dimensions],
            carried: 0,
        };
        if vehicle.frozen_count() == 0 {
            return onward;
        }
        onward.pass_pinned(problem, vehicle);
        let route = Route::new(VehicleIndex::new(index), vehicle.frozen().collect());
        let times = schedule(problem, &route);
        (onward.travel, onward.distance) = (times.travel_time.get(), times.distance.get());
        (onward.cost, onward.opening) = (route_costs(problem, &route).total().get(), 0);
        let pinned = times.stops[times.served..].iter();
        let lateness = |stop: &StopTime| problem.jobs()[stop.job.index()].lateness_cost(stop.start);
        onward.pinned_lateness = pinned.map(lateness).sum::<Cost>().get();
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
            onward.most[dimension] = loads.most();
            onward.kept[dimension] = loads.last();
        }
        onward.jobs = route.jobs.iter().filter_map(|job| u32::try_from(job.index()).ok()).collect();
        let waits = |job: JobIndex| match problem.half(job) {
            Some(Half::Pickup { delivery }) => !route.jobs.contains(&delivery),
            _ => false,
        };
        onward.carried = route.jobs.iter().filter(|&&job| waits(job)).count();
        onward
    }

    /// Goes on from where the vehicle is over its pinned stops; whoever is late is served on
    /// arrival.
    fn pass_pinned(&mut self, problem: &Problem, vehicle: &Vehicle) {
        for &index in &vehicle.pinned {
            let job = &problem.jobs()[index.index()];
            let drive = self.place.map_or(Seconds::ZERO, |from| {
                problem.duration(vehicle.profile, from, job.location)
            });
            let taken = ..=vehicle.breaks.len();
            let arrivals = arrivals(&vehicle.breaks, &self.ready[taken], drive.get());
            for (ready, arrival) in self.ready.iter_mut().zip(arrivals) {
                let start = job.start_of_service(Seconds(arrival)).map_or(arrival, Seconds::get);
                *ready = start.saturating_add(job.service.get());
            }
            self.place = Some(job.location);
        }
    }
}
