//! What a vehicle has on board along a given route.

use crate::problem::{Job, Problem};
use crate::solution::Route;

/// Load of one quantity when the vehicle leaves its start, then after each stop.
///
/// What served stops have taken is on board from the start, what they brought is gone.
pub(crate) fn loads(problem: &Problem, route: &Route, dimension: usize) -> Vec<i64> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let (served, ahead) = route.jobs.split_at(vehicle.settled(&route.jobs).served);
    let job = |index: &crate::JobIndex| -> &Job { &problem.jobs()[index.index()] };
    let taken: i64 = served.iter().map(|index| job(index).picked_up(dimension)).sum();
    let mut load: i64 =
        taken + ahead.iter().map(|index| job(index).delivered(dimension)).sum::<i64>();
    let mut loads = vec![load; served.len() + 1];
    loads.extend(ahead.iter().map(|index| {
        load += job(index).picked_up(dimension) - job(index).delivered(dimension);
        load
    }));
    loads
}
