//! When a vehicle is where, if it drives a given route: the route itself is never
//! changed, and a route that breaks its windows gets honest times all the same.

mod placement;
mod times;

pub(crate) use placement::ways_behind_pinned;
pub use times::{BreakTime, ReloadTime, Schedule, StopTime};

use crate::problem::{Break, Job, JobIndex, Location, Problem, ServedStop, Vehicle};
use crate::rests::latest_departure;
use crate::solution::Route;
use crate::units::{Meters, Seconds};
use crate::visits::{Visit, ahead};

/// Arrival, waiting, service and departure at every stop of a route.
///
/// Service begins as early as windows allow. Whoever comes after the last window is
/// served on arrival and the stop says how late. An empty route takes no time. Served
/// stops at its beginning keep their recorded times; the vehicle then drives from its
/// start, where it is now.
///
/// Breaks are where the fewest stops are later than they may be, and those least; of such
/// places where lateness costs least, then where the route is over first, and of those as far
/// back as can be. They keep their windows, come what may.
///
/// # Panics
/// When the route names a job or vehicle that the problem does not have;
/// [`check`](crate::check) reports such routes instead.
#[must_use]
pub fn schedule(problem: &Problem, route: &Route) -> Schedule {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let visits = ahead(problem, route);
    let settled = vehicle.settled(&route.jobs);
    let on_legs = placement::breaks_on_legs(problem, vehicle, &visits, settled);
    let mut drive = Drive {
        problem,
        vehicle,
        at: vehicle.start,
        clock: vehicle.shift.start,
        taken: 0,
        result: Schedule::new(vehicle.shift.start, settled.served),
    };
    let recorded = vehicle.served[..settled.served].iter();
    drive.result.stops = recorded.map(|&stop| recorded_stop(problem, stop)).collect();
    for (leg, &visit) in visits.iter().enumerate() {
        let breaks = on_legs.get(leg).copied().unwrap_or(0);
        if leg == 0 {
            drive.result.departure = drive.set_out(visit, breaks);
            drive.clock = drive.result.departure;
        }
        drive.go(Some(visit.location(problem)), breaks);
        drive.serve(visit);
    }
    if !route.jobs.is_empty() {
        drive.go(vehicle.end, on_legs.last().copied().unwrap_or(0));
    }
    drive.result.finish = drive.clock;
    drive.result
}

/// A vehicle under way.
struct Drive<'p> {
    problem: &'p Problem,
    vehicle: &'p Vehicle,
    at: Option<Location>,
    clock: Seconds,
    /// Breaks taken.
    taken: usize,
    result: Schedule,
}

impl<'p> Drive<'p> {
    fn duration(&self, to: Option<Location>) -> Seconds {
        let (Some(from), Some(to)) = (self.at, to) else { return Seconds::ZERO };
        self.problem.duration(self.vehicle.profile, from, to)
    }

    fn breaks(&self, count: usize) -> &'p [Break] {
        &self.vehicle.breaks[self.taken..self.taken + count]
    }

    /// The last moment to set out at which the first visit is not later for it.
    fn set_out(&self, first: Visit, breaks: usize) -> Seconds {
        let drive = self.duration(Some(first.location(self.problem)));
        let breaks = self.breaks(breaks);
        let there = crate::rests::arrival(breaks, self.clock.get(), drive.get());
        let there = Seconds(there.unwrap_or_default());
        let start = match first {
            Visit::Job(job) => self.job_start(job, there),
            Visit::Reload(..) => there,
        };
        let latest = latest_departure(breaks, start.get(), drive.get());
        self.clock.max(Seconds(latest.unwrap_or_default()))
    }

    /// Whoever comes after the last window is served on arrival.
    fn job_start(&self, job: JobIndex, arrival: Seconds) -> Seconds {
        self.job(job).start_of_service(arrival).unwrap_or(arrival)
    }

    fn job(&self, job: JobIndex) -> &'p Job {
        &self.problem.jobs()[job.index()]
    }

    /// Drives a leg, with so many breaks on it. A vehicle that ends anywhere stays.
    fn go(&mut self, to: Option<Location>, breaks: usize) {
        let mut left = self.duration(to);
        self.result.travel_time += left;
        if let (Some(from), Some(to)) = (self.at, to) {
            self.result.distance += self.problem.distance(self.vehicle.profile, from, to);
        }
        for rest in self.breaks(breaks) {
            // It drives on until the break may begin.
            let start = Seconds(rest.begin(self.clock.get()).unwrap_or(self.clock.get()));
            let driven = left.min(start - self.clock);
            left = left - driven;
            let arrival = self.clock + driven;
            self.result.breaks.push(BreakTime {
                number: self.taken,
                position: self.result.stops.len(),
                driven,
                arrival,
                wait: start - arrival,
                start,
                end: start + rest.duration,
            });
            self.clock = start + rest.duration;
            self.taken += 1;
        }
        self.clock += left;
        self.at = to.or(self.at);
    }

    fn serve(&mut self, visit: Visit) {
        let arrival = self.clock;
        let service = Seconds(visit.service(self.problem));
        match visit {
            Visit::Reload(position, _) => {
                self.clock += service;
                let departure = self.clock;
                self.result.reloads.push(ReloadTime { position, arrival, departure });
            }
            Visit::Job(job) => {
                let start = self.job_start(job, arrival);
                let wait = start - arrival;
                let late = self.job(job).late(start);
                let departure = start + service;
                self.result.stops.push(StopTime { job, arrival, wait, start, departure, late });
                self.clock = departure;
            }
        }
    }
}

/// A served stop: it began when it began, and the vehicle was there.
fn recorded_stop(problem: &Problem, stop: ServedStop) -> StopTime {
    let job = &problem.jobs()[stop.job.index()];
    StopTime {
        job: stop.job,
        arrival: stop.start,
        wait: Seconds::ZERO,
        start: stop.start,
        departure: stop.start + job.service,
        late: job.late(stop.start),
    }
}

impl Schedule {
    fn new(start: Seconds, served: usize) -> Self {
        Self {
            departure: start,
            stops: Vec::new(),
            breaks: Vec::new(),
            reloads: Vec::new(),
            served,
            finish: start,
            travel_time: Seconds::ZERO,
            distance: Meters::ZERO,
        }
    }
}
