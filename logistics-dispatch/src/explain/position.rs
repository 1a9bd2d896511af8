//! Everything that stands in the way of a job at one position of a route.

use std::collections::BTreeSet;

use super::Block;
use crate::costs::route_costs;
use crate::loads::loads;
use crate::problem::{Half, JobIndex, Problem, Vehicle};
use crate::schedule::{Schedule, schedule};
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
        blocks.extend(clock(vehicle, &times, with.jobs[at], frozen));
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
/// route (`alone` false), else before or behind that.
pub(super) fn trials(problem: &Problem, route: &Route, job: JobIndex, alone: bool) -> Vec<Trial> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let gaps = vehicle.settled(&route.jobs).frozen..=route.jobs.len();
    let place = |wanted| route.jobs.iter().position(|&other| other == wanted);
    let one = |at: usize| Trial::new(problem, route, &with(route, at, job), &[job], at);
    match problem.half(job) {
        None => gaps.map(one).collect(),
        Some(Half::Pickup { delivery }) if alone => {
            let last = place(delivery).unwrap_or(route.jobs.len());
            gaps.filter(|&gap| gap <= last).map(one).collect()
        }
        Some(Half::Delivery { pickup }) if alone => {
            gaps.filter(|&gap| place(pickup).is_none_or(|first| gap > first)).map(one).collect()
        }
        Some(half) => {
            let (pickup, delivery) = match half {
                Half::Pickup { delivery } => (job, delivery),
                Half::Delivery { pickup } => (pickup, job),
            };
            let both = |first: usize, then: usize| {
                let with = with(&with(route, then, delivery), first, pickup);
                let at = if job == pickup { first } else { then + 1 };
                Trial::new(problem, route, &with, &[pickup, delivery], at)
            };
            let ends = gaps.clone();
            let pairs = gaps.flat_map(|first| ends.clone().map(move |then| (first, then)));
            let ordered = pairs.filter(|&(first, then)| first <= then);
            ordered.map(|(first, then)| both(first, then)).collect()
        }
    }
}

fn with(route: &Route, at: usize, job: JobIndex) -> Route {
    let mut with = route.clone();
    with.jobs.insert(at, job);
    with
}

fn capacity(problem: &Problem, vehicle: &Vehicle, route: &Route) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (dimension, &capacity) in vehicle.capacity.iter().enumerate() {
        let most = loads(problem, route, dimension).into_iter().max().unwrap_or(0);
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

/// What is late, but for frozen stops: their lateness is no reason.
fn clock(vehicle: &Vehicle, times: &Schedule, wanted: JobIndex, frozen: usize) -> Vec<Block> {
    let late = times.stops[frozen..].iter().filter(|stop| stop.late > Seconds::ZERO);
    let own = late.clone().filter(|stop| stop.job == wanted);
    let mut blocks: Vec<Block> = own.map(|stop| Block::Window { late: stop.late }).collect();
    let others = late.filter(|stop| stop.job != wanted);
    blocks.extend(others.map(|stop| Block::LaterStop { job: stop.job, late: stop.late }));
    if times.finish > vehicle.shift.end {
        blocks.push(Block::ShiftEnd { late: times.finish - vehicle.shift.end });
    }
    blocks
}
