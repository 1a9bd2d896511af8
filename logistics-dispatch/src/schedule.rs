//! When a vehicle is where, if it drives a given route: the route itself is never
//! changed, and a route that breaks its windows gets honest times all the same.

use crate::problem::{Job, JobIndex, Problem, ServedStop};
use crate::solution::Route;
use crate::units::{Meters, Seconds};

/// One stop of a route in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopTime {
    /// Which job.
    pub job: JobIndex,
    /// When the vehicle is there.
    pub arrival: Seconds,
    /// How long it waits for the window to open.
    pub wait: Seconds,
    /// When service begins.
    pub start: Seconds,
    /// When the vehicle leaves.
    pub departure: Seconds,
    /// How much later than the job's last window service begins.
    pub late: Seconds,
}

/// A route in time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schedule {
    /// When the vehicle leaves its start: as late as it can without being later at
    /// its first job.
    pub departure: Seconds,
    /// The stops, in order.
    pub stops: Vec<StopTime>,
    /// So many of the first stops are served already: their times are the recorded ones,
    /// and nothing about them is in the sums.
    pub served: usize,
    /// When the vehicle has finished: at its end, or at its last job if it has none.
    pub finish: Seconds,
    /// Driving time of the whole route.
    pub travel_time: Seconds,
    /// Driving distance of the whole route.
    pub distance: Meters,
}

/// Arrival, waiting, service and departure at every stop of a route.
///
/// Service begins as early as windows allow. Whoever comes after the last window is
/// served on arrival and the stop says how late. An empty route takes no time. Served
/// stops at its beginning keep their recorded times; the vehicle then drives from its
/// start, where it is now.
///
/// # Panics
/// When the route names a job or vehicle that the problem does not have;
/// [`check`](crate::check) reports such routes instead.
#[must_use]
pub fn schedule(problem: &Problem, route: &Route) -> Schedule {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let mut at = vehicle.start;
    let mut clock = vehicle.shift.start;
    let mut result = Schedule {
        departure: clock,
        stops: Vec::with_capacity(route.jobs.len()),
        served: vehicle.settled(&route.jobs).served,
        finish: clock,
        travel_time: Seconds::ZERO,
        distance: Meters::ZERO,
    };
    result
        .stops
        .extend(vehicle.served[..result.served].iter().map(|stop| recorded(problem, *stop)));
    for &index in &route.jobs[result.served..] {
        let job = &problem.jobs()[index.index()];
        if let Some(from) = at {
            let leg = problem.duration(vehicle.profile, from, job.location);
            clock += leg;
            result.travel_time += leg;
            result.distance += problem.distance(vehicle.profile, from, job.location);
        }
        // Whoever comes after the last window is served on arrival.
        let start = job.start_of_service(clock).unwrap_or(clock);
        let late = lateness(job, start);
        let departure = start + job.service;
        let wait = start - clock;
        result.stops.push(StopTime { job: index, arrival: clock, wait, start, departure, late });
        clock = departure;
        at = Some(job.location);
    }
    if let (Some(from), Some(end), false) = (at, vehicle.end, route.jobs.is_empty()) {
        let leg = problem.duration(vehicle.profile, from, end);
        clock += leg;
        result.travel_time += leg;
        result.distance += problem.distance(vehicle.profile, from, end);
    }
    result.finish = clock;
    if let Some(first) = result.stops.get_mut(result.served) {
        result.departure += first.wait;
        first.arrival += first.wait;
        first.wait = Seconds::ZERO;
    }
    result
}

/// A served stop: it began when it began, and the vehicle was there.
fn recorded(problem: &Problem, stop: ServedStop) -> StopTime {
    let job = &problem.jobs()[stop.job.index()];
    StopTime {
        job: stop.job,
        arrival: stop.start,
        wait: Seconds::ZERO,
        start: stop.start,
        departure: stop.start + job.service,
        late: lateness(job, stop.start),
    }
}

fn lateness(job: &Job, start: Seconds) -> Seconds {
    let late = job.windows.last().map_or(Seconds::ZERO, |last| start - last.end);
    late.max(Seconds::ZERO)
}
