//! The order in which the solver numbers jobs: neighbours get numbers that are near.

use crate::problem::{Location, Problem, Profile, Vehicle};

use super::Classes;

/// The jobs that are not frozen, along a chain that always goes on to the nearest one left.
///
/// The tables are read row by row at the columns of near jobs. Numbered at random those
/// lie a cache line apart each, and the search waits for memory most of its time.
pub(super) fn chain(problem: &Problem, classes: &Classes) -> Vec<u32> {
    let mut frozen = vec![false; problem.jobs().len()];
    for job in problem.vehicles().iter().flat_map(Vehicle::frozen) {
        frozen[job.index()] = true;
    }
    let places = problem.jobs().iter().map(|job| job.location);
    let free = (0_u32..).zip(places).zip(&frozen).filter(|&(_, frozen)| !frozen);
    let mut left: Vec<(u32, Location)> = free.map(|(place, _)| place).collect();
    let mut chain: Vec<u32> = Vec::with_capacity(left.len());
    let Some(&(profile, rate)) = classes.kinds.first() else {
        return left.into_iter().map(|(id, _)| id).collect();
    };
    let legs = problem.legs(Profile::new(profile));
    let mut nearest = 0;
    while !left.is_empty() {
        let (last, from) = left.swap_remove(nearest);
        chain.push(last);
        let costs = left.iter().map(|&(_, to)| legs.cost(rate, from, to));
        nearest = costs.enumerate().min_by_key(|&(_, cost)| cost).map_or(0, |(index, _)| index);
    }
    chain
}
