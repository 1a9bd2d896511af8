//! What a vehicle has on board along a given route.

use crate::problem::{JobIndex, Problem};
use crate::solution::Route;

/// Load of one quantity when the vehicle leaves its start, then after each stop.
///
/// What served stops have taken is on board from the start, what they brought is gone. The
/// load of a pair is on board between its stops, and to the end if it is never delivered.
pub(crate) fn loads(problem: &Problem, route: &Route, dimension: usize) -> Vec<i64> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let (served, ahead) = route.jobs.split_at(vehicle.settled(&route.jobs).served);
    let change = |&index: &JobIndex| {
        let job = &problem.jobs()[index.index()];
        job.picked_up(dimension) - job.delivered(dimension)
    };
    let brought = |&index: &JobIndex| problem.brought(index, dimension);
    let taken: i64 = served.iter().map(|index| change(index) + brought(index)).sum();
    let mut load: i64 = taken + ahead.iter().map(brought).sum::<i64>();
    let mut loads = vec![load; served.len() + 1];
    loads.extend(ahead.iter().map(|index| {
        load += change(index);
        load
    }));
    loads
}
