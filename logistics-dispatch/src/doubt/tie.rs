//! Near-ties: stops that another vehicle could serve for hardly more.

use super::Doubt;
use crate::check::check;
use crate::costs::route_costs;
use crate::offers::Offers;
use crate::problem::{JobIndex, Problem};
use crate::solution::{Route, Solution};
use crate::units::Cost;

/// The stops of one route that would cost at most `limit` more on another vehicle.
pub(super) fn near_ties(
    problem: &Problem,
    offers: &Offers<'_>,
    route: &Route,
    limit: Cost,
) -> Vec<Doubt> {
    let tie = |(at, &job): (usize, &JobIndex)| {
        let (dearer, vehicle) = offers.cheapest_beside(job, route.vehicle)?;
        let extra_cost = dearer - saved(problem, route, at)?;
        (extra_cost <= limit).then_some(Doubt::NearTie { job, vehicle, extra_cost })
    };
    let frozen = problem.vehicles()[route.vehicle.index()].settled(&route.jobs).frozen;
    route.jobs.iter().enumerate().skip(frozen).filter_map(tie).collect()
}

/// What the route saves without one of its stops; nothing if it then breaks a constraint,
/// as it can where the way past a stop is shorter than the way without it.
fn saved(problem: &Problem, route: &Route, at: usize) -> Option<Cost> {
    let without = route.without(at);
    let before = route_costs(problem, route).total();
    let after = route_costs(problem, &without).total();
    if without.jobs.is_empty() {
        return Some(before);
    }
    let alone = Solution { routes: vec![without], unassigned: Vec::new() };
    let broken = |fault: &crate::Violation| fault.vehicle == Some(route.vehicle);
    (!check(problem, &alone).violations.iter().any(broken)).then_some(before - after)
}
