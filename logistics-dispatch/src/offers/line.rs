//! One route with what makes the test of a position cheap.

use crate::costs::work;
use crate::loads::loads;
use crate::problem::{Job, JobIndex, Location, Problem, Settled, Vehicle, VehicleIndex};
use crate::solution::Route;
use crate::units::Seconds;

/// What a leg costs and takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leg {
    pub(super) cost: i64,
    pub(super) time: i64,
    pub(super) distance: i64,
}

/// The route of one vehicle, perhaps without stops. Leg `i` leads to stop `i`; the last
/// one leads to the end.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) vehicle: usize,
    pub(super) jobs: Vec<JobIndex>,
    /// Nothing is offered before this stop.
    pub(super) frozen: usize,
    /// The route begins with the frozen stops of its vehicle, and splits no pair.
    pub(super) settled: bool,
    /// Start, stops, end. `None` is no place: no distance from anywhere.
    pub(super) places: Vec<Option<Location>>,
    pub(super) legs: Vec<Leg>,
    /// When the vehicle can begin each leg.
    pub(super) ready: Vec<i64>,
    /// When each leg must be over for the sake of what follows; `i64::MIN`: too late in
    /// any case.
    pub(super) latest: Vec<i64>,
    /// So many stops are in time before the first that is not.
    pub(super) punctual: usize,
    /// Per quantity and leg the greatest load on any leg up to it, and from it on.
    pub(super) most_before: Vec<i64>,
    pub(super) most_after: Vec<i64>,
    pub(super) travel_time: i64,
    pub(super) distance: i64,
    /// Stops, seconds or metres, if evenness is priced.
    pub(super) work: i64,
    /// The vehicle has the skills for all its stops that are not frozen.
    pub(super) skilled: bool,
}

impl Line {
    pub(super) fn new(problem: &Problem, index: usize, jobs: Vec<JobIndex>) -> Self {
        let vehicle = &problem.vehicles()[index];
        let stops: Vec<&Job> = jobs.iter().map(|job| &problem.jobs()[job.index()]).collect();
        let settled = vehicle.settled(&jobs);
        // Whatever is served lies behind the start.
        let on_the_way = stops
            .iter()
            .enumerate()
            .map(|(at, job)| if at < settled.served { vehicle.start } else { Some(job.location) });
        let places: Vec<_> =
            core::iter::once(vehicle.start).chain(on_the_way).chain([vehicle.end]).collect();
        // A vehicle without stops does not drive from its start to its end.
        let legs: Vec<Leg> = match stops.len() {
            0 => vec![Leg::default()],
            _ => {
                let pairs = places.windows(2).enumerate();
                pairs
                    .map(|(at, pair)| {
                        if at < settled.served {
                            return Leg::default();
                        }
                        leg(problem, vehicle, pair[0], pair[1])
                    })
                    .collect()
            }
        };
        let (ready, punctual) = ready(vehicle, &stops, &legs, settled);
        let (most_before, most_after) = greatest_loads(problem, index, &jobs);
        Self {
            vehicle: index,
            frozen: settled.frozen,
            settled: settled.frozen == vehicle.frozen_count()
                && problem.pairs_are_whole(vehicle, &jobs),
            latest: latest(vehicle, &stops, &legs),
            travel_time: legs.iter().map(|leg| leg.time).sum(),
            distance: legs.iter().map(|leg| leg.distance).sum(),
            skilled: stops[settled.frozen..]
                .iter()
                .all(|job| job.skills.is_subset(&vehicle.skills)),
            work: work_of(problem, index, &jobs),
            jobs,
            places,
            legs,
            ready,
            punctual,
            most_before,
            most_after,
        }
    }
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

/// When each leg can begin, and how many stops are in time before the first late one;
/// frozen stops count as in time. Behind a late one nothing is ever inserted, so its times
/// do not matter.
fn ready(vehicle: &Vehicle, stops: &[&Job], legs: &[Leg], settled: Settled) -> (Vec<i64>, usize) {
    let mut clock = vehicle.shift.start.get();
    let mut ready = vec![clock; settled.served + 1];
    let mut punctual = settled.served;
    for (job, leg) in stops.iter().zip(legs).skip(settled.served) {
        let arrival = clock + leg.time;
        let start = job.start_of_service(Seconds(arrival));
        let in_time = start.is_some() || ready.len() <= settled.frozen;
        punctual += usize::from(in_time && punctual + 1 == ready.len());
        clock = start.map_or(arrival, Seconds::get) + job.service.get();
        ready.push(clock);
    }
    (ready, punctual)
}

fn latest(vehicle: &Vehicle, stops: &[&Job], legs: &[Leg]) -> Vec<i64> {
    let mut bound = vehicle.shift.end.get();
    let mut latest = vec![bound];
    for (job, leg) in stops.iter().zip(&legs[1..]).rev() {
        bound = bound.saturating_sub(leg.time + job.service.get());
        bound = job.latest_start(Seconds(bound)).map_or(i64::MIN, Seconds::get);
        latest.push(bound);
    }
    latest.reverse();
    latest
}

fn work_of(problem: &Problem, vehicle: usize, jobs: &[JobIndex]) -> i64 {
    let Some(balance) = problem.balance().filter(|_| !jobs.is_empty()) else { return 0 };
    let route = Route { vehicle: VehicleIndex::new(vehicle), jobs: jobs.to_vec() };
    work(problem, &route, balance.work)
}

fn greatest_loads(problem: &Problem, vehicle: usize, jobs: &[JobIndex]) -> (Vec<i64>, Vec<i64>) {
    let route = Route { vehicle: VehicleIndex::new(vehicle), jobs: jobs.to_vec() };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for dimension in 0..problem.dimensions() {
        let loads = loads(problem, &route, dimension);
        let greatest = |most: &mut i64, load: i64| {
            *most = load.max(*most);
            Some(*most)
        };
        before.extend(loads.iter().copied().scan(0, greatest));
        let mut suffix: Vec<i64> = loads.iter().rev().copied().scan(0, greatest).collect();
        suffix.reverse();
        after.append(&mut suffix);
    }
    (before, after)
}
