//! Doubt: what in a plan a person should look at before it goes out, and why.

mod limits;
mod reason;
mod tie;

pub use limits::DoubtLimits;
pub use reason::Doubt;

use crate::offers::Offers;
use crate::problem::{Problem, VehicleIndex};
use crate::routes::PlanError;
use crate::schedule::schedule;
use crate::solution::{Route, Solution};

/// What is doubtful about one route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteDoubts {
    /// Whose route.
    pub vehicle: VehicleIndex,
    /// The reasons, never none: those of [`doubts`], then near-ties.
    pub doubts: Vec<Doubt>,
}

/// The routes of a plan that a person should look at, in the order of the plan, with all
/// reasons: those that lie in a route, and near-ties between vehicles.
///
/// A stop is nearly tied if its best place on another vehicle would cost at most
/// [`DoubtLimits::near_tie`] more, with every constraint kept and no other stop moved.
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 600 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let [one, two] = ["DP-1", "DP-2"]
///     .map(|id| problem.add_vehicle(Vehicle::new(id, bike).start(Location::new(0))));
/// let job = problem.add_job(Job::new("SHP-1", Location::new(1)));
/// let problem = problem.build()?;
///
/// // Both stand at the same corner: why the one and not the other?
/// let plan = Solution { routes: vec![Route::new(one, vec![job])], unassigned: vec![] };
/// let found = plan_doubts(&problem, &plan, &DoubtLimits::default())?;
/// assert_eq!(found[0].doubts, [Doubt::NearTie { job, vehicle: two, extra_cost: Cost(0) }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the plan names a job or vehicle that the problem does not have, or one of them
/// twice.
pub fn plan_doubts(
    problem: &Problem,
    plan: &Solution,
    limits: &DoubtLimits,
) -> Result<Vec<RouteDoubts>, PlanError> {
    let offers = Offers::new(problem, plan)?;
    let of_route = |route: &Route| {
        let mut doubts = doubts(problem, route, limits);
        if let Some(limit) = limits.near_tie {
            doubts.extend(tie::near_ties(problem, &offers, route, limit));
        }
        (!doubts.is_empty()).then_some(RouteDoubts { vehicle: route.vehicle, doubts })
    };
    Ok(plan.routes.iter().filter_map(of_route).collect())
}

/// What is doubtful about a route by itself, in the order of its stops, what concerns the
/// whole route first; stops that are served leave no doubt. Slack is counted from the earliest possible service.
///
/// # Panics
/// When the route names a job or vehicle that the problem does not have.
#[must_use]
pub fn doubts(problem: &Problem, route: &Route, limits: &DoubtLimits) -> Vec<Doubt> {
    let mut found = Vec::new();
    if route.jobs.is_empty() {
        return found;
    }
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    if let Some(age) = vehicle.position_age
        && age > limits.max_position_age
    {
        found.push(Doubt::StalePosition { age });
    }
    let times = schedule(problem, route);
    let slack = vehicle.shift.end - times.finish;
    if slack < limits.min_slack {
        found.push(Doubt::ShiftSlack { slack });
    }
    for stop in &times.stops[times.served..] {
        let job = &problem.jobs()[stop.job.index()];
        if let Some(window) = job.windows.last() {
            let slack = window.end - stop.start;
            if slack < limits.min_slack {
                found.push(Doubt::Slack { job: stop.job, slack });
            }
        }
        if let Some(confidence_pct) = job.geocode_confidence_pct
            && confidence_pct < limits.min_confidence_pct
        {
            found.push(Doubt::LowConfidence { job: stop.job, confidence_pct });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seconds;
    use crate::problem::{Job, Location, Matrix, Travel, Vehicle};

    #[test]
    fn each_doubt_has_its_limit() {
        let mut problem = Problem::builder();
        let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 600 }).unwrap();
        let bike = problem.add_profile(Travel::durations(road));
        let vehicle = problem.add_vehicle(
            Vehicle::new("v", bike)
                .start(Location::new(0))
                .shift(Seconds(0), Seconds(700))
                .position_age(Seconds(901)),
        );
        let job = problem.add_job(
            Job::new("j", Location::new(1))
                .window(Seconds(0), Seconds(660))
                .geocode_confidence_pct(49),
        );
        let problem = problem.build().unwrap();
        let route = Route::new(vehicle, vec![job]);
        assert_eq!(
            doubts(&problem, &route, &DoubtLimits::default()),
            [
                Doubt::StalePosition { age: Seconds(901) },
                Doubt::ShiftSlack { slack: Seconds(100) },
                Doubt::Slack { job, slack: Seconds(60) },
                Doubt::LowConfidence { job, confidence_pct: 49 },
            ]
        );
        let lenient = DoubtLimits {
            min_slack: Seconds(60),
            max_position_age: Seconds(901),
            min_confidence_pct: 49,
            near_tie: None,
        };
        assert_eq!(doubts(&problem, &route, &lenient), []);
    }
}
