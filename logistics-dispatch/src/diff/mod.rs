//! What differs between two plans of one problem: as data, and in words for whoever has
//! to tell the drivers.
//!
//! Order is told minimally. Of the jobs that stay with a vehicle, the longest common
//! subsequence of both orders stays put and only the others move, so one stop more is one
//! change and not a change of all stops behind it.

mod change;
mod order;
mod vehicle;
mod words;

pub use change::{Change, Place};
pub use vehicle::VehicleChange;
pub use words::Words;

use crate::check::check;
use crate::forecast::totals;
use crate::problem::{JobIndex, Problem};
use crate::routes::{PlanError, by_vehicle, visits};
use crate::solution::{Route, Solution};
use crate::units::Cost;

/// All differences between two plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanDiff {
    /// Routes opened and closed, by vehicle; then jobs that are somewhere else, by their
    /// new vehicle and position; then jobs no longer served; then reloads, by vehicle.
    pub changes: Vec<Change>,
    /// Every vehicle whose list of stops is another one, in the order of the problem.
    pub vehicles: Vec<VehicleChange>,
    /// How much more leaving optional jobs out costs; negative if it costs less.
    pub left_out: Cost,
}

impl PlanDiff {
    /// Are both plans the same?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How much dearer the second plan is; negative if it is cheaper.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.vehicles.iter().map(VehicleChange::cost).sum::<Cost>() + self.left_out
    }

    /// The differences as text, with the ids of the problem that both plans are for.
    #[must_use]
    pub fn words<'a>(&'a self, problem: &'a Problem) -> Words<'a> {
        Words::new(self, problem)
    }
}

/// Compares two plans of one problem; neither needs to be feasible.
///
/// A job counts as served if it is on a route; the lists of unassigned jobs are not read.
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(4, |i, j| if i == j { 0 } else { 600 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let [one, two] = ["DP-1", "DP-2"]
///     .map(|id| problem.add_vehicle(Vehicle::new(id, bike).start(Location::new(0))));
/// let [seven, three, nine] = [("SHP-7", 1), ("SHP-3", 2), ("SHP-9", 3)]
///     .map(|(id, place)| problem.add_job(Job::new(id, Location::new(place))));
/// let problem = problem.build()?;
///
/// let plan = |first: &[_], second: &[_]| Solution {
///     routes: vec![
///         Route::new(one, first.to_vec()),
///         Route::new(two, second.to_vec()),
///     ],
///     unassigned: vec![],
/// };
/// let diff = diff::between(&problem, &plan(&[seven], &[three, nine]), &plan(&[], &[three, seven, nine]))?;
/// assert_eq!(diff.changes.len(), 2);
/// assert_eq!(
///     diff.words(&problem).to_string(),
///     "DP-1 no longer has a route; \
///      SHP-7 moves from DP-1 to DP-2 between SHP-3 and SHP-9; \
///      DP-1: 1 job fewer, cost -600, driving -600 s and +0 m; \
///      DP-2: 1 job more, cost +600, driving +600 s and +0 m"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a plan names a job or vehicle that the problem does not have, or one of them
/// twice.
pub fn between(
    problem: &Problem,
    before: &Solution,
    after: &Solution,
) -> Result<PlanDiff, PlanError> {
    let (old, new) = (by_vehicle(problem, before)?, by_vehicle(problem, after)?);
    let mut diff = PlanDiff::default();
    for (was, is) in old.iter().zip(&new) {
        let vehicle = is.vehicle;
        if was == is {
            continue;
        }
        match (was.jobs.is_empty(), is.jobs.is_empty()) {
            (true, false) => diff.changes.push(Change::Opened(vehicle)),
            (false, true) => diff.changes.push(Change::Closed(vehicle)),
            _ => {}
        }
        let (before, after) = (totals(problem, was), totals(problem, is));
        diff.vehicles.push(VehicleChange { vehicle, before, after });
    }
    let (was, is) = (order::places(problem, &old), order::places(problem, &new));
    let stays = order::staying(&new, &was);
    let left_out = |plan| check(problem, plan).costs.left_out;
    diff.left_out = left_out(after) - left_out(before);
    for (_, _, job) in visits(&new) {
        diff.changes.extend(match (was[job.index()], is[job.index()]) {
            (None, Some(to)) => Some(Change::Served { job, to }),
            (Some(from), Some(to)) if from.vehicle != to.vehicle => {
                Some(Change::Moved { job, from, to })
            }
            (Some(from), Some(to)) if !stays[job.index()] => {
                Some(Change::Reordered { job, from, to })
            }
            _ => None,
        });
    }
    for (_, _, job) in visits(&old) {
        if let (Some(from), None) = (was[job.index()], is[job.index()]) {
            diff.changes.push(Change::Unserved { job, from });
        }
    }
    for (was, is) in old.iter().zip(&new) {
        diff.changes.extend(reload_changes(was, is));
    }
    Ok(diff)
}

/// Reloads of one vehicle that are gone, then those that are new; each is known by the stop
/// behind it.
fn reload_changes(was: &Route, is: &Route) -> impl Iterator<Item = Change> {
    let vehicle = is.vehicle;
    let loads_for = |route: &Route| -> Vec<JobIndex> {
        route.reloads.iter().filter_map(|&at| route.jobs.get(at)).copied().collect()
    };
    let (old, new) = (loads_for(was), loads_for(is));
    let gone: Vec<JobIndex> = old.iter().copied().filter(|job| !new.contains(job)).collect();
    let added = new.into_iter().filter(move |job| !old.contains(job));
    let gone = gone.into_iter().map(move |before| Change::ReloadDropped { vehicle, before });
    gone.chain(added.map(move |before| Change::ReloadAdded { vehicle, before }))
}
