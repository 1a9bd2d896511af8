//! One route as it would be driven: the schedule, with loads and slack.

use super::totals::totals_of;
use super::{RouteForecast, RouteTotals, StopForecast};
use crate::problem::{Job, Problem, Vehicle};
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
    let jobs: Vec<&Job> = route.jobs.iter().map(|job| &problem.jobs()[job.index()]).collect();
    for (dimension, load) in result.load.iter_mut().enumerate() {
        *load = jobs.iter().map(|job| job.delivered(dimension)).sum();
    }
    let mut load = result.load.clone();
    for ((stop, job), forward_slack) in times.stops.iter().zip(jobs).zip(slacks.into_iter().rev()) {
        for (dimension, load) in load.iter_mut().enumerate() {
            *load += job.picked_up(dimension) - job.delivered(dimension);
        }
        result.stops.push(StopForecast {
            time: *stop,
            slack: job.windows.last().map(|window| window.end - stop.start),
            forward_slack,
            load: load.clone(),
        });
    }
    (result.departure, result.finish) = (times.departure, times.finish);
    result.totals = totals_of(problem, &route, &times);
    result
}

/// Per stop the forward slack, last stop first.
fn forward_slacks(problem: &Problem, vehicle: &Vehicle, times: &Schedule) -> Vec<Seconds> {
    let mut next = vehicle.end;
    let mut bound = Some(vehicle.shift.end);
    let mut worst = times.finish - vehicle.shift.end;
    let back = times.stops.iter().rev();
    back.map(|stop| {
        let job = &problem.jobs()[stop.job.index()];
        let leg = next
            .map_or(Seconds::ZERO, |next| problem.duration(vehicle.profile, job.location, next));
        next = Some(job.location);
        bound =
            bound.map(|bound| bound - leg - job.service).and_then(|bound| job.latest_start(bound));
        worst = worst.max(stop.late);
        let slack = bound.map(|bound| bound - stop.start);
        slack.filter(|&slack| slack >= Seconds::ZERO).unwrap_or(Seconds::ZERO - worst)
    })
    .collect()
}
