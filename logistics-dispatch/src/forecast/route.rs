//! One route as it would be driven: the schedule, with loads and slack.

use super::totals::totals_of;
use super::{RouteForecast, RouteTotals, StopForecast};
use crate::loads::loads;
use crate::problem::{Problem, Vehicle};
use crate::schedule::{Schedule, schedule};
use crate::solution::Route;
use crate::units::Seconds;

/// Unknown vehicles have no stops, unknown jobs are passed over.
pub(super) fn of_route(problem: &Problem, route: &Route) -> RouteForecast {
    let mut result = RouteForecast {
        vehicle: route.vehicle,
        departure: Seconds::ZERO,
        load: vec![0; problem.dimensions()],
        stops: Vec::new(),
        finish: Seconds::ZERO,
        totals: RouteTotals::default(),
    };
    let Some(vehicle) = problem.vehicle(route.vehicle) else { return result };
    let known = route.jobs.iter().copied().filter(|&job| problem.job(job).is_some());
    let route = Route { vehicle: route.vehicle, jobs: known.collect() };
    let times = schedule(problem, &route);
    let slacks = forward_slacks(problem, vehicle, &times);
    let loads: Vec<Vec<i64>> =
        (0..problem.dimensions()).map(|dimension| loads(problem, &route, dimension)).collect();
    let on_board = |leg: usize| loads.iter().map(|load| load[leg]).collect();
    result.load = on_board(0);
    for ((index, stop), forward_slack) in times.stops.iter().enumerate().zip(slacks) {
        let last = problem.jobs()[stop.job.index()].windows.last();
        result.stops.push(StopForecast {
            time: *stop,
            slack: last.map(|window| window.end - stop.start),
            forward_slack,
            load: on_board(index + 1),
        });
    }
    (result.departure, result.finish) = (times.departure, times.finish);
    result.totals = totals_of(problem, &route, &times);
    result
}

/// Per stop the forward slack; none for what is served.
fn forward_slacks(problem: &Problem, vehicle: &Vehicle, times: &Schedule) -> Vec<Seconds> {
    let mut next = vehicle.end;
    let mut bound = Some(vehicle.shift.end);
    let mut worst = times.finish - vehicle.shift.end;
    let back = times.stops[times.served..].iter().rev();
    let mut slacks: Vec<Seconds> = back
        .map(|stop| {
            let job = &problem.jobs()[stop.job.index()];
            let leg = next.map_or(Seconds::ZERO, |next| {
                problem.duration(vehicle.profile, job.location, next)
            });
            next = Some(job.location);
            bound = bound
                .map(|bound| bound - leg - job.service)
                .and_then(|bound| job.latest_start(bound));
            worst = worst.max(stop.late);
            let slack = bound.map(|bound| bound - stop.start);
            slack.filter(|&slack| slack >= Seconds::ZERO).unwrap_or(Seconds::ZERO - worst)
        })
        .collect();
    slacks.extend(core::iter::repeat_n(Seconds::ZERO, times.served));
    slacks.reverse();
    slacks
}
