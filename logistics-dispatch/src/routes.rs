//! A plan sorted by vehicle, refused if it is not a plan of the problem. Whether it keeps
//! the constraints is the checker's question, not this one's.

use thiserror::Error;

use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::solution::{Route, Solution};

/// Why a plan cannot be read as a plan of a problem.
///
/// [`forecast`](crate::forecast::forecast) takes such plans too and reports the same
/// faults as violations.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A route of a vehicle that the problem does not have: the plan belongs to another
    /// problem.
    #[error("vehicle number {index} has a route, but there are only {count} vehicles")]
    UnknownVehicle {
        /// What the plan names, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A job that the problem does not have: the plan belongs to another problem.
    #[error("vehicle {vehicle:?} visits job number {index}, but there are only {count} jobs")]
    UnknownJob {
        /// Id of the vehicle that visits it.
        vehicle: String,
        /// What the plan names, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A vehicle with two routes: join them or drop one.
    #[error("vehicle {0:?} has more than one route")]
    VehicleRepeated(String),
    /// A job that is visited twice: drop a visit.
    #[error("job {0:?} is visited more than once")]
    JobRepeated(String),
}

/// The route of every vehicle of the problem; without stops for those that have none.
pub(crate) fn by_vehicle(problem: &Problem, plan: &Solution) -> Result<Vec<Route>, PlanError> {
    let (jobs, vehicles) = (problem.jobs(), problem.vehicles());
    let mut routes: Vec<Option<Route>> = vec![None; vehicles.len()];
    let mut visited = vec![false; jobs.len()];
    for route in &plan.routes {
        let index = route.vehicle.index();
        let Some(vehicle) = vehicles.get(index) else {
            return Err(PlanError::UnknownVehicle { index, count: vehicles.len() });
        };
        if routes[index].is_some() {
            return Err(PlanError::VehicleRepeated(vehicle.id.clone()));
        }
        for &job in &route.jobs {
            let Some(seen) = visited.get_mut(job.index()) else {
                let vehicle = vehicle.id.clone();
                let (index, count) = (job.index(), jobs.len());
                return Err(PlanError::UnknownJob { vehicle, index, count });
            };
            if core::mem::replace(seen, true) {
                return Err(PlanError::JobRepeated(jobs[job.index()].id.clone()));
            }
        }
        routes[index] = Some(route.clone());
    }
    let or_none = |(index, route): (usize, Option<Route>)| {
        route.unwrap_or_else(|| Route::new(VehicleIndex::new(index), Vec::new()))
    };
    Ok(routes.into_iter().enumerate().map(or_none).collect())
}

/// Which vehicles and places of a list of routes: (vehicle, position, job).
pub(crate) fn visits(
    routes: &[Route],
) -> impl Iterator<Item = (VehicleIndex, usize, JobIndex)> + '_ {
    routes.iter().flat_map(|route| {
        let jobs = route.jobs.iter().enumerate();
        jobs.map(move |(position, &job)| (route.vehicle, position, job))
    })
}
