//! One route as it would be driven: the schedule, with loads and slack.

use super::slack::forward_slacks;
use super::totals::totals_of;
use super::{ReloadForecast, RouteForecast, RouteTotals, StopForecast};
use crate::check::known_part;
use crate::loads::{Loads, loads};
use crate::problem::Problem;
use crate::schedule::{ReloadTime, schedule};
use crate::solution::Route;
use crate::units::Seconds;

/// Unknown vehicles have no stops, unknown jobs are passed over.
pub(super) fn of_route(problem: &Problem, route: &Route) -> RouteForecast {
    let mut result = RouteForecast {
        vehicle: route.vehicle,
        departure: Seconds::ZERO,
        load: vec![0; problem.dimensions()],
        stops: Vec::new(),
        breaks: Vec::new(),
        reloads: Vec::new(),
        finish: Seconds::ZERO,
        totals: RouteTotals::default(),
    };
    if problem.vehicle(route.vehicle).is_none() {
        return result;
    }
    let route = known_part(route, |job| problem.job(job).is_some());
    let times = schedule(problem, &route);
    let slacks = forward_slacks(problem, &route, &times);
    let loads: Vec<Loads> =
        (0..problem.dimensions()).map(|dimension| loads(problem, &route, dimension)).collect();
    result.load = loads.iter().map(Loads::first).collect();
    for ((index, stop), forward_slack) in times.stops.iter().enumerate().zip(slacks) {
        let last = problem.jobs()[stop.job.index()].windows.last();
        result.stops.push(StopForecast {
            time: *stop,
            slack: last.map(|window| window.end - stop.start),
            forward_slack,
            load: loads.iter().map(|load| load.stops[index]).collect(),
        });
    }
    let trips = times.reloads.iter().enumerate();
    let reload = |(trip, time): (usize, &ReloadTime)| ReloadForecast {
        time: *time,
        load: loads.iter().map(|load| load.departures[trip + 1]).collect(),
    };
    result.reloads = trips.map(reload).collect();
    result.breaks.clone_from(&times.breaks);
    (result.departure, result.finish) = (times.departure, times.finish);
    result.totals = totals_of(problem, &route, &times);
    result
}
