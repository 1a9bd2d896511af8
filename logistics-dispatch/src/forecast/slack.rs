//! By how much a stop may be put off with everything behind it still in time.

use crate::problem::{Location, Problem, Vehicle};
use crate::rests::{ByTaken, NEVER, TOO_LATE, arrivals, latest_departures};
use crate::schedule::Schedule;
use crate::solution::Route;
use crate::units::Seconds;
use crate::visits::{Visit, ahead};

/// Per stop the forward slack; none for what is served. Breaks go where they leave most.
pub(super) fn forward_slacks(problem: &Problem, route: &Route, times: &Schedule) -> Vec<Seconds> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let visits = ahead(problem, route);
    let early = earliest(problem, vehicle, &visits);
    let all = vehicle.breaks.len();
    let mut bounds = TOO_LATE;
    bounds[all] = vehicle.shift.end.get();
    let mut next = vehicle.end;
    let mut worst = times.finish - vehicle.shift.end;
    let mut stops = times.stops.iter().rev();
    let mut slacks = vec![Seconds::ZERO; times.stops.len()];
    for (&visit, early) in visits.iter().zip(&early).rev() {
        let place = visit.location(problem);
        let drive = duration(problem, vehicle, (Some(place), next));
        bounds = latest_departures(&vehicle.breaks, &bounds[..=all], drive);
        next = Some(place);
        for bound in &mut bounds[..=all] {
            *bound = bound.saturating_sub(visit.service(problem));
        }
        let Visit::Job(job) = visit else { continue };
        for bound in &mut bounds[..=all] {
            let latest = problem.jobs()[job.index()].latest_start_in_time(Seconds(*bound));
            *bound = latest.filter(|_| *bound > i64::MIN).map_or(i64::MIN, Seconds::get);
        }
        let Some(stop) = stops.next() else { continue };
        worst = worst.max(stop.late);
        let reachable = bounds.iter().zip(early).filter(|(bound, early)| early <= bound);
        let latest = reachable.map(|(&bound, _)| Seconds(bound)).max();
        let slack = latest.map(|latest| latest - stop.start);
        let slack = slack.filter(|&slack| slack >= Seconds::ZERO);
        slacks[stops.len()] = slack.unwrap_or(Seconds::ZERO - worst);
    }
    slacks
}

/// Per visit the earliest beginning of service, by breaks taken; whoever is late is served
/// on arrival.
fn earliest(problem: &Problem, vehicle: &Vehicle, visits: &[Visit]) -> Vec<ByTaken> {
    let all = vehicle.breaks.len();
    let mut ready = NEVER;
    ready[0] = vehicle.shift.start.get();
    let mut at = vehicle.start;
    let served = |&visit: &Visit| {
        let place = visit.location(problem);
        let drive = duration(problem, vehicle, (at, Some(place)));
        let mut starts = arrivals(&vehicle.breaks, &ready[..=all], drive);
        at = Some(place);
        for (start, ready) in starts.iter_mut().zip(&mut ready) {
            if let (Visit::Job(job), true) = (visit, *start < i64::MAX) {
                let begun = problem.jobs()[job.index()].start_of_service(Seconds(*start));
                *start = begun.map_or(*start, Seconds::get);
            }
            *ready = start.saturating_add(visit.service(problem));
        }
        starts
    };
    visits.iter().map(served).collect()
}

fn duration(
    problem: &Problem,
    vehicle: &Vehicle,
    (from, to): (Option<Location>, Option<Location>),
) -> i64 {
    let (Some(from), Some(to)) = (from, to) else { return 0 };
    problem.duration(vehicle.profile, from, to).get()
}
