//! Everything that stands in the way of a job at one position of a route.

use std::collections::BTreeSet;

use super::Block;
use crate::costs::route_costs;
use crate::loads::loads;
use crate::problem::{Half, JobIndex, Problem, Vehicle};
use crate::schedule::{Schedule, StopTime, schedule};
use crate::solution::Route;
use crate::units::{Cost, Meters, Seconds};

/// A position with all that is broken there, in the order of [`Block`].
pub(super) struct Trial {
    pub(super) at: usize,
    pub(super) blocks: Vec<Block>,
}

impl Trial {
    /// Tries a route with more stops than another: `wanted`, the one asked for at `at`. The
    /// whole of it is recomputed.
    fn new(problem: &Problem, route: &Route, with: &Route, wanted: &[JobIndex], at: usize) -> Self {
        let vehicle = &problem.vehicles()[route.vehicle.index()];
        let jobs = || wanted.iter().map(|job| &problem.jobs()[job.index()]);
        let times = schedule(problem, with);
        let skills: BTreeSet<u32> = jobs().flat_map(|job| &job.skills).copied().collect();
        let lacking = skills.difference(&vehicle.skills);
        let mut blocks: Vec<Block> = lacking.map(|&skill| Block::Skill(skill)).collect();
        blocks.extend(capacity(problem, vehicle, with));
        let most = vehicle.max_jobs.unwrap_or(usize::MAX);
        if with.jobs.len() > most {
            blocks.push(Block::MaxJobs { short: with.jobs.len() - most });
        }
        blocks.extend(driving(vehicle, &times));
        let frozen = vehicle.settled(&with.jobs).frozen;
        blocks.extend(clock(problem, vehicle, &times, with.jobs[at], frozen));
        let extra = route_costs(problem, with).total() - route_costs(problem, route).total();
        let worth =
            jobs().map(|job| job.optional).try_fold(Cost::ZERO, |sum, cost| Some(sum + cost?));
        if let Some(worth) = worth
            && extra > worth
        {
            blocks.push(Block::Worth { short: extra - worth });
        }
        Self { at, blocks }
    }

    /// How much is broken, least first. Each part grows with every amount, so no other
    /// position asks for less of one thing and for no more of the others.
    pub(super) fn rank(&self) -> (usize, Seconds, Seconds, Meters, i64, Cost) {
        let (mut late, mut time) = (Seconds::ZERO, Seconds::ZERO);
        let (mut distance, mut load, mut worth) = (Meters::ZERO, 0_i64, Cost::ZERO);
        for block in &self.blocks {
            match *block {
                Block::Window { late: by }
                | Block::LaterStop { late: by, .. }
                | Block::ShiftEnd { late: by } => late += by,
                Block::TravelTime { short } => time += short,
                Block::Distance { short } => distance += short,
                Block::Capacity { short, .. } => load = load.saturating_add(short),
                Block::Worth { short } => worth += short,
                Block::Skill(_) | Block::Pair | Block::MaxJobs { .. } | Block::Fits => {}
            }
        }
        (self.blocks.len(), late, time, distance, load, worth)
    }
}

/// Every way to put a job on a route: with the other half of its pair if that is on no
/// route (`alone` false), else before or behind that. Where a load is in the way, also with
/// one reload more, if the vehicle may make one.
pub(super) fn trials(problem: &Problem, route: &Route, job: JobIndex, alone: bool) -> Vec<Trial> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let ways = ways(problem, route, job, alone);
    let wanted: Vec<JobIndex> = match problem.half(job) {
        Some(half) if !alone => vec![job, half.other()],
        _ => vec![job],
    };
    let trial = |with: &Route| {
        let at = with.jobs.iter().position(|&other| other == job).unwrap_or(0);
        Trial::new(problem, route, with, &wanted, at)
    };
    let mut trials: Vec<Trial> = ways.iter().map(trial).collect();
    let loaded =
        |trial: &Trial| trial.blocks.iter().any(|block| matches!(block, Block::Capacity { .. }));
    if route.reloads.len() < problem.reloads_of(vehicle)
        && !trials.iter().any(|trial| trial.blocks.is_empty())
        && trials.iter().any(loaded)
    {
        let frozen = vehicle.settled(&route.jobs).frozen;
        let more = ways.iter().flat_map(|with| with.with_one_reload(frozen));
        let whole: Vec<Route> = more.filter(|way| pairs_hold(problem, vehicle, way)).collect();
        trials.extend(whole.iter().map(trial));
    }
    trials
}

