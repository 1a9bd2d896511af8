//! Why a job is left out: per vehicle the constraint that keeps it out, and by how much.
//!
//! Exact for the plan as it stands: the question is whether the job fits between two
//! stops of a route whose order stays, perhaps with one reload more; moving other jobs is the solver's business. What
//! is said to be enough is enough, and one unit less of any of it is not.

mod block;
mod position;

pub use block::Block;

use core::fmt;

use crate::check::known_part;
use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::solution::{Route, Solution};
use position::trials;

/// Why one job is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnassignedReason {
    /// Which job.
    pub job: JobIndex,
    /// What keeps it from each vehicle, in the order of the problem.
    pub vehicles: Vec<VehicleReason>,
}

/// What keeps a job from one vehicle: the smallest relaxation that would admit it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VehicleReason {
    /// Which vehicle.
    pub vehicle: VehicleIndex,
    /// The constraint, or the first in the order of [`Block`] if several must be relaxed.
    pub block: Block,
    /// What must be relaxed together with it. Empty: the one relaxation is enough.
    pub also: Vec<Block>,
    /// Which stop of the route the job would then be, from 0.
    pub position: usize,
}

impl fmt::Display for VehicleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.block)?;
        self.also.iter().try_for_each(|block| write!(f, " and {block}"))
    }
}

/// For every job that a plan leaves out, what keeps it from each vehicle.
///
/// The answer is true for routes that keep the constraints; no place before a frozen stop is
/// looked at. The halves of a pair that are both left out are tried together. Routes and jobs that the problem
/// does not have are passed over.
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 600 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// problem.add_vehicle(Vehicle::new("DP-1", bike).start(Location::new(0)).capacity([3]));
/// problem.add_job(Job::new("piano", Location::new(1)).delivery([40]));
/// let problem = problem.build()?;
///
/// let plan = savings(&problem);
/// let reasons = explain(&problem, &plan);
/// let rider = &reasons[0].vehicles[0];
/// assert_eq!(rider.block, Block::Capacity { dimension: 0, short: 37 });
/// assert!(rider.also.is_empty(), "37 more and nothing else would do");
/// assert_eq!(rider.to_string(), "lacks 37 of capacity for quantity 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn explain(problem: &Problem, plan: &Solution) -> Vec<UnassignedReason> {
    let routes: Vec<Route> = (0..problem.vehicles().len())
        .map(|index| {
            let vehicle = VehicleIndex::new(index);
            let own = plan.routes.iter().filter(|route| route.vehicle == vehicle);
            own.fold(Route::new(vehicle, Vec::new()), |mut whole, route| {
                let known = known_part(route, |job| problem.job(job).is_some());
                let behind = whole.jobs.len();
                whole.reloads.extend(known.reloads.iter().map(|at| at + behind));
                whole.jobs.extend(known.jobs);
                whole
            })
        })
        .collect();
    let mut server = vec![None; problem.jobs().len()];
    for route in &routes {
        for job in &route.jobs {
            server[job.index()] = Some(route.vehicle);
        }
    }
    (0..problem.jobs().len())
        .filter(|&index| server[index].is_none())
        .map(|index| {
            let job = JobIndex::new(index);
            let other = problem.half(job).and_then(|half| server[half.other().index()]);
            let vehicles = routes.iter().map(|route| reason(problem, route, job, other)).collect();
            UnassignedReason { job, vehicles }
        })
        .collect()
}

/// `other`: who has the other half of the job's pair.
fn reason(
    problem: &Problem,
    route: &Route,
    job: JobIndex,
    other: Option<VehicleIndex>,
) -> VehicleReason {
    if other.is_some_and(|other| other != route.vehicle) {
        let (vehicle, block, also) = (route.vehicle, Block::Pair, Vec::new());
        return VehicleReason { vehicle, block, also, position: route.jobs.len() };
    }
    let trials = trials(problem, route, job, other.is_some()).into_iter();
    let least = trials.min_by_key(|trial| (trial.rank(), trial.at));
    let (position, blocks) = least.map_or((0, vec![Block::Pair]), |trial| (trial.at, trial.blocks));
    let mut blocks = blocks.into_iter();
    VehicleReason {
        vehicle: route.vehicle,
        block: blocks.next().unwrap_or(Block::Fits),
        also: blocks.collect(),
        position,
    }
}
