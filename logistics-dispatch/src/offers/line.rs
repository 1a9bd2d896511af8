//! One route with what makes the test of a position cheap.

use super::clock::Clock;
use super::loads::{LegLoads, leg_loads};
use crate::costs::{lateness_cost, work};
use crate::loads::loads;
use crate::problem::{JobIndex, Location, Problem, Vehicle};
use crate::solution::{Gap, Route};
use crate::units::Cost;
use crate::visits::{Visit, ahead};

/// What a leg costs and takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leg {
    pub(super) cost: i64,
    pub(super) time: i64,
    pub(super) distance: i64,
}

/// The route of one vehicle, perhaps without stops. A leg leads to each of its stops that
/// are not served, and to each reload; the last one leads to the end.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) route: Route,
    /// Nothing is offered before this stop.
    pub(super) frozen: usize,
    /// The route begins with the frozen stops of its vehicle, splits no pair and makes its
    /// trips as it may.
    pub(super) settled: bool,
    /// Per leg where a job goes that is put on it.
    pub(super) gaps: Vec<Gap>,
    /// Start, stops and reloads, end. `None` is no place: no distance from anywhere.
    pub(super) places: Vec<Option<Location>>,
    pub(super) legs: Vec<Leg>,
    pub(super) clock: Clock,
    pub(super) loads: LegLoads,
    pub(super) travel_time: i64,
    pub(super) distance: i64,
    /// Stops, seconds or metres, if evenness is priced.
    pub(super) work: i64,
    /// What it comes to, leg by leg.
    pub(super) visits: Vec<Visit>,
    /// The lateness of some stop has a price.
    pub(super) soft: bool,
    /// What it costs.
    pub(super) lateness: Cost,
    /// The vehicle has the skills for all its stops that are not frozen.
    pub(super) skilled: bool,
}

impl Line {
    pub(super) fn new(problem: &Problem, route: Route) -> Self {
        let vehicle = &problem.vehicles()[route.vehicle.index()];
        let settled = vehicle.settled(&route.jobs);
        // Whatever is served lies behind the start.
        let visits = ahead(problem, &route);
        let on_the_way = visits.iter().map(|visit| Some(visit.location(problem)));
        let places: Vec<_> =
            core::iter::once(vehicle.start).chain(on_the_way).chain([vehicle.end]).collect();
        // A vehicle without stops does not drive from its start to its end.
        let legs: Vec<Leg> = if route.jobs.is_empty() {
            vec![Leg::default()]
        } else {
            places.windows(2).map(|pair| leg(problem, vehicle, pair[0], pair[1])).collect()
        };
        let balance = problem.balance().filter(|_| !route.jobs.is_empty());
        let stops = route.jobs[settled.frozen..].iter();
        Self {
            frozen: settled.frozen,
            settled: settled.frozen == vehicle.frozen_count()
                && problem.pairs_are_whole(vehicle, &route)
                && trips_are_sound(problem, vehicle, &route, settled.frozen),
            gaps: gaps(&route, &visits, settled.served),
            clock: Clock::new(problem, vehicle, &visits, &legs, settled),
            loads: leg_loads(problem, &route, &visits),
            travel_time: legs.iter().map(|leg| leg.time).sum(),
            distance: legs.iter().map(|leg| leg.distance).sum(),
            skilled: stops
                .map(|job| &problem.jobs()[job.index()])
                .all(|job| job.skills.is_subset(&vehicle.skills)),
            work: balance.map_or(0, |balance| work(problem, &route, balance.work)),
            soft: route.jobs.iter().any(|job| problem.jobs()[job.index()].lateness.is_some()),
            lateness: lateness_cost(problem, &route),
            route,
            places,
            visits,
            legs,
        }
    }

    pub(super) fn jobs(&self) -> &[JobIndex] {
        &self.route.jobs
    }
}

/// The leg to a reload ends before it, that to a job behind a reload that is before it.
fn gaps(route: &Route, visits: &[Visit], served: usize) -> Vec<Gap> {
    let mut next = served;
    let gap = |visit: &Visit| match visit {
        Visit::Reload(at, _) => Gap { at: *at, before_reload: true },
        Visit::Job(_) => {
            next += 1;
            Gap { at: next - 1, before_reload: false }
        }
    };
    let last = Gap { at: route.jobs.len(), before_reload: false };
    visits.iter().map(gap).chain([last]).collect()
}

/// A job more never mends a trip that carries too much, and is not asked about other trips
/// than its own.
fn trips_are_sound(problem: &Problem, vehicle: &Vehicle, route: &Route, frozen: usize) -> bool {
    if route.reloads.is_empty() {
        return true;
    }
    let ends = [route.reloads.first(), route.reloads.last()];
    let inside = |at: &usize| (frozen..route.jobs.len()).contains(at);
    route.reloads.len() <= problem.reloads_of(vehicle)
        && ends.into_iter().flatten().all(inside)
        && route.reloads.windows(2).all(|pair| pair[0] < pair[1])
        && (vehicle.capacity.iter().enumerate())
            .all(|(dimension, &capacity)| loads(problem, route, dimension).most() <= capacity)
}

pub(super) fn leg(
    problem: &Problem,
    vehicle: &Vehicle,
    from: Option<Location>,
    to: Option<Location>,
) -> Leg {
    let (Some(from), Some(to)) = (from, to) else { return Leg::default() };
    let legs = problem.legs(vehicle.profile);
    Leg {
        cost: legs.cost(vehicle.travel_cost, from, to),
        time: legs.duration_s(from, to),
        distance: legs.distance_m(from, to),
    }
}
