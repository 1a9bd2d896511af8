//! The order in which the solver numbers jobs: neighbours get numbers that are near.

use crate::Job;
use crate::problem::{Problem, Profile, Vehicle};

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
    let mut left: Vec<u32> =
        (0_u32..).zip(&frozen).filter(|&(_, frozen)| !frozen).map(|(id, _)| id).collect();
    let Some(&(profile, rate)) = classes.kinds.first() else { return left };
    let legs = problem.legs(Profile::new(profile));
    let place = |id: u32| -> &Job { &problem.jobs()[id as usize] };
    let mut chain: Vec<u32> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let nearest = chain.last().map_or(0, |&last| {
            let from = place(last).location;
            let cost = |&index: &usize| (legs.cost(rate, from, place(left[index]).location), index);
            (0..left.len()).min_by_key(cost).unwrap_or(0)
        });
        chain.push(left.swap_remove(nearest));
    }
    chain
}
