//! Why a job is left out: per vehicle the constraint that keeps it out, and by how much.
//!
//! Exact for the plan as it stands: the question is whether the job fits between two
//! stops of a route whose order stays; moving other jobs is the solver's business.

mod position;

use core::fmt;

use crate::problem::{Job, JobIndex, Problem, Vehicle, VehicleIndex};
use crate::solution::{Route, Solution};
use crate::units::{Meters, Seconds};

/// Why one job is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnassignedReason {
    /// Which job.
    pub job: JobIndex,
    /// What keeps it from each vehicle, in the order of the problem.
    pub vehicles: Vec<VehicleReason>,
}

/// What keeps a job from one vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VehicleReason {
    /// Which vehicle.
    pub vehicle: VehicleIndex,
    /// The constraint.
    pub block: Block,
}

/// A constraint that keeps a job from a vehicle, with the least relaxation that would
/// let it in, all else unchanged.
///
/// Constraints are looked at in the order of the variants; the first one that leaves
/// no position on the route is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// The vehicle lacks this skill.
    Skill(u32),
    /// The vehicle would carry too much.
    Capacity {
        /// Which quantity, from 0.
        dimension: usize,
        /// So much more capacity would do, if no other quantity were short.
        short: i64,
    },
    /// The vehicle may have no more jobs; one more would do.
    MaxJobs,
    /// Too much driving time at every position.
    TravelTime {
        /// So much more would do.
        short: Seconds,
    },
    /// Too much driving distance at every position that the other limits allow.
    Distance {
        /// So much more would do.
        short: Meters,
    },
    /// The vehicle comes too late for the job's windows at every position left.
    Window {
        /// So much later closing of the job's last window would let service begin.
        late: Seconds,
    },
    /// Serving the job would make a later stop miss its window, at every position left.
    LaterStop {
        /// The stop, at the position where it would be least late.
        job: JobIndex,
        /// How late it would be there.
        late: Seconds,
    },
    /// The route would finish after the end of the shift at every position left.
    ShiftEnd {
        /// So much later an end would do.
        late: Seconds,
    },
    /// Nothing: there is a position for it. The plan left it out needlessly.
    Fits,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skill(skill) => write!(f, "lacks skill {skill}"),
            Self::Capacity { dimension, short } => {
                write!(f, "lacks {short} of capacity for quantity {dimension}")
            }
            Self::MaxJobs => f.write_str("may have no more jobs"),
            Self::TravelTime { short } => write!(f, "may not drive {short} longer"),
            Self::Distance { short } => write!(f, "may not drive {short} farther"),
            Self::Window { late } => write!(f, "comes {late} after the last window"),
            Self::LaterStop { late, .. } => write!(f, "would be {late} late at a later stop"),
            Self::ShiftEnd { late } => write!(f, "would finish {late} after its shift"),
            Self::Fits => f.write_str("has room for it"),
        }
    }
}

/// For every job that a plan leaves out, what keeps it from each vehicle.
///
/// The routes must be feasible; of a plan that is not, the answer is what it is.
/// Routes and jobs that the problem does not have are passed over.
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
/// assert_eq!(reasons[0].vehicles[0].block, Block::Capacity { dimension: 0, short: 37 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn explain(problem: &Problem, plan: &Solution) -> Vec<UnassignedReason> {
    let routes: Vec<Route> = (0..problem.vehicles().len())
        .map(|index| {
            let vehicle = VehicleIndex::new(index);
            let own = plan.routes.iter().filter(|route| route.vehicle == vehicle);
            let jobs = own.flat_map(|route| route.jobs.iter().copied());
            Route { vehicle, jobs: jobs.filter(|&job| problem.job(job).is_some()).collect() }
        })
        .collect();
    let mut served = vec![false; problem.jobs().len()];
    for job in routes.iter().flat_map(|route| &route.jobs) {
        served[job.index()] = true;
    }
    (0..problem.jobs().len())
        .filter(|&index| !served[index])
        .map(|index| {
            let job = JobIndex::new(index);
            let reason = |route: &Route| VehicleReason {
                vehicle: route.vehicle,
                block: block(problem, route, job),
            };
            UnassignedReason { job, vehicles: routes.iter().map(reason).collect() }
        })
        .collect()
}

fn block(problem: &Problem, route: &Route, job: JobIndex) -> Block {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let wanted = &problem.jobs()[job.index()];
    if let Some(&skill) = wanted.skills.difference(&vehicle.skills).next() {
        return Block::Skill(skill);
    }
    let mut positions: Vec<usize> = (0..=route.jobs.len()).collect();
    if let Some(block) = capacity(problem, vehicle, route, wanted, &mut positions) {
        return block;
    }
    if vehicle.max_jobs.is_some_and(|limit| route.jobs.len() >= limit) {
        return Block::MaxJobs;
    }
    position::block(problem, vehicle, route, job, positions)
}

/// Drops the positions at which the vehicle would carry too much; what is short if none
/// is left.
fn capacity(
    problem: &Problem,
    vehicle: &Vehicle,
    route: &Route,
    wanted: &Job,
    positions: &mut Vec<usize>,
) -> Option<Block> {
    for (dimension, &capacity) in vehicle.capacity.iter().enumerate() {
        let amounts = |job: &Job| (job.delivered(dimension), job.picked_up(dimension));
        let stops: Vec<(i64, i64)> =
            route.jobs.iter().map(|job| amounts(&problem.jobs()[job.index()])).collect();
        let most_at = |position: usize| {
            let mut with = stops.clone();
            with.insert(position, amounts(wanted));
            let mut load: i64 = with.iter().map(|amount| amount.0).sum();
            let mut most = load;
            for (delivered, picked_up) in with {
                load += picked_up - delivered;
                most = most.max(load);
            }
            most
        };
        let loads: Vec<(usize, i64)> = positions.iter().map(|&at| (at, most_at(at))).collect();
        let least = loads.iter().map(|&(_, most)| most).min().unwrap_or(0);
        if least > capacity {
            return Some(Block::Capacity { dimension, short: least - capacity });
        }
        *positions =
            loads.into_iter().filter(|&(_, most)| most <= capacity).map(|(at, _)| at).collect();
    }
    None
}
