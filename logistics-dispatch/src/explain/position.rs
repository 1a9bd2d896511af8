//! The constraints that hang on where in a route a job would stand.

use super::Block;
use crate::problem::{JobIndex, Problem, Vehicle};
use crate::schedule::{Schedule, schedule};
use crate::solution::Route;
use crate::units::Seconds;

/// One position that is still possible, and the route as it would be driven.
struct Trial {
    at: usize,
    times: Schedule,
}

/// Drops the trials that break a limit; if all do, the least excess.
fn keep<T: Ord + Copy + Default>(
    trials: &mut Vec<Trial>,
    excess: impl Fn(&Trial) -> T,
) -> Option<T> {
    let least = trials.iter().map(&excess).min()?;
    if least > T::default() {
        return Some(least);
    }
    trials.retain(|trial| excess(trial) <= T::default());
    None
}

pub(super) fn block(
    problem: &Problem,
    vehicle: &Vehicle,
    route: &Route,
    job: JobIndex,
    positions: Vec<usize>,
) -> Block {
    let mut trials: Vec<Trial> = positions
        .into_iter()
        .map(|at| {
            let mut jobs = route.jobs.clone();
            jobs.insert(at, job);
            let times = schedule(problem, &Route { vehicle: route.vehicle, jobs });
            Trial { at, times }
        })
        .collect();
    if let Some(limit) = vehicle.max_travel_time
        && let Some(short) = keep(&mut trials, |trial| trial.times.travel_time - limit)
    {
        return Block::TravelTime { short };
    }
    if let Some(limit) = vehicle.max_distance
        && let Some(short) = keep(&mut trials, |trial| trial.times.distance - limit)
    {
        return Block::Distance { short };
    }
    if let Some(late) = keep(&mut trials, |trial| trial.times.stops[trial.at].late) {
        return Block::Window { late };
    }
    let worst = |trial: &Trial| {
        let later = trial.times.stops.iter().skip(trial.at + 1);
        later.map(|stop| (stop.late, Some(stop.job))).max().unwrap_or_default()
    };
    if let Some(least) = trials.iter().map(worst).min()
        && let (late @ Seconds(1..), Some(job)) = least
    {
        return Block::LaterStop { job, late };
    }
    trials.retain(|trial| worst(trial).0 <= Seconds::ZERO);
    match keep(&mut trials, |trial| trial.times.finish - vehicle.shift.end) {
        Some(late) => Block::ShiftEnd { late },
        None => Block::Fits,
    }
}
