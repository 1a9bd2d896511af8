//! Construction by savings: parallel Clarke and Wright, for mixed fleets with windows.
//!
//! Every job begins as a cluster of its own; pairs of cluster ends are joined in the
//! order of what joining saves (Clarke and Wright 1964, doi:10.1287/opre.12.4.568), as
//! long as some vehicle could still drive the result. Then clusters meet vehicles, and
//! what found no vehicle is inserted where it hurts least (regret).

mod assign;
mod clusters;
mod regret;

use crate::model::{Model, Nearness};
use crate::problem::Problem;
use crate::solution::Solution;
use crate::state::State;
use clusters::Clusters;
pub(crate) use regret::insert_bank;

/// A feasible plan by Clarke-Wright savings alone, in milliseconds.
///
/// Deterministic. Jobs that found no place are in `unassigned`; whether one could be
/// found at all, [`explain`](crate::explain) tells.
///
/// ```
/// use logistics_dispatch::{Job, Location, Matrix, Problem, Travel, Vehicle, savings};
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(3, |i, j| if i == j { 0 } else { 60 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let depot = Location::new(0);
/// problem.add_vehicle(Vehicle::new("DP-1", bike).start(depot).end(depot));
/// problem.add_job(Job::new("a", Location::new(1)));
/// problem.add_job(Job::new("b", Location::new(2)));
/// let problem = problem.build()?;
/// assert_eq!(savings(&problem).routes[0].jobs.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn savings(problem: &Problem) -> Solution {
    let model = Model::new(problem);
    let nearness = Nearness::new(&model);
    construct(&model, &nearness).to_solution()
}

/// Savings, assignment and regret insertion.
pub(crate) fn construct<'m>(model: &'m Model, nearness: &Nearness) -> State<'m> {
    let mut clusters = Clusters::new(model);
    clusters.merge_by_savings(nearness);
    let mut state = State::empty(model);
    assign::assign(&mut state, clusters.into_lists());
    insert_bank(&mut state);
    state
}
