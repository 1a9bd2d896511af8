//! Sums over one route.

use crate::costs::route_costs;
use crate::problem::Problem;
use crate::schedule::{Schedule, schedule};
use crate::solution::Route;
use crate::units::{Cost, Meters, Seconds};

/// Sums over one route; all zero for a vehicle that has no stops. Of stops that are served
/// already nothing is in the sums but their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteTotals {
    /// Stops.
    pub jobs: usize,
    /// What the route costs, every part of it.
    pub cost: Cost,
    /// Driving time.
    pub travel_time: Seconds,
    /// Driving distance.
    pub distance: Meters,
    /// Time spent serving.
    pub service: Seconds,
    /// Time spent loading again.
    pub loading: Seconds,
    /// Time spent on breaks.
    pub breaks: Seconds,
    /// Reloads.
    pub reloads: usize,
    /// Time spent waiting for windows to open, those of breaks too.
    pub wait: Seconds,
    /// Lateness of all stops together.
    pub late: Seconds,
    /// What lateness costs, that of served stops too; part of `cost`.
    pub late_cost: Cost,
    /// From leaving to finishing.
    pub duration: Seconds,
}

/// Sums over one route of known jobs.
pub(crate) fn totals(problem: &Problem, route: &Route) -> RouteTotals {
    totals_of(problem, route, &schedule(problem, route))
}

pub(super) fn totals_of(problem: &Problem, route: &Route, times: &Schedule) -> RouteTotals {
    if route.jobs.is_empty() {
        return RouteTotals::default();
    }
    let ahead = &times.stops[times.served..];
    let waits = times.breaks.iter().map(|rest| rest.wait);
    let costs = route_costs(problem, route);
    RouteTotals {
        jobs: route.jobs.len(),
        cost: costs.total(),
        travel_time: times.travel_time,
        distance: times.distance,
        service: ahead.iter().map(|stop| stop.departure - stop.start).sum(),
        loading: times.reloads.iter().map(|reload| reload.departure - reload.arrival).sum(),
        breaks: times.breaks.iter().map(|rest| rest.end - rest.start).sum(),
        reloads: times.reloads.len(),
        wait: ahead.iter().map(|stop| stop.wait).chain(waits).sum(),
        late: ahead.iter().map(|stop| stop.late).sum(),
        late_cost: costs.lateness,
        duration: times.finish - times.departure,
    }
}
