//! Everything that stands in the way of a job at one position of a route.

use super::Block;
use crate::costs::route_costs;
use crate::loads::loads;
use crate::problem::{JobIndex, Problem, Vehicle};
use crate::schedule::{Schedule, schedule};
use crate::solution::Route;
use crate::units::{Cost, Meters, Seconds};

/// A position with all that is broken there, in the order of [`Block`].
pub(super) struct Trial {
    pub(super) at: usize,
    pub(super) blocks: Vec<Block>,
}

impl Trial {
    /// Tries the job at one position, with the whole route recomputed.
    pub(super) fn new(problem: &Problem, route: &Route, wanted: JobIndex, at: usize) -> Self {
        let vehicle = &problem.vehicles()[route.vehicle.index()];
        let job = &problem.jobs()[wanted.index()];
        let mut with = route.clone();
        with.jobs.insert(at, wanted);
        let times = schedule(problem, &with);
        let lacking = job.skills.difference(&vehicle.skills);
        let mut blocks: Vec<Block> = lacking.map(|&skill| Block::Skill(skill)).collect();
        blocks.extend(capacity(problem, vehicle, &with));
        if vehicle.max_jobs.is_some_and(|limit| with.jobs.len() > limit) {
            blocks.push(Block::MaxJobs);
        }
        blocks.extend(driving(vehicle, &times));
        let frozen = vehicle.settled(&with.jobs).frozen;
        blocks.extend(clock(vehicle, &times, wanted, frozen));
        let extra = route_costs(problem, &with).total() - route_costs(problem, route).total();
        if let Some(worth) = job.optional
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
                Block::Skill(_) | Block::MaxJobs | Block::Fits => {}
            }
        }
        (self.blocks.len(), late, time, distance, load, worth)
    }
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
