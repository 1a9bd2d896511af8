//! A plan sorted by vehicle, refused if it is not a plan of the problem. Whether it keeps
//! the constraints is the checker's question, not this one's.

use thiserror::Error;

use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::solution::Solution;

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

/// The jobs of every vehicle of the problem, in order; empty for those without a route.
pub(crate) fn by_vehicle(
    problem: &Problem,
    plan: &Solution,
) -> Result<Vec<Vec<JobIndex>>, PlanError> {
    let (jobs, vehicles) = (problem.jobs(), problem.vehicles());
    let mut routes: Vec<Option<Vec<JobIndex>>> = vec![None; vehicles.len()];
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
        routes[index] = Some(route.jobs.clone());
    }
    Ok(routes.into_iter().map(Option::unwrap_or_default).collect())
}

/// Which vehicles and places of a list of routes: (vehicle, position, job).
pub(crate) fn visits(
    routes: &[Vec<JobIndex>],
) -> impl Iterator<Item = (VehicleIndex, usize, JobIndex)> + '_ {
    routes.iter().enumerate().flat_map(|(vehicle, jobs)| {
        let vehicle = VehicleIndex::new(vehicle);
        jobs.iter().enumerate().map(move |(position, &job)| (vehicle, position, job))
    })
}
