//! When each leg of a route can begin, and when it must be over.

use super::line::Leg;
use crate::problem::{Job, Problem, Settled, Vehicle};
use crate::rests::{ByTaken, NEVER, TOO_LATE, arrivals, latest_departures};
use crate::units::Seconds;
use crate::visits::Visit;

/// The clock of one route: plain, or by breaks taken.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    Plain {
        /// When the vehicle can begin each leg.
        ready: Vec<i64>,
        /// When each leg must be over for the sake of what follows; `i64::MIN`: too late in
        /// any case.
        latest: Vec<i64>,
        /// Legs up to this one have nothing before them that is late.
        punctual: usize,
    },
    Rested {
        ready: Vec<ByTaken>,
        latest: Vec<ByTaken>,
    },
}

/// Service at a job that a leg is parted by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stop {
    pub(super) start: i64,
    /// When the vehicle is at the next stop or reload, or at its end.
    pub(super) there: i64,
}

impl Clock {
    pub(super) fn new(
        problem: &Problem,
        vehicle: &Vehicle,
        visits: &[Visit],
        legs: &[Leg],
        settled: Settled,
    ) -> Self {
        let pinned = settled.frozen - settled.served;
        if vehicle.breaks.is_empty() {
            let (ready, punctual) = ready(problem, vehicle, visits, legs, pinned);
            return Self::Plain { ready, punctual, latest: latest(problem, vehicle, visits, legs) };
        }
        Self::Rested {
            ready: rested_ready(problem, vehicle, visits, legs, pinned),
            latest: rested_latest(problem, vehicle, visits, legs),
        }
    }

    /// Can a job stand on this leg, so far to and from? Says when, but for vehicles with
    /// breaks.
    pub(super) fn admits(
        &self,
        vehicle: &Vehicle,
        job: &Job,
        at: usize,
        (to, from): (i64, i64),
    ) -> Option<Stop> {
        match self {
            Self::Plain { ready, latest, punctual } => {
                if at > *punctual {
                    return None;
                }
                let start = job.start_of_service(Seconds(ready[at] + to))?.get();
                let there = start + job.service.get() + from;
                (there <= latest[at]).then_some(Stop { start, there })
            }
            Self::Rested { ready, latest } => {
                let taken = ..=vehicle.breaks.len();
                let mut clock = arrivals(&vehicle.breaks, &ready[at][taken], to);
                for moment in clock[taken].iter_mut().filter(|moment| **moment < i64::MAX) {
                    let start = job.start_of_service(Seconds(*moment));
                    *moment = start.map_or(i64::MAX, |start| (start + job.service).get());
                }
                let there = arrivals(&vehicle.breaks, &clock[taken], from);
                let in_time = there.iter().zip(&latest[at]).any(|(there, latest)| there <= latest);
                in_time.then_some(Stop::default())
            }
        }
    }
}

/// When each leg can begin, and up to which leg nobody is late before it; frozen stops count
/// as in time. Behind a late one nothing is ever inserted, so its times do not matter.
fn ready(
    problem: &Problem,
    vehicle: &Vehicle,
    visits: &[Visit],
    legs: &[Leg],
    mut pinned: usize,
) -> (Vec<i64>, usize) {
    let mut clock = vehicle.shift.start.get();
    let mut ready = vec![clock];
    let mut punctual = 0;
    for (visit, leg) in visits.iter().zip(legs) {
        let arrival = clock + leg.time;
        let start = start(problem, *visit, arrival);
        let in_time = start.is_some() || pinned > 0;
        pinned = pinned.saturating_sub(1);
        punctual += usize::from(in_time && punctual + 1 == ready.len());
        clock = start.unwrap_or(arrival) + visit.service(problem);
        ready.push(clock);
    }
    (ready, punctual)
}

fn latest(problem: &Problem, vehicle: &Vehicle, visits: &[Visit], legs: &[Leg]) -> Vec<i64> {
    let mut bound = vehicle.shift.end.get();
    let mut latest = vec![bound];
    for (visit, leg) in visits.iter().zip(&legs[1..]).rev() {
        bound = bound.saturating_sub(leg.time + visit.service(problem));
        bound = latest_start(problem, *visit, bound);
        latest.push(bound);
    }
    latest.reverse();
    latest
}

fn rested_ready(
    problem: &Problem,
    vehicle: &Vehicle,
    visits: &[Visit],
    legs: &[Leg],
    mut pinned: usize,
) -> Vec<ByTaken> {
    let taken = ..=vehicle.breaks.len();
    let mut clock = NEVER;
    clock[0] = vehicle.shift.start.get();
    let mut ready = vec![clock];
    for (visit, leg) in visits.iter().zip(legs) {
        clock = arrivals(&vehicle.breaks, &clock[taken], leg.time);
        for moment in clock[taken].iter_mut().filter(|moment| **moment < i64::MAX) {
            let late = if pinned > 0 { *moment } else { i64::MAX };
            let start = start(problem, *visit, *moment).unwrap_or(late);
            *moment = start.saturating_add(visit.service(problem));
        }
        pinned = pinned.saturating_sub(1);
        ready.push(clock);
    }
    ready
}

fn rested_latest(
    problem: &Problem,
    vehicle: &Vehicle,
    visits: &[Visit],
    legs: &[Leg],
) -> Vec<ByTaken> {
    let taken = ..=vehicle.breaks.len();
    let mut bounds = TOO_LATE;
    bounds[vehicle.breaks.len()] = vehicle.shift.end.get();
    let mut latest = vec![bounds];
    for (visit, leg) in visits.iter().zip(&legs[1..]).rev() {
        bounds = latest_departures(&vehicle.breaks, &bounds[taken], leg.time);
        for bound in bounds[taken].iter_mut().filter(|bound| **bound > i64::MIN) {
            *bound = latest_start(problem, *visit, *bound - visit.service(problem));
        }
        latest.push(bounds);
    }
    latest.reverse();
    latest
}

/// When service begins for who comes then; `None` if that is too late.
pub(super) fn start(problem: &Problem, visit: Visit, arrival: i64) -> Option<i64> {
    match visit {
        Visit::Reload(..) => Some(arrival),
        Visit::Job(job) => {
            let job = &problem.jobs()[job.index()];
            job.start_of_service(Seconds(arrival)).map(Seconds::get)
        }
    }
}

fn latest_start(problem: &Problem, visit: Visit, bound: i64) -> i64 {
    match visit {
        Visit::Reload(..) => bound,
        Visit::Job(job) => {
            let job = &problem.jobs()[job.index()];
            job.latest_start(Seconds(bound)).map_or(i64::MIN, Seconds::get)
        }
    }
}