/// The routes that a job, perhaps with the other half of its pair, could be put on.
fn ways(problem: &Problem, route: &Route, job: JobIndex, alone: bool) -> Vec<Route> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let frozen = vehicle.settled(&route.jobs).frozen;
    let one = route.gaps(frozen).map(|gap| route.with(gap, job));
    let Some(half) = problem.half(job) else { return one.collect() };
    let ways: Vec<Route> = if alone {
        one.collect()
    } else {
        let (pickup, delivery) = match half {
            Half::Pickup { delivery } => (job, delivery),
            Half::Delivery { pickup } => (pickup, job),
        };
        let delivered = route.gaps(frozen).map(|gap| route.with(gap, delivery));
        let both = |then: Route| -> Vec<Route> {
            then.gaps(frozen).map(|gap| then.with(gap, pickup)).collect()
        };
        delivered.flat_map(both).collect()
    };
    let in_order = |way: &Route| {
        let place = |wanted| way.jobs.iter().position(|&other| other == wanted);
        match half {
            Half::Pickup { delivery } => place(delivery).is_none_or(|then| place(job) < Some(then)),
            Half::Delivery { pickup } => place(pickup) < place(job),
        }
    };
    ways.into_iter().filter(|way| in_order(way) && pairs_hold(problem, vehicle, way)).collect()
}

/// Is no load of a pair on board where the vehicle reloads?
fn pairs_hold(problem: &Problem, vehicle: &Vehicle, way: &Route) -> bool {
    way.reloads.is_empty() || problem.pairs_are_whole(vehicle, way)
}

fn capacity(problem: &Problem, vehicle: &Vehicle, route: &Route) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (dimension, &capacity) in vehicle.capacity.iter().enumerate() {
        let most = loads(problem, route, dimension).most();
        if most > capacity {
            blocks.push(Block::Capacity { dimension, short: most - capacity });
        }
    }
    blocks
}

fn driving(vehicle: &Vehicle, times: &Schedule) -> impl Iterator<Item = Block> {
    let time = vehicle.max_travel_time.map(|limit| times.travel_time - limit);
    let distance = vehicle.max_distance.map(|limit| times.distance - limit);
    let time = time.filter(|&short| short > Seconds::ZERO);
    let distance = distance.filter(|&short| short > Meters::ZERO);
    let time = time.map(|short| Block::TravelTime { short });
    time.into_iter().chain(distance.map(|short| Block::Distance { short }))
}

/// What is later than it may be, but for frozen stops: their lateness is no reason.
fn clock(
    problem: &Problem,
    vehicle: &Vehicle,
    times: &Schedule,
    wanted: JobIndex,
    frozen: usize,
) -> Vec<Block> {
    let too_late =
        |stop: &StopTime| (stop.job, problem.jobs()[stop.job.index()].too_late(stop.start));
    let late = times.stops[frozen..].iter().map(too_late).filter(|(_, by)| *by > Seconds::ZERO);
    let own = late.clone().filter(|(job, _)| *job == wanted);
    let mut blocks: Vec<Block> = own.map(|(_, late)| Block::Window { late }).collect();
    let others = late.filter(|(job, _)| *job != wanted);
    blocks.extend(others.map(|(job, late)| Block::LaterStop { job, late }));
    if times.finish > vehicle.shift.end {
        blocks.push(Block::ShiftEnd { late: times.finish - vehicle.shift.end });
    }
    blocks
}
